"""Tell a topic, and know which one was told last."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import show
from actions.replies import button
from models.knowledge import Topic, library

# What a demonstration showed, by the slot that it leaves behind, or by its form.
_DEMONSTRATED = {
    "iris_experiment": "iris_knn",
    "review_last": "imdb_layers",
    "iris_form": "iris_knn",
    "review_form": "imdb_layers",
}


def remember(topic: Topic, offer: list[str]) -> list[EventType]:
    """Return the events that make a topic the one the conversation is about."""
    events: list[EventType] = [
        SlotSet("knowledge_topic", topic.name),
        SlotSet("knowledge_offer", offer or None),
    ]
    if topic.field != "both":
        events.append(SlotSet("knowledge_field", topic.field))
    return events


def current_topic(tracker: Tracker) -> Topic | None:
    """Return the topic that was answered last, else that of the last demonstration, if any."""
    topics = library()
    form = (tracker.active_loop or {}).get("name")
    name = (
        tracker.get_slot("knowledge_topic")
        or next((name for slot, name in _DEMONSTRATED.items() if tracker.get_slot(slot)), None)
        or _DEMONSTRATED.get(str(form))
    )
    return topics[name] if name in topics else None  # noqa: SIM401 - Library has no get


# What "tell me more" goes on to when it was told.
_GOES_ON_TO = ("more", "example", "why", "simple", "code")


def untold(tracker: Tracker, topic: Topic, aspect: str) -> str | None:
    """Return the side of the current topic to tell, one that was not told yet if possible.

    Args:
        tracker: holds what was said.
        topic: the current topic.
        aspect: the side that was asked for.

    Returns:
        The aspect itself unless the last answer was that side; None if all were told.
    """
    told: list[str] = []
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("name") == "knowledge_topic":
            if event.get("value") != topic.name:
                break
        elif event.get("event") == "bot":
            said = str((event.get("metadata") or {}).get("utter_action") or "")
            told.append(said.removeprefix("utter_topic_").removeprefix("first_"))
    if aspect not in (told if aspect == "more" else told[:1]):
        return aspect
    left = (name for name in _GOES_ON_TO if name in topic.aspects and name not in told)
    return next(left, None)


async def tell(
    dispatcher: CollectingDispatcher, tracker: Tracker, topic: Topic, aspect: str | None = None
) -> list[EventType]:
    """Send a topic, or one side of it, with buttons for where to go next."""
    next_topics = [library()[name] for name in topic.related if name in library()]
    counterpart = library().counterpart(topic)
    if counterpart and counterpart not in next_topics:
        next_topics.insert(0, counterpart)
    buttons = [button(other.title) for other in next_topics[:4]]
    events = remember(topic, [other.title for other in next_topics[:1]])
    if aspect == "picture" and topic.picture:
        await show(dispatcher, tracker, topic.picture, buttons=buttons)
        return events
    values: dict[str, Any] = {"title": topic.title, "answer": topic.answer, "detail": topic.detail}
    if topic.is_code and aspect in (None, "code"):
        response = "utter_topic_with_code"
        values["code"] = topic.aspects["code"]
    elif aspect in topic.aspects:
        response = f"utter_topic_{aspect}"
        if aspect == "why" and topic != current_topic(tracker):
            response = "utter_topic_first_why"  # the reason alone would hang in the air
        values["aspect"] = topic.aspects[aspect]
    else:
        response = "utter_topic_no_picture" if aspect == "picture" else "utter_topic"
        if aspect in ("code", "example"):
            response = f"utter_topic_no_{aspect}"
    dispatcher.utter_message(response=response, buttons=buttons, **values)
    return events
