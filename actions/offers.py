"""Offer what a person may want next as a button, so that "yes" takes it too."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import button, entity_value, phrase
from models.knowledge import library


def offer_of(entry: dict[str, Any], tracker: Tracker, domain: dict[str, Any]) -> str | None:
    """Return what a button says that leads to an entry of the ranking, if anything does."""
    if entry.get("name") == "ask_topic":
        field = tracker.get_slot("knowledge_field")
        return library().resolve(str(entry.get("detail")), entry.get("field"), field).title
    return phrase(domain, f"utter_offer_{entry.get('name')}") or None


def offer_also(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> list[EventType]:
    """Offer what a message asked for beside the thing that was just answered."""
    also = entity_value(tracker, "also")
    offer = offer_of(also, tracker, domain) if also else None
    if offer is None:
        return []
    dispatcher.utter_message(response="utter_also", other=offer, buttons=[button(offer)])
    return [SlotSet("knowledge_offer", [offer])]
