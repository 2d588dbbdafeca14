"""Words that name a field, and messages that only change the side or the field."""

from __future__ import annotations

import pytest

from nlu.phrases import find_field, switches_field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("what is machine learning", "ml"),
        ("how many layers does my net need", "dl"),
        ("what is quantization for", "dl"),
        ("ml and dl side by side", "both"),
        ("trees versus neural nets", "both"),
        ("put both next to each other", "both"),
        ("what is overfitting", None),
        ("how do I play netball", None),
        ("name algorithms that aren't neural networks", "ml"),
        ("methods other than machine learning", "dl"),
        ("what can I tune in a neural net apart from the learning rate", "dl"),
    ],
)
def test_the_field_that_words_name(text: str, field: str | None) -> None:
    assert find_field(text) == field


@pytest.mark.parametrize("text", ["in dl", "and back to ml, please", "what about deep learning?"])
def test_messages_that_only_change_the_field(text: str) -> None:
    assert switches_field(text)


@pytest.mark.parametrize("text", ["deep learning", "ml", "what is used in dl", "in dl what is rnn"])
def test_messages_that_say_more_than_a_field(text: str) -> None:
    assert not switches_field(text)


def test_a_comparison_is_no_change_of_field() -> None:
    assert not switches_field("hmm and is it the same as machine learning or not?")
