"""One turn with the assistant, and what it did in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered

from bot.assistant import Assistant
from models.knowledge import JOINT

_TELLING = ("utter_concept", "utter_side_by_side", "utter_picture")


@dataclass(frozen=True)
class Turn:
    """What the assistant did with one message.

    Attributes:
        intent: what it took the message for.
        confidence: how sure it was, 0 to 1.
        actions: the actions that ran.
        responses: the responses of the domain that were said.
        slots: everything it remembers after the turn.
        texts: what it said.
        buttons: the titles it offered.
    """

    intent: str
    confidence: float
    actions: tuple[str, ...]
    responses: tuple[str, ...]
    slots: dict[str, Any]
    texts: tuple[str, ...]
    buttons: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """The concepts of the block that was told, none if the turn told none."""
        # What is said again has no name.
        again = "action_follow_up" in self.actions and "" in self.responses
        if not again and not any(name.startswith(_TELLING) for name in self.responses):
            return ()
        recent = self.slots.get("knowledge_recent") or []
        if "utter_side_by_side" in self.responses:
            return tuple(recent[:2])
        return tuple(recent[0].split(JOINT)) if recent else ()

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides of that block that were told so far, the newest last."""
        return tuple(self.slots.get("knowledge_told") or ())

    @property
    def declined(self) -> bool:
        """Whether it said that it does not know, or asked what was meant."""
        refusals = ("utter_out_of_scope", "utter_unknown_name", "utter_foreign", "utter_distress")
        return not set(refusals).isdisjoint(self.responses)


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
        actions=tuple(event.action_name for event in turn if isinstance(event, ActionExecuted)),
        responses=tuple(str(event.metadata.get("utter_action") or "") for event in said),
        slots={name: slot.value for name, slot in tracker.slots.items()},
        texts=tuple(str(message.get("text") or "") for message in messages),
        buttons=tuple(
            str(button["title"]) for message in messages for button in message.get("buttons") or ()
        ),
    )
