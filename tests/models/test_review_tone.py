"""Rules for lukewarm words and "but", and the width of the doubt."""

from __future__ import annotations

import numpy as np
import pytest

from models.review import tone
from models.review.language import is_foreign
from models.review.policy import Thresholds, choose
from models.review.tokens import read, tokens


@pytest.mark.parametrize(
    "text",
    [
        "It was ok.",
        "neither good nor bad",
        "so-so",
        "Average",
        "wasn't bad but it wasn't great",
        "Good cast, weak story.",
        "I am torn between the two halves",
        "could go either way",
    ],
)
def test_lukewarm_texts(text: str) -> None:
    assert tone.is_lukewarm(text)


@pytest.mark.parametrize(
    "text",
    [
        "It was good and I would watch it again",
        "not bad at all",
        "far above average",
        "A slow start, but a great finish",
        "Neither funny nor clever",
        "bad, just bad",
    ],
)
def test_texts_with_a_side(text: str) -> None:
    assert not tone.is_lukewarm(text)


def test_what_follows_a_turn_counts_more() -> None:
    each = np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    words = ["good", "cast", "here", "but", "boring", "plot"]
    assert tone.weigh(each, words, ()).sum() < 0


def test_what_is_conceded_counts_less_than_the_rest() -> None:
    words = ["although", "well", "acted", "it", "is", "boring"]
    each = np.array([0.0, 1.0, 1.0, 0.0, 0.0, -1.0])
    assert each.sum() > 0
    assert tone.weigh(each, words, {3}).sum() < 0
    alone = np.array([0.0, 1.0, 1.0])
    assert tone.weigh(alone, words[:3], ()) == pytest.approx(alone)


def test_short_texts_are_doubted_sooner() -> None:
    thresholds = Thresholds()
    assert thresholds.label(0.68, 5) == ("unsure", "undecided")
    assert thresholds.label(0.68, 100) == ("positive", None)
    assert thresholds.label(0.2, 5) == ("negative", None)


def test_the_doubt_is_as_wide_as_the_model_is_a_coin() -> None:
    labels = np.array([1] * 50 + [0] * 50)
    assert choose(np.where(labels == 1, 0.9, 0.1), labels) == (0.5, 0.5)
    coin = np.array([0, 1] * 50)
    assert choose(np.full(100, 0.51), coin) == (0.48, 0.52)
    assert choose(np.full(100, 0.58), coin) == (0.5, 0.5)
    neither = np.full(100, 0.5)
    assert choose(np.full(100, 0.51), neither) == (0.48, 0.52)


def test_words_keep_apostrophes_and_marks_of_feeling() -> None:
    words = ["it", "isn't", "good", "!", "****", ":-)", "loved"]
    assert tokens("It ISN’T good!<br /><br />**** :-) \U0001f60d") == words


@pytest.mark.parametrize("text", ["Don't go!", "İstanbul İs fine", "a<br/>b &amp; c"])
def test_each_word_has_its_place(text: str) -> None:
    words, places = read(text)
    assert words == tokens(text)
    assert all(
        text[start:end].lower().startswith(word[:1]) or not word[:1].isascii()
        for word, (start, end) in zip(words, places, strict=True)
    )


def test_english_is_not_foreign() -> None:
    assert not is_foreign("I saw Das Boot and La Dolce Vita and liked both of them")
    assert is_foreign("Der Film ist nicht gut und sehr langweilig")
    assert is_foreign("Un film formidable avec une histoire qui est très belle")
