"""Alike messages come together, and one becomes an example where it belongs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bot.inbox import InboxError, add, collect, counted, grouped
from bot.settings import ROOT
from bot.store import Heard


def test_what_was_not_answered_and_what_was_called_wrong_is_collected() -> None:
    heard = [
        Heard("a", "ask_concept", "what is pooling?"),
        Heard("a", "give_feedback", "that is wrong"),
        Heard("a", "nlu_fallback", "explain\n  kalman filters"),
        Heard("b", "give_feedback", "nobody was asked before"),
        Heard("b", "greet", "hi"),
    ]
    assert [(item.text, item.why) for item in collect(heard)] == [
        ("what is pooling?", 'told: "that is wrong"'),
        ("explain kalman filters", "not understood"),
    ]


def test_alike_messages_are_one_group_and_the_largest_is_first() -> None:
    texts = [
        "who won the world cup",
        "what is a kalman filter?",
        "explain the kalman filter",
        "kalman filter?",
        "who won the last world cup?",
    ]
    groups = grouped(collect(Heard("a", "nlu_fallback", text) for text in texts))
    assert [len(group.items) for group in groups] == [3, 2]
    assert all("kalman" in item.text for item in groups[0].items)
    assert grouped([]) == []


def test_thumbs_are_counted_by_topic_and_what_was_disliked_most_is_first() -> None:
    thumbs = [("pooling", True), ("dropout", False), ("pooling", False), ("dropout", False)]
    assert list(counted(thumbs).items()) == [("dropout", (0, 2)), ("pooling", (1, 1))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "nlu", tmp_path / "nlu")
    return tmp_path / "nlu"


def test_an_example_is_added_to_an_intent(folder: Path) -> None:
    path = add('who is "the best": you?', "out_of_scope", folder=folder)
    intents = {
        entry["intent"]: entry["examples"] for entry in yaml.safe_load(path.read_text())["nlu"]
    }
    assert '- who is "the best": you?' in intents["out_of_scope"].splitlines()


@pytest.mark.parametrize("side", ["definition", "symptoms"])
@pytest.mark.parametrize("text", ["what's dropout: really?", "#1 dropout", "- dropout"])
def test_a_question_is_added_to_a_side_of_a_concept(folder: Path, side: str, text: str) -> None:
    path = add(text, "dropout", side, folder)
    blocks = yaml.safe_load(path.read_text())["concepts"]
    (block,) = [block for block in blocks if block["concept"] == "dropout"]
    assert text in block["questions"][side]


def test_what_is_not_there_is_said(folder: Path) -> None:
    with pytest.raises(InboxError, match="dragon"):
        add("here be dragons", "dragon", folder=folder)
