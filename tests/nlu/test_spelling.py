"""Slips of the fingers are mended, words are not."""

from __future__ import annotations

import pytest

from nlu.spelling import Speller

SPELLER = Speller(
    ["learning", "requirements", "training", "labels"], known={"raining", "Learnt"}.__contains__
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("deep lerning requirments", "deep learning requirements"),
        ("LERNING", "learning"),
        ("is it raining", "is it raining"),  # a word of its own
        ("labls", "labels"),
        ("zebra crossings", "zebra crossings"),
        ("", ""),
    ],
)
def test_slips(typed: str, meant: str) -> None:
    assert SPELLER.mend(typed) == meant


def test_a_long_text_stays_as_it_is() -> None:
    text = "lerning " * 100
    assert SPELLER.mend(text) == text
