"""What a message leans on, and what a conversation is about."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from nlu.context import context_of, filled_in, leans, refers


@pytest.mark.parametrize(
    "text",
    [
        "and how do I avoid it?",
        "how do I avoid it?",
        "where do i get one",
        "which one should I take",
        "ok show me the whole program",
        "what are they good for",
        "but why",
    ],
)
def test_messages_that_lean(text: str) -> None:
    assert leans(text)


@pytest.mark.parametrize(
    "text",
    [
        "what is pooling?",
        "how do I avoid overfitting?",
        "what is the one-hot encoding of a column good for",
    ],
)
def test_messages_that_stand_alone(text: str) -> None:
    assert not leans(text)


def test_only_words_that_stand_for_something_refer() -> None:
    assert refers("does it matter?")
    assert not refers("and the split?")


def test_the_title_stands_for_the_pronoun() -> None:
    assert filled_in("how do I avoid it?", "Overfitting") == "how do I avoid Overfitting?"
    assert filled_in("why", "Overfitting") == "why (Overfitting)"


def tracker(*events: object) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("someone", list(events))  # type: ignore[arg-type]


def test_a_conversation_is_about_what_was_spoken_of_last() -> None:
    assert context_of(None) is None
    assert context_of(tracker()) is None
    topic, flower = SlotSet("knowledge_topic", "cnn"), SlotSet("iris_experiment", {"kind": "x"})
    assert context_of(tracker(topic, flower)).subject == "iris_knn"  # type: ignore[union-attr]
    assert context_of(tracker(flower, topic)).subject == "cnn"  # type: ignore[union-attr]


def test_an_open_form_is_what_the_conversation_is_about() -> None:
    talk = tracker(SlotSet("knowledge_topic", "cnn"), ActiveLoop("review_form"))
    found = context_of(talk)
    assert found is not None
    assert found.subject == "imdb_layers"
    assert "imdb_dataset" in found.near


def test_a_row_of_the_chart_leads_to_the_others() -> None:
    found = context_of(tracker(SlotSet("knowledge_topic", "inspiration_dl")))
    assert found is not None
    assert {"methods", "requirements"} <= found.near
