"""What a negation does to the words after it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.review import negation
from models.review.negation import scopes, turn


def about(text: str, pauses: Sequence[int] = ()) -> list[list[str]]:
    words = text.split()
    return [words[scope.start : scope.end] for scope in scopes(words, pauses)]


def test_a_negation_reaches_to_the_next_pause_or_turn() -> None:
    assert about("it isn't dull or silly but i left") == [["dull", "or", "silly"]]
    assert about("never dull always fun", {2}) == [["dull"]]
    assert about("far from boring") == [["boring"]]
    assert about("no plot no point") == [["plot"], ["point"]]


@pytest.mark.parametrize("text", ["not only good", "can't save it", "don't waste your time", "fun"])
def test_some_negations_deny_nothing(text: str) -> None:
    assert about(text) == []


def logit(text: str, learned: Sequence[float], alone: Sequence[float]) -> float:
    words = text.split()
    return float(turn(np.array(learned), np.array(alone), words, scopes(words, ())).sum())


def test_blame_that_is_denied_becomes_praise_and_the_other_way_round() -> None:
    assert logit("wasn't dull", [-0.5, 0.1], [0, -3]) > 1
    assert logit("isn't funny", [0, 0.1], [0, 1]) < -0.5


def test_what_the_reviews_taught_is_kept() -> None:
    assert logit("no chemistry", [-0.6, -1.9], [0, -0.9]) == pytest.approx(-2.5)
    assert logit("never dull", [0.1, 1.3], [0, -0.5]) == pytest.approx(1.4)


def test_a_comparison_lifts() -> None:
    assert logit("never been so bored", [0, -0.2, -0.4, 0], [0, -0.2, -0.3, -1.3]) < -1.5
    assert logit("couldn't be better", [-0.5, 0, -0.1], [0, 0, -0.1]) > 1


def test_only_negating_words_are_taken_out() -> None:
    words = ["it", "was", "not", "bad"]
    left = negation.without(len(words), scopes(words, ()))
    assert left.tolist() == [True, True, False, True]


def test_the_whole_phrase_is_what_drives() -> None:
    words = ["not", "a", "dull", "scene"]
    turned = turn(
        np.array([-0.1, 0.0, 0.1, 0.2]), np.array([0.0, 0.0, -3.0, 0.2]), words, scopes(words, ())
    )
    assert turned[:3].min() > 0.1 * turned.max() > 0
