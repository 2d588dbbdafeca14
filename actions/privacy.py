"""What is kept of a person: delete it, after a question, or hand it out.

An action sees only the last turns, and what it returns is stored: so it says what is to be done,
and that is done once the turn is stored (``bot/privacy.py``).
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import button, last_action, phrase, resume_form
from actions.wishes import Named

# Under these names what has to be done is found in an answer.
DELETED, EXPORTED = "utter_data_deleted", "utter_data_exported"
_ASK = "action_ask_to_delete"


def was_asked(tracker: Tracker) -> bool:
    """Whether the message answers the question that was asked before it."""
    return last_action(tracker) == _ASK


def delete(dispatcher: CollectingDispatcher) -> list[EventType]:
    """Say that everything is deleted, which makes the channel do it."""
    dispatcher.utter_message(response=DELETED)
    return [SlotSet("knowledge_offer", None)]


class ActionAskToDelete(Action):
    """Ask whether everything is to go; who asks for it twice has answered."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return _ASK

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Ask; only the very next message can say yes."""
        if was_asked(tracker):
            return delete(dispatcher)
        yes, no = (phrase(domain, f"utter_delete_{answer}") for answer in ("yes", "no"))
        dispatcher.utter_message(
            response="utter_delete_ask", buttons=[button(yes, "yes"), button(no, "no")]
        )
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("knowledge_offer", None),
        ]


class ActionExportData(Named, Action):
    """Hand out everything that is kept."""

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Say so; the channel adds the file."""
        dispatcher.utter_message(response=EXPORTED)
        return resume_form(tracker)
