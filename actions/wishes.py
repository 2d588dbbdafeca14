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
    """An action that is followed by the other wishes of the message, if it holds several.

    Attributes:
        intent: what is done when this is another wish.
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
        """Do what is wished, then what else the message wishes; ask again what a form asked."""
        events = await self.do(dispatcher, tracker, domain)
        events += await do_also(dispatcher, tracker, domain, events)
        ends = any(event["event"] == "active_loop" for event in events)
        return events if ends else [*events, *resume_form(tracker)]


async def do_also(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    events: list[EventType],
) -> list[EventType]:
    """Do what a message wishes beside what was just done, which left ``events``.

    What cannot be done at once is offered.
    """
    # Imported late, because what it tells draws pictures, and a picture is a wish.
    from actions.knowledge_telling import offer

    more: list[EventType] = []
    for wish in entity_value(tracker, "also") or ():
        if action := Wish._of_intent.get(wish["intent"]):
            more += await action().do(dispatcher, _next(tracker, [*events, *more], wish), domain)
        else:
            more += offer(dispatcher, wish, domain)
    return more


def _next(tracker: Tracker, events: list[EventType], also: dict[str, Any]) -> Tracker:
    """Return the conversation as a further wish finds it."""
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
