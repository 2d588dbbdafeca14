"""What several actions share: reading the last message and going back to a form."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction

Button = dict[str, str]


def button(title: str, payload: str | None = None) -> Button:
    """Return a button that sends a text which the person could have typed."""
    return {"title": title, "payload": payload or title}


def intent_name(tracker: Tracker) -> str:
    """Return the intent of the last message."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def confidence(tracker: Tracker) -> float:
    """Return how sure the classifier was of the last message."""
    return float((tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)


def text_of(tracker: Tracker) -> str:
    """Return the last message as it was typed."""
    return str(tracker.latest_message.get("text") or "")


def entity_values(tracker: Tracker, entity: str) -> list[Any]:
    """Return the values of every entity of a kind in the last message."""
    found = tracker.latest_message.get("entities") or []
    return [item.get("value") for item in found if item.get("entity") == entity]


def entity_value(tracker: Tracker, entity: str) -> Any:
    """Return the first value of an entity in the last message, None if there is none."""
    return next(iter(entity_values(tracker, entity)), None)


def active_form(tracker: Tracker) -> str | None:
    """Return the form that is waiting for something, if any."""
    name = (tracker.active_loop or {}).get("name")
    return str(name) if name else None


def last_action(tracker: Tracker) -> str | None:
    """Return what the assistant did last before the message it answers now."""
    heard = False
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            if heard:
                return None
            heard = True
        elif heard and event.get("event") == "action" and event.get("name") != "action_listen":
            return str(event["name"])
    return None


def resume_form(tracker: Tracker) -> list[EventType]:
    """Return what makes an interrupted form ask again, after the interruption was answered."""
    form = active_form(tracker)
    return [FollowupAction(form)] if form else []


def percent(share: float, digits: int = 0) -> str:
    """Return a share between 0 and 1 as all answers write it: ``92.2 %``."""
    return f"{100 * share:.{digits}f} %"


def spoken(feature: str) -> str:
    """Return a feature's name as it is said."""
    return feature.replace("_", " ")


def phrase(domain: dict[str, Any], response: str) -> str:
    """Return the wording of a response that holds a fragment, such as a button's title."""
    variations = (domain.get("responses") or {}).get(response) or [{}]
    return str(variations[0].get("text") or "")
