"""Say why a review came out as it did, and what the other model makes of it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import pictures
from actions.alt import alt
from actions.replies import percent, phrase, resume_form
from actions.review import judged
from actions.wishes import Named
from models import review
from models.review import explain

logger = logging.getLogger(__name__)


async def explain_last(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> list[EventType]:
    """Tell which words and sentences drove the last verdict, and send the picture of it."""
    text = tracker.get_slot("review_last")
    if not text:
        dispatcher.utter_message(response="utter_review_none_yet")
        return resume_form(tracker)
    try:
        verdict = await asyncio.to_thread(judged, text)
    except review.ReviewModelError:
        logger.exception("The review model cannot be used")
        dispatcher.utter_message(response="utter_review_unavailable")
        return resume_form(tracker)
    if not verdict.words or not any(map(str.isalpha, text)):
        reason = "no_words" if verdict.label == "no_opinion" else "only_stars"
        dispatcher.utter_message(response=f"utter_review_{reason}")
        return resume_form(tracker)
    summary = explain.summarise(text, verdict)
    dispatcher.utter_message(
        response="utter_review_why",
        **await asyncio.to_thread(_draw, text, verdict),
        marked=summary.marked,
        praise=f"{summary.praise:+.2f}",
        blame=f"{summary.blame:+.2f}",
        bias=f"{verdict.bias:+.2f}",
        sum=f"{summary.praise + summary.blame + verdict.bias:+.2f}",
        positive=percent(verdict.probability),
    )
    if summary.best_sentence and summary.worst_sentence:
        dispatcher.utter_message(
            response="utter_review_why_sentences",
            best=summary.best_sentence,
            worst=summary.worst_sentence,
        )
    return resume_form(tracker)


class ActionExplainReview(Named, Action):
    """Explain the last verdict on a review."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the words, the sentences and their sum."""
        return await explain_last(dispatcher, tracker, domain)


class ActionCompareReviewModels(Named, Action):
    """Show what each model makes of the last review, and how good each one is."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Ask every model; without a review, compare only what was measured."""
        text = tracker.get_slot("review_last")
        try:
            for model in review.models():
                await _tell_model(dispatcher, domain, model, text)
        except review.ReviewModelError:
            logger.exception("A review model cannot be used")
            dispatcher.utter_message(response="utter_review_unavailable")
        return resume_form(tracker)


async def _tell_model(
    dispatcher: CollectingDispatcher, domain: dict[str, Any], model: str, text: str | None
) -> None:
    score = review.metrics(model).test
    values = {
        "model": phrase(domain, f"utter_review_model_{model}"),
        "accuracy": percent(score.accuracy, 1),
        "total": f"{score.n:,}",
    }
    if not text:
        dispatcher.utter_message(response="utter_review_model_accuracy", **values)
        return
    verdict = await asyncio.to_thread(review.classify, text, model)
    dispatcher.utter_message(
        response="utter_review_model_verdict",
        verdict=phrase(domain, f"utter_review_label_{verdict.label}"),
        positive=percent(verdict.probability),
        **values,
    )


def _draw(text: str, verdict: review.Verdict) -> pictures.Picture:
    # matplotlib takes seconds to import, so only who asks for a picture waits for it.
    from models.review.pictures import explained

    return pictures.described(pictures.store(explained(text, verdict)), _seen(text, verdict))


def _seen(text: str, verdict: review.Verdict) -> str:
    words = explain.strongest(text, verdict)
    seen = alt(
        "review",
        positive=percent(verdict.probability),
        fullest=f"{max(abs(word.weight) for word in verdict.words):.2f}",
        praise=", ".join(words.praise) or alt("none"),
        blame=", ".join(words.blame) or alt("none"),
    )
    weights = [sentence.weight for sentence in verdict.sentences]
    if len(weights) < explain.FEWEST_SENTENCES:
        return seen
    most, least = max(weights), min(weights)
    return alt(
        "review_sentences",
        review=seen,
        count=len(weights),
        most=f"{most:+.2f}",
        best=weights.index(most) + 1,
        least=f"{least:+.2f}",
        worst=weights.index(least) + 1,
    )
