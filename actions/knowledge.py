"""Answer questions about the topics, list them, and ask back where several could be meant."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.knowledge_telling import current_topic, tell
from actions.offers import offer_also, offer_of
from actions.replies import button, entity_value, resume_form
from actions.review import judged_unasked
from models.knowledge import GROUPS, library

MOST_OFFERS = 3
# An offer far less likely than the best one only distracts.
OFFER_RATIO = 0.25
_FEW_WORDS = 3
# So many words without a question may be a review that speaks of learning, models or depth.
_A_STORY = 25
_LEANING = re.compile(
    r"^\W*(?:and|so|but|also)\b|\b(?:it|its|they|their|them|that|this|those)\b", re.IGNORECASE
)
_MORE = re.compile(r"\bmore (?:about|on|details?)\b", re.IGNORECASE)


class ActionAnswerTopic(Action):
    """Answer a question about a topic."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_answer_topic"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Choose the variant that the words or the conversation mean, and tell it."""
        told = str(tracker.latest_message.get("text") or "")
        tells = len(told.split()) >= _A_STORY and "?" not in told
        if tells and (judged := await judged_unasked(dispatcher, tracker)):
            return judged
        subject = entity_value(tracker, "topic")
        try:
            context = tracker.get_slot("knowledge_field")
            named = (
                entity_value(tracker, "field")
                or (context if _leans(tracker) else None)
                or entity_value(tracker, "likely_field")
            )
            topic = library().resolve(str(subject), named, context)
        except KeyError:
            dispatcher.utter_message(response="utter_out_of_scope")
            return resume_form(tracker)
        aspect = entity_value(tracker, "aspect")
        text = str(tracker.latest_message.get("text") or "")
        if aspect is None and topic == current_topic(tracker) and _MORE.search(text):
            aspect = "more"
        events = await tell(dispatcher, tracker, topic, aspect)
        return [*events, *offer_also(dispatcher, tracker, domain), *resume_form(tracker)]


def _leans(tracker: Tracker) -> bool:
    """Whether the message leaves out which field it means because that was said before."""
    text = str(tracker.latest_message.get("text") or "")
    return len(text.split()) <= _FEW_WORDS or _LEANING.search(text) is not None


class ActionListTopics(Action):
    """List what can be asked: everything by group, or one group in full."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_list_topics"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Choose the groups that the words name."""
        text = str(tracker.latest_message.get("text") or "").lower()
        field = entity_value(tracker, "field")
        if "iris" in text or "scikit" in text:
            groups: tuple[str, ...] = ("iris_walkthrough",)
        elif any(word in text for word in ("keras", "tensorflow", "imdb")):
            groups = ("keras_walkthrough",)
        elif "chart" in text or "row" in text or "differ" in text:
            groups = ("chart",)
        elif field in ("ml", "dl"):
            groups = (f"{field}_aspects",)
        else:
            groups = GROUPS
        if len(groups) == 1:
            titles = [f"- {title}" for title in _titles(groups[0])]
            dispatcher.utter_message(
                response=f"utter_topics_{groups[0]}", count=len(titles), titles="\n".join(titles)
            )
        else:
            lists = {name: ", ".join(_titles(name)) for name in groups}
            dispatcher.utter_message(response="utter_topics", count=len(library().topics), **lists)
        return resume_form(tracker)


def _titles(group: str) -> list[str]:
    if group == "chart":  # one line a row of the chart, not one for each field
        return [topic.title for topic in library().group(group) if topic.field == "both"]
    return [topic.title for topic in library().group(group)]


class ActionOfferTopics(Action):
    """Ask back when several things could be meant, and say so when none is likely."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_offer_topics"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Offer the likeliest topics as buttons, unless the message is a review."""
        if judged := await judged_unasked(dispatcher, tracker):
            return [*judged, *_done(tracker)]
        ranking = tracker.latest_message.get("intent_ranking") or []
        best = max((entry.get("confidence", 0.0) for entry in ranking), default=0.0)
        likely = [entry for entry in ranking if entry.get("confidence", 0.0) >= OFFER_RATIO * best]
        named = entity_value(tracker, "field") or entity_value(tracker, "likely_field")
        found = [offer_of({**entry, "field": named}, tracker, domain) for entry in likely]
        titles = list(dict.fromkeys(title for title in found if title))[:MOST_OFFERS]
        if not titles:
            dispatcher.utter_message(response="utter_out_of_scope")
            return _done(tracker)
        dispatcher.utter_message(
            response="utter_did_you_mean", buttons=[button(title) for title in titles]
        )
        return [SlotSet("knowledge_offer", titles), *_done(tracker)]


def _done(tracker: Tracker) -> list[EventType]:
    """Return what ends the turn: this is also what the policy falls back to, again and again."""
    return resume_form(tracker) or [FollowupAction("action_listen")]
