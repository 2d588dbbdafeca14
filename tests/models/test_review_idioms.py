"""Phrases and ratings whose verdict no single word shows."""

from __future__ import annotations

import numpy as np
import pytest

from models import review
from models.review import idioms, negation
from models.review.domain import is_list, states_facts


def weight(text: str) -> float:
    return sum(idiom.weight for idiom in idioms.find(text.split()))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("i couldn't stop grinning", 1),
        ("i wouldn't change a single frame", 1),
        ("way better than the first", 1),
        ("i would rather clean the oven", -1),
        ("i couldn't bring myself to finish it", -1),
        ("nowhere near as funny as the book", -1),
        ("i fell asleep", -1),
        ("my dad didn't even fall asleep", 1),
        ("i wouldn't watch it again", -1),
        ("we sat in row four", 0),
        ("far less boring than i feared", 1),
        ("less funny than we expected", -1),
        ("i couldn't help loving it", 1),
    ],
)
def test_what_a_phrase_says(text: str, sign: int) -> None:
    assert np.sign(weight(text)) == sign


def test_phrases_never_overlap_and_sum_to_their_weight() -> None:
    words = ["i", "couldn't", "stop", "laughing", "and", "i", "would", "watch", "it", "again"]
    found = idioms.find(words)
    weighed = idioms.weigh(np.zeros(len(words)), found)
    assert len(found) == 2
    assert weighed.sum() == pytest.approx(sum(idiom.weight for idiom in found))


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("a solid 8/10", 0.8),
        ("three stars out of six", 0.5),
        ("four and a half stars out of five", 0.9),
        ("11/10, would watch again", None),
        ("on 9/11", None),
        ("no rating here", None),
    ],
)
def test_ratings(text: str, share: float | None) -> None:
    assert idioms.rating(text) == (None if share is None else pytest.approx(share))


def test_two_negations_take_each_other_back() -> None:
    words = ["there's", "nothing", "i", "didn't", "like", "about", "it"]
    (scope,) = negation.scopes(words, ())
    assert scope.lifts
    assert words[scope.start] == "like"


def test_an_expectation_that_was_taken_back_is_a_negation() -> None:
    assert negation.scopes(["i", "expected", "trash", "but", "got", "art"], ())
    assert not negation.scopes(["i", "expected", "trash", "and", "got", "it"], ())


def test_facts_and_lists_are_no_opinions() -> None:
    assert states_facts("Directed by A. Person. Running time 104 minutes.")
    assert not states_facts("a wonderful film")
    assert is_list(["milk", "eggs", "onions", "bread"])
    assert not is_list(["this", "is", "a", "film"])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("soooo goooood", "positive"),
        ("1/10", "negative"),
        ("Average in every way. 5/10.", "unsure"),
        ("What time does the cinema open?", "no_opinion"),
        ("It was released in 1998 and is 112 minutes long.", "no_opinion"),
        ("Half brilliant, half unwatchable.", "unsure"),
    ],
)
def test_verdicts_on_short_texts(text: str, label: str) -> None:
    verdict = review.classify(text)
    assert verdict.label == label
    assert (
        sum(word.weight for word in verdict.words) + verdict.bias
        == pytest.approx(np.log(verdict.probability / (1 - verdict.probability)), abs=1e-6)
        or not verdict.words
    )
