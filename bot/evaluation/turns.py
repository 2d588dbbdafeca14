"""One turn with the assistant, and what it did in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered

from bot.assistant import Assistant

_ELSEWHERE = "utter_topic_one_field"  # says that the topic has no such side


@dataclass(frozen=True)
class Turn:
    """What the assistant did with one message.

    Attributes:
        intent: what it took the message for.
        confidence: how sure it was, 0 to 1.
        ranking: what else was possible, best first.
        actions: the actions that ran.
        responses: the responses of the domain that were said.
        slots: everything it remembers after the turn.
        texts: what it said.
        buttons: the titles it offered.
    """

    intent: str
    confidence: float
    ranking: tuple[dict[str, Any], ...]
    actions: tuple[str, ...]
    responses: tuple[str, ...]
    slots: dict[str, Any]
    texts: tuple[str, ...]
    buttons: tuple[str, ...]

    @property
    def topic(self) -> str | None:
        """The topic that was told, None if the turn told none."""
        told = any(
            name == "utter_topic" or (name.startswith("utter_topic_") and name != _ELSEWHERE)
            for name in self.responses
        )
        # A picture of a topic has its own words, and what is said again has no name.
        shown = "action_follow_up" in self.actions and any(
            name == "" or name.startswith("utter_picture") for name in self.responses
        )
        return self.slots.get("knowledge_topic") if told or shown else None


async def take(assistant: Assistant, sender: str, text: str) -> Turn:
    """Say something in a conversation and return what came of it."""
    messages = await assistant.reply(sender, text)
    tracker = await assistant.tracker(sender)
    events = list(tracker.events)
    start = max(number for number, event in enumerate(events) if isinstance(event, UserUttered))
    heard, turn = events[start], events[start:]
    said = [event for event in turn if isinstance(event, BotUttered)]
    return Turn(
        intent=str(heard.intent.get("name")),
        confidence=float(heard.intent.get("confidence") or 0.0),
        ranking=tuple(heard.parse_data.get("intent_ranking") or ()),
        actions=tuple(event.action_name for event in turn if isinstance(event, ActionExecuted)),
        responses=tuple(str(event.metadata.get("utter_action") or "") for event in said),
        slots={name: slot.value for name, slot in tracker.slots.items()},
        texts=tuple(str(message.get("text") or "") for message in messages),
        buttons=tuple(
            str(button["title"]) for message in messages for button in message.get("buttons") or ()
        ),
    )
