"""A conversation with single actions: slots follow the events, wording comes from the files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from nlu.entities import of_demonstration

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = {
    "responses": {
        name: texts
        for file in [ROOT / "domain.yml", *sorted((ROOT / "nlu").glob("*.yml"))]
        for name, texts in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
        .get("responses", {})
        .items()
    }
}


class Conversation:
    """A tracker whose slots follow the events that actions return."""

    def __init__(self, **slots: Any) -> None:
        self.slots: dict[str, Any] = dict(slots)
        self.events: list[dict[str, Any]] = []
        self.message: dict[str, Any] = {}
        self.loop: dict[str, Any] = {}

    def say(
        self, text: str, intent: str, *values: Any, unit: str | None = None, **entities: Any
    ) -> None:
        """Say a text that is understood as an intent, with the entities that belong to it."""
        found: list[dict[str, Any]] = []
        for value in values:
            role, number = value if isinstance(value, tuple) else (None, value)
            found.append({"entity": "measurement", "value": number, "role": role, "group": unit})
        entities = {**of_demonstration(text, intent, found), **entities}
        found += [{"entity": name, "value": value} for name, value in entities.items()]
        self.message = {"text": text, "intent": {"name": intent}, "entities": found}
        self.events.append({"event": "user", "text": text})

    def fill(self, **slots: Any) -> None:
        for name, value in slots.items():
            self.slots[name] = value
            self.events.append({"event": "slot", "name": name, "value": value})

    def tracker(self) -> Tracker:
        """Return the conversation as an action sees it."""
        return Tracker(
            "someone", self.slots, self.message, self.events, False, None, self.loop, None
        )

    def run(self, action: Any) -> list[dict[str, Any]]:
        """Run an action and return what it says."""
        return self.hear(action.run, name=action.name())

    def hear(self, answer: Any, *about: Any, name: str = "") -> list[dict[str, Any]]:
        """Call what answers, an action's ``run`` or a part of one, and return what it says."""
        dispatcher = CollectingDispatcher()
        returned = answer(dispatcher, self.tracker(), DOMAIN, *about)
        if asyncio.iscoroutine(returned):
            returned = asyncio.run(returned)
        self.returned: list[dict[str, Any]] = list(returned or [])
        if name:
            self.events.append({"event": "action", "name": name})
        for event in self.returned:
            self.events.append(event)
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
        for message in dispatcher.messages:
            if response := message.get("response"):
                assert response in DOMAIN["responses"], response
                template = DOMAIN["responses"][response][0]
                message["said"] = template["text"].format(**message)  # every value is given
                message["buttons"] = message.get("buttons") or template.get("buttons") or []
            else:
                message["said"] = message["text"]
            self.events.append(
                {
                    "event": "bot",
                    "text": message["said"],
                    "data": {"image": message.get("image"), "buttons": message["buttons"]},
                    "metadata": {"metadata": message.get("metadata")},
                }
            )
        return dispatcher.messages


def responses(messages: list[dict[str, Any]]) -> list[str]:
    return [message["response"] for message in messages]
