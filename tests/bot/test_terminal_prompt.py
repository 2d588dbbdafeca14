"""What the prompt offers to complete."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from bot.terminal.prompt import COMMANDS, Suggestions

TITLES = ("Batch size", "Bias and variance", "Cross-validation", "random forest")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("bat", ["Batch size"]),
        ("what is batch s", ["what is Batch size"]),
        ("tell me about b", []),
        ("rand", ["random forest"]),
        ("rf", ["random forest"]),
        ("what is an RF", ["what is an random forest"]),
        ("ran for", ["random forest"]),
        ("why cv", ["why Cross-validation"]),
        ("cross-v", ["Cross-validation"]),
        ("is it for", []),
        ("rx", []),
        ("b", []),
        ("/he", ["/help"]),
        ("/", list(COMMANDS)),
        ("nothing like it", []),
        ("", []),
    ],
)
def test_titles_anywhere_and_commands_at_the_start(typed: str, completed: list[str]) -> None:
    offers = Suggestions(lambda: TITLES).get_completions(Document(typed), CompleteEvent())
    texts = [typed[: len(typed) + offer.start_position] + offer.text for offer in offers]
    assert texts == completed
