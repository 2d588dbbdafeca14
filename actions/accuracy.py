"""Say how accurate the models are, from what was measured."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.iris_state import recipe_of, remember_experiment
from actions.knowledge_telling import offer_also
from actions.replies import entity_value, resume_form
from models import iris, review

logger = logging.getLogger(__name__)


class ActionReportAccuracy(Action):
    """Report the accuracy of the model that is meant, or of each."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_report_accuracy"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Say what was measured, on what, on how many, and how certain that is."""
        model = entity_value(tracker, "model")
        named = [model] if model in ("iris", "review") else ["iris", "review"]
        if "iris" in named:
            measured = await asyncio.to_thread(iris.accuracy, recipe_of(tracker))
            crossed = measured.cross_validation
            dispatcher.utter_message(
                response="utter_accuracy_iris",
                k=measured.recipe.k,
                share=f"{measured.share:.2f}",
                correct=measured.correct,
                total=measured.total,
                low=f"{measured.low:.0%}",
                high=f"{measured.high:.0%}",
                cross=f"{crossed.mean:.3f}",
                cross_low=f"{crossed.low:.3f}",
                cross_high=f"{crossed.high:.3f}",
                folds=crossed.folds,
                repeats=crossed.repeats,
            )
        if "review" in named:
            self._report_review(dispatcher)
        done = [remember_experiment("accuracy")] if "iris" in named else []
        return [*done, *offer_also(dispatcher, tracker, domain), *resume_form(tracker)]

    def _report_review(self, dispatcher: CollectingDispatcher) -> None:
        for model in review.models():
            try:
                score = review.metrics(model).test
            except review.ReviewModelError:
                logger.exception("The metrics of a review model cannot be read")
                dispatcher.utter_message(response="utter_review_unavailable")
                continue
            dispatcher.utter_message(
                response=f"utter_accuracy_review_{model}",
                accuracy=f"{score.accuracy:.1%}",
                low=f"{score.accuracy_low:.1%}",
                high=f"{score.accuracy_high:.1%}",
                total=f"{score.n:,}",
            )
