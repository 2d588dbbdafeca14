"""Greetings, help, thanks, yes and no, cancel, and everything outside the subject."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import privacy
from actions.iris_state import clear_form
from actions.knowledge_telling import tell
from actions.replies import (
    active_form,
    button,
    confidence,
    intent_name,
    phrase,
    resume_form,
    text_of,
)
from actions.review import judged_unasked
from actions.wishes import Named
from models.knowledge import library
from models.review.language import is_foreign

# What a short opinion is easily taken for.
_MAYBE_REVIEW = ("out_of_scope", "goodbye")
_CERTAIN = 0.9
# After these nobody is asked for anything any more; what was given stays for the next time.
_LEAVING = ("goodbye", "distress", "refuse")


class ActionSmallTalk(Named, Action):
    """Say the response that carries the intent's name."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Answer, then go back to a form that was interrupted."""
        intent = intent_name(tracker)
        if intent == "out_of_scope" and is_foreign(text_of(tracker)):
            dispatcher.utter_message(response="utter_foreign")
            return resume_form(tracker)
        unsure = intent in _MAYBE_REVIEW and confidence(tracker) < _CERTAIN
        if unsure and (judged := await judged_unasked(dispatcher, tracker)):
            return judged
        dispatcher.utter_message(response=f"utter_{intent}")
        if intent in _LEAVING:
            return [ActiveLoop(None), SlotSet("requested_slot", None)]
        return resume_form(tracker)


class ActionAffirm(Named, Action):
    """Take a yes as the first thing that was offered."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the topic that was offered, start the demo that was, or ask what is meant."""
        if privacy.was_asked(tracker):
            return privacy.delete(dispatcher)
        offers = tracker.get_slot("knowledge_offer") or []
        if active_form(tracker) or not offers:
            dispatcher.utter_message(response="utter_yes_to_what")
            return resume_form(tracker)
        if offers[0] == phrase(domain, "utter_offer_predict_iris"):
            return [SlotSet("knowledge_offer", None), FollowupAction("iris_form")]
        if offers[0] == phrase(domain, "utter_offer_classify_review"):
            return [SlotSet("knowledge_offer", None), FollowupAction("review_form")]
        if offers[0] not in library():
            dispatcher.utter_message(
                response="utter_yes_to_what", buttons=[button(offer) for offer in offers]
            )
            return []
        told = await tell(dispatcher, tracker, domain, offers[0])
        return [*told, SlotSet("knowledge_offer", None)]


class ActionDeny(Named, Action):
    """Take a no as turning down what was offered."""

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Forget the offer and say what else there is."""
        dispatcher.utter_message(response="utter_deny")
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("knowledge_offer", None),
        ]


class ActionCancel(Named, Action):
    """Leave whatever form is open."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Close the form and forget what it had collected, unless the message is a review."""
        if judged := await judged_unasked(dispatcher, tracker):  # "don't bother, it is rubbish"
            return judged
        running = active_form(tracker)
        response = "utter_cancelled" if running else "utter_nothing_to_cancel"
        dispatcher.utter_message(response=response)
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("review_text", None),
            SlotSet("knowledge_offer", None),
            *clear_form(),
        ]


class ActionRecordFeedback(Named, Action):
    """Thank for what a person says about an answer: it is kept with the conversation."""

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Thank for the remark, and offer a next step."""
        dispatcher.utter_message(response="utter_feedback")
        return resume_form(tracker)
