"""What is decided before a message is understood."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.guard import COMMANDS, MessageGuard, decide, understood
from nlu.intents import INTENTS


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("/help", "ask_help"),
        ("/start", "greet"),
        ("/cancel@FathomBot", "cancel"),
        ("/restart", "unknown_command"),
        ("/session_start", "unknown_command"),
        ('/set_k{"k": "5"}', "unknown_command"),
        ("/ask_concept/bias_variance", "unknown_command"),
        ("EXTERNAL: reminder", "unknown_command"),
        ("", "empty_message"),
        (" \n\t", "empty_message"),
        ("?!", "empty_message"),
        ("x" * 10_001, "too_long"),
        ("★★★★☆", None),
        ("½", None),
        ("what is overfitting", None),
        ("/help me understand this film, it was dull", None),
    ],
)
def test_only_certain_messages_are_decided(text: str, intent: str | None) -> None:
    assert decide(text, 10_000) == intent


def test_runs_of_one_character_are_cut_and_nothing_else_is() -> None:
    assert understood("so" + "o" * 9_000 + " good") == "s" + "o" * 24 + " good"
    assert understood("a" + "\n" * 9_000 + "b") == "a" + "\n" * 24 + "b"
    assert understood("1000000000000 and 5.1 3.5 1.4 0.2") == "1000000000000 and 5.1 3.5 1.4 0.2"


def guarded(text: str) -> Message:
    (message,) = MessageGuard(10_000).process([Message(data={TEXT: text})])
    return message


def test_a_review_behind_its_command_is_carried() -> None:
    message = guarded("/review it was a dull film")
    assert message.get(INTENT) is None
    assert message.get(TEXT) == "review: it was a dull film"


def test_no_slash_reaches_rasa() -> None:
    assert guarded("/restart").get(TEXT) == "restart"
    assert guarded("//what is pooling").get(TEXT) == "what is pooling"


def test_commands_lead_to_intents() -> None:
    assert set(COMMANDS.values()) <= set(INTENTS)
    for name, intent in COMMANDS.items():
        assert decide(f"/{name}", 10_000) == intent
