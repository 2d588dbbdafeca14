"""Classify what a person thinks of a film."""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import (
    active_form,
    entity_value,
    intent_name,
    last_action,
    text_of,
)
from actions.wishes import Named
from models import review
from models.review import explain

logger = logging.getLogger(__name__)

# So many words are told and not asked; fewer than three are no verdict.
_A_PARAGRAPH, _FEWEST_WORDS = 25, 3
# A short one must be an opinion this clearly, as a logit. One in fifty messages that are about
# something else are.
_CLEARLY = 4.3
# "Here it comes: ..." before the review that was asked for; more than that is part of it.
_MOST_WORDS_ANNOUNCING = 8


@lru_cache(maxsize=16)
def judged(text: str) -> review.Verdict:
    """Judge a text; one message is asked about several times."""
    return review.classify(text)


async def reads_as_review(text: str) -> bool:
    """Whether a text that nobody asked for is an opinion on a film; a short one must be clear."""
    words = len(text.split())
    if words < _FEWEST_WORDS:
        return False
    try:
        verdict = await asyncio.to_thread(judged, text)
    except review.ReviewModelError:
        return False
    if verdict.label == "no_opinion":
        return False
    return words >= _A_PARAGRAPH or verdict.opinion >= _CLEARLY


async def pasted_review(text: str) -> bool:
    """Whether what was taken for a request is the review itself."""
    if len(text.split()) >= _A_PARAGRAPH:  # nobody needs so many words to ask
        return True
    return await reads_as_review(text)


async def judged_unasked(
    dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[EventType] | None:
    """Judge a message that nothing else was made of, None if it does not read as a review."""
    text = text_of(tracker)
    if active_form(tracker) not in (None, "review_form") or not await reads_as_review(text):
        return None
    await tell_verdict(dispatcher, text)
    done = [SlotSet("review_text", None), SlotSet("review_last", text)]
    return [ActiveLoop(None), SlotSet("requested_slot", None), *done]


_VERDICTS = (
    "action_classify_review",
    "action_classify_opinion",
    "action_explain_review",
    "action_compare_review_models",
)


def follows_verdict(tracker: Tracker) -> bool:
    """Whether the last thing that the assistant did was to speak about a review."""
    return last_action(tracker) in _VERDICTS


async def tell_verdict(dispatcher: CollectingDispatcher, text: str) -> None:
    """Classify a text and say how it comes out."""
    try:
        verdict = await asyncio.to_thread(judged, text)
    except review.ReviewModelError:
        logger.exception("The review model cannot be used")
        dispatcher.utter_message(response="utter_review_unavailable")
        return
    if verdict.reason == "foreign":
        dispatcher.utter_message(response="utter_review_foreign")
        return
    positive = round(verdict.probability * 100)
    driving = explain.driving(text, verdict)
    if driving.praise or driving.blame:
        sides = [side for side in ("praise", "blame") if getattr(driving, side)]
        dispatcher.utter_message(
            response="utter_review_words_" + "_and_".join(sides),
            praise=", ".join(driving.praise),
            blame=", ".join(driving.blame),
        )
    mixed = "_mixed" if verdict.label == "unsure" and verdict.reason == "mixed" else ""
    dispatcher.utter_message(
        response=f"utter_review_{verdict.label}{mixed}",
        positive=positive,
        negative=100 - positive,
    )


class ValidateReviewForm(FormValidationAction):
    """Take the review from a message."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "validate_review_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Return the review, or nothing when the person said something else."""
        carried = entity_value(tracker, "review")
        awaited = tracker.get_slot("requested_slot") == "review_text"
        if carried and intent_name(tracker) == "classify_review":
            around = len(text_of(tracker).split()) - len(str(carried).split())
            whole = awaited and around > _MOST_WORDS_ANNOUNCING
            return [SlotSet("review_text", text_of(tracker) if whole else carried)]
        if not awaited and intent_name(tracker) == "classify_review":
            pasted = await pasted_review(text_of(tracker))
            return [SlotSet("review_text", text_of(tracker))] if pasted else []
        if not awaited or entity_value(tracker, "answers") != "review_form":
            return []
        return [SlotSet("review_text", text_of(tracker))]


class ActionClassifyReview(Named, Action):
    """Classify the review that the form collected."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the verdict and make room for the next review."""
        text = str(tracker.get_slot("review_text") or "")
        await tell_verdict(dispatcher, text)
        return [SlotSet("review_text", None), SlotSet("review_last", text)]


class ActionClassifyOpinion(Named, Action):
    """Classify an opinion that was typed without asking for anything."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the verdict on the message itself."""
        await tell_verdict(dispatcher, text_of(tracker))
        return [SlotSet("review_last", text_of(tracker))]
