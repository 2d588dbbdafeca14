"""What one message can wish for, alone or beside a second wish."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import entity_value, resume_form, text_of


class Named:
    """An action that is called in the domain as its class is called here."""

    def name(self) -> str:
        """Return the action's name in the domain, "action_try_iris" of ``ActionTryIris``."""
        parts = (f"_{sign.lower()}" if sign.isupper() else sign for sign in type(self).__name__)
        return "".join(parts).strip("_")


class Wish(Named, Action, ABC):
    """An action that is followed by the second wish of the message, if it holds two.

    Attributes:
        intent: what is done when this is the second wish.
    """

    intent: ClassVar[str]
    _of_intent: ClassVar[dict[str, type[Wish]]] = {}

    def __init_subclass__(cls) -> None:
        """Make the wish known by its intent."""
        Wish._of_intent[cls.intent] = cls

    @abstractmethod
    async def do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Do what is wished and return the events."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Do what is wished, then the second wish, then ask again what a form was asking."""
        # Imported late, because what it tells draws pictures, and a picture is a wish.
        from actions.knowledge_telling import offer_also

        events = await self.do(dispatcher, tracker, domain)
        also = entity_value(tracker, "also") or {}
        if other := self._of_intent.get(also.get("intent", "")):
            events += await other().do(dispatcher, _next(tracker, events, also), domain)
        else:
            events += offer_also(dispatcher, tracker, domain)
        ends = any(event["event"] == "active_loop" for event in events)
        return events if ends else [*events, *resume_form(tracker)]


def _next(tracker: Tracker, events: list[EventType], also: dict[str, Any]) -> Tracker:
    """Return the conversation as the second wish finds it."""
    slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    said = [{"entity": name, "value": value} for name, value in also.items()]
    return Tracker(
        tracker.sender_id,
        {**tracker.slots, **slots},
        {"text": text_of(tracker), "intent": {"name": also["intent"]}, "entities": said},
        [*tracker.events, *events],
        tracker.is_paused(),
        tracker.followup_action,
        tracker.active_loop,
        tracker.latest_action_name,
    )
