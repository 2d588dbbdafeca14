"""The encoding of raw text for the article's network."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.review.article import SPECIAL, UNKNOWN, split
from models.review.text import Vocabulary

VOCABULARY = Vocabulary([*SPECIAL, "the", "and", "film", "don't", "br"], 0, UNKNOWN)


def test_ids_follow_the_special_ones() -> None:
    assert VOCABULARY.number(split("The film and THE end.")).tolist() == [4, 6, 5, 4, 2]


@pytest.mark.parametrize("text", ["a film,and", "A  FILM\tAND", "a\nfilm and!!", "(a) film/and"])
def test_case_blanks_and_punctuation_make_no_difference(text: str) -> None:
    assert split(text) == ["a", "film", "and"]


def test_apostrophes_stay_inside_words() -> None:
    assert split("I don't") == ["i", "don't"]


def test_breaks_of_the_web_page_stay_as_in_the_published_encoding() -> None:
    assert split("end.<br /><br />New") == ["end", "br", "br", "new"]


def test_a_vocabulary_survives_its_file(tmp_path: Path) -> None:
    VOCABULARY.write(tmp_path / "vocabulary.txt")
    assert Vocabulary.read(tmp_path / "vocabulary.txt").words == VOCABULARY.words
