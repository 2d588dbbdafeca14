"""Say how accurate the models are, from what was measured."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.iris_state import recipe_asked, recipe_of, remember_experiment
from actions.iris_telling import score_values
from actions.replies import entity_value, percent
from actions.wishes import Wish
from models import iris, review

logger = logging.getLogger(__name__)


class ActionReportAccuracy(Wish):
    """Report the accuracy of the model that is meant, or of each."""

    intent = "ask_accuracy"

    async def do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Say what was measured, on what, on how many, and how certain that is."""
        model = entity_value(tracker, "model")
        named = [model] if model in ("iris", "review") else ["iris", "review"]
        if entity_value(tracker, "k") is not None:
            named = ["iris"]
        recipe, own = recipe_asked(dispatcher, tracker), recipe_of(tracker)
        if "iris" in named:
            measured = await asyncio.to_thread(iris.accuracy, recipe)
            dispatcher.utter_message(
                response="utter_accuracy_iris", k=recipe.k, **score_values(measured)
            )
            if recipe != own:
                dispatcher.utter_message(response="utter_accuracy_other_k", own=own.k, k=recipe.k)
        if "review" in named:
            self._report_review(dispatcher)
        return [remember_experiment("accuracy", (recipe.k,))] if "iris" in named else []

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
                accuracy=percent(score.accuracy, 1),
                low=percent(score.accuracy_low, 1),
                high=percent(score.accuracy_high, 1),
                total=f"{score.n:,}",
            )
