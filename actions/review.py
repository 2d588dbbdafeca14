"""Classify what a person thinks of a film."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import (
    active_form,
    confidence,
    entity_value,
    intent_name,
    last_action,
    text_of,
)
from models import review
from models.review import explain

logger = logging.getLogger(__name__)

# While a review is awaited almost everything is the review. These are not: what the guard
# decided, a short way out, and a short question that is understood well.
_DECIDED = ("empty_message", "too_long", "unknown_command")
_WAYS_OUT = ("cancel", "ask_help", "list_topics", "deny", "affirm", "thank", "greet")
_QUESTIONS = ("ask_topic", "ask_accuracy", "ask_help", "list_topics", "classify_review")
_QUESTION = re.compile(
    r"\?\s*$"
    r"|^\W*(?:(?:actually|wait|ok(?:ay)?|and|but|so|first|hm+|sorry|by the way|one question)\W+)*"
    r"(?:what|how|why|when|which|who|is|are|do|does|can|could|tell|explain)\b"
    r"|\b(?:what|how|why|which|can you|could you)\b[^?]*\?",
    re.I,
)
# What is asked of the assistant itself is no opinion on a film.
_ABOUT_ASSISTANT = re.compile(
    r"\b(?:you|your)\b.{0,80}\b(?:train\w*|network|model|data|accura\w*|sure|certain|layers?|algorithm"
    r"|work)\b|\b(?:train\w*|network|model|data|accura\w*|layers?|algorithm)\b.{0,80}\b(?:you|your)\b",
    re.I | re.S,
)
_ASKS = re.compile(
    r"\b(?:classif\w+|reviews?|sentiment|judge|rate|rating|analy[sz]e|check|test|demo|positive|negative"
    r"|opinion|model|predict|you|your)\b",
    re.I,
)
_OTHER_DEMO = ("predict_iris", "try_iris", "show_picture")
_SURE, _LIKELY = 0.6, 0.4
_MOST_WORDS_OUT, _MOST_WORDS_CANCEL, _MOST_WORDS_OTHER = 4, 9, 12
_MOST_WORDS_QUESTION = 25
# So many words are told and not asked; fewer than three are no verdict.
_A_PARAGRAPH, _FEWEST_WORDS = 25, 3
# So clearly, as a logit, must a short one be an opinion on a film: one in fifty messages that are
# about something else is.
_CLEARLY = 4.0
# "Here it comes: ..." before the review that was asked for; more than that is part of it.
_MOST_WORDS_ANNOUNCING = 8


async def interrupts(tracker: Tracker) -> bool:
    """Whether the last message is something else than the awaited review."""
    intent, text = intent_name(tracker), text_of(tracker)
    if intent in _DECIDED or text.strip().startswith("/"):
        return True
    words = len(text.split())
    most = _MOST_WORDS_CANCEL if intent == "cancel" else _MOST_WORDS_OUT
    if intent in _WAYS_OUT and words <= most:
        return confidence(tracker) >= _SURE and not await reads_as_review(text)
    if intent in _OTHER_DEMO and words <= _MOST_WORDS_OTHER and confidence(tracker) >= _SURE:
        return True
    if words > _MOST_WORDS_QUESTION or not _QUESTION.search(text):
        return False
    understood = intent in _QUESTIONS and confidence(tracker) >= _LIKELY
    return understood or bool(_ABOUT_ASSISTANT.search(text)) or _says_nothing_of_films(text)


def _says_nothing_of_films(question: str) -> bool:
    try:
        return review.classify(question).label == "no_opinion"
    except review.ReviewModelError:
        return False


async def reads_as_review(text: str) -> bool:
    """Whether a text that nobody asked for is an opinion on a film; a short one must be clear."""
    words = len(text.split())
    if words < _FEWEST_WORDS:
        return False
    try:
        verdict = await asyncio.to_thread(review.classify, text)
    except review.ReviewModelError:
        return False
    if verdict.label == "no_opinion":
        return False
    return words >= _A_PARAGRAPH or verdict.opinion >= _CLEARLY


async def pasted_review(text: str) -> bool:
    """Whether what was taken for a request is the review itself."""
    if len(text.split()) >= _A_PARAGRAPH:  # nobody needs so many words to ask
        return True
    return not _ASKS.search(text) and await reads_as_review(text)


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
        verdict = await asyncio.to_thread(review.classify, text)
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
        if not awaited or await interrupts(tracker):
            return []
        return [SlotSet("review_text", text_of(tracker))]


class ActionClassifyReview(Action):
    """Classify the review that the form collected."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_classify_review"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the verdict and make room for the next review."""
        text = str(tracker.get_slot("review_text") or "")
        await tell_verdict(dispatcher, text)
        return [SlotSet("review_text", None), SlotSet("review_last", text)]


class ActionClassifyOpinion(Action):
    """Classify an opinion that was typed without asking for anything."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_classify_opinion"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the verdict on the message itself."""
        await tell_verdict(dispatcher, text_of(tracker))
        return [SlotSet("review_last", text_of(tracker))]
