"""The first look at a message: commands, empty texts and texts that are too long."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

# So much of one character in a row says all that more of it would.
_LONGEST_RUN = 24
_RUN = re.compile(rf"(.)\1{{{_LONGEST_RUN},}}", re.DOTALL)
# A review may be nothing but its stars.
STARS = re.compile(r"[★☆⭐][\s★☆⭐½]*")
# What a command means, in every channel.
COMMANDS = {
    "start": "greet",
    "help": "ask_help",
    "about": "ask_help",
    "topics": "list_topics",
    "iris": "predict_iris",
    "review": "classify_review",
    "accuracy": "ask_accuracy",
    "cancel": "cancel",
    "delete": "delete_data",
    "export": "export_data",
}
_COMMAND = re.compile(r"/([A-Za-z_]{1,40})(?:@\w+)?")
# What follows the command is the review itself.
_REVIEW = re.compile(r"/review(?:@\w+)?\s+(?=\S)", re.IGNORECASE)
_RASA = re.compile(r"/\s*\w[\w/+-]*\s*(?:@[\d.]+\s*)?(?:\{.*)?|EXTERNAL: .*", re.DOTALL)


def decide(text: str, max_characters: int) -> str | None:
    """Return the intent of a message that needs no understanding, None for all others."""
    if len(text) > max_characters:
        return "too_long"
    if not any(character.isalnum() for character in text) and not STARS.search(text):
        return "empty_message"
    if command := _COMMAND.fullmatch(text.strip()):
        return COMMANDS.get(command[1].lower(), "unknown_command")
    if _RASA.fullmatch(text.strip()):
        return "unknown_command"
    return None


def understood(text: str) -> str:
    """Return what is read of a text: a run of one character is cut. What is stored is whole."""
    return _RUN.sub(lambda run: run[0][:_LONGEST_RUN], text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class MessageGuard(GraphComponent):
    """Decide what needs no classifier, and take away what only Rasa's developers may type.

    Rasa itself turns a text such as ``/restart`` or ``/greet{"slot": "value"}`` into an intent
    at the end of the pipeline. Without the slash it finds nothing to turn.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageGuard:
        """Create the component (see parent class)."""
        return cls(config["max_characters"])

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the longest text that is accepted."""
        return {"max_characters": 10_000}

    def __init__(self, max_characters: int) -> None:
        """Keep the limit."""
        self._max_characters = max_characters

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent where it is certain; take a leading slash away."""
        for message in messages:
            text = message.get(TEXT) or ""
            intent = decide(text, self._max_characters)
            if intent:
                message.set(INTENT, {"name": intent, "confidence": 1.0}, add_to_output=True)
            carried = _REVIEW.sub("review: ", text, count=1) if _REVIEW.match(text) else text
            message.set(TEXT, carried.lstrip("/ "), add_to_output=True)
        return messages
