"""Worked sums, against scikit-learn and SciPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn import metrics

from models.arithmetic import LARGEST, QUANTITIES, ArithmeticProblem, work

NUMBER = st.floats(-1e6, 1e6).map(lambda number: round(number, 4))
COUNT = st.integers(1, 60)


def close(quantity: str, values: dict[str, Any], *wanted: float) -> bool:
    return np.allclose(work(quantity, values).results, wanted, rtol=1e-9, atol=1e-9)


@given(COUNT, COUNT, COUNT, COUNT)
def test_scores_are_those_of_scikit_learn(tp: int, fp: int, fn: int, tn: int) -> None:
    true = [1] * tp + [0] * fp + [1] * fn + [0] * tn
    predicted = [1] * (tp + fp) + [0] * (fn + tn)
    counts = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    wanted = {
        "accuracy": metrics.accuracy_score(true, predicted),
        "precision": metrics.precision_score(true, predicted),
        "recall": metrics.recall_score(true, predicted),
        "specificity": metrics.recall_score(true, predicted, pos_label=0),
        "f1": metrics.f1_score(true, predicted),
    }
    assert close("scores", counts, *wanted.values())
    assert all(close(name, counts, one) for name, one in wanted.items())
    assert close("f1", {name: wanted[name] for name in ("precision", "recall")}, wanted["f1"])


@given(st.lists(NUMBER, min_size=1, max_size=20))
def test_functions_are_those_of_scipy(numbers: list[float]) -> None:
    assert close("softmax", {"numbers": numbers}, *special.softmax(numbers))
    assert close("sigmoid", {"numbers": numbers}, *special.expit(numbers))
    assert close("mean", {"numbers": numbers}, np.mean(numbers))


@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=20))
def test_errors_are_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    first, second = zip(*pairs, strict=True)
    values = {"first": first, "second": second}
    mse = metrics.mean_squared_error(first, second)
    assert close("mse", values, mse)
    assert close("rmse", values, math.sqrt(mse))
    assert close("mae", values, metrics.mean_absolute_error(first, second))


@given(st.lists(COUNT, min_size=2, max_size=20))
def test_entropy_is_that_of_counts_and_of_probabilities(counts: list[int]) -> None:
    for numbers in (counts, [count / sum(counts) for count in counts]):
        assert close("entropy", {"numbers": numbers}, stats.entropy(counts, base=2))


@given(st.floats(0.01, 0.99), st.floats(0.01, 1), st.floats(0, 0.99))
def test_bayes_counts_people(prior: float, sensitivity: float, specificity: float) -> None:
    ill, false = prior * sensitivity, (1 - prior) * (1 - specificity)
    values = {"prior": prior, "sensitivity": sensitivity}
    assert close("bayes", {**values, "specificity": specificity}, ill / (ill + false))
    assert close("bayes", {**values, "fpr": 1 - specificity}, ill / (ill + false))


@pytest.mark.parametrize(
    ("quantity", "values", "last"),
    [
        ("precision", {"tp": 8, "fp": 2}, "= 8 / (8 + 2) = 8 / 10 = 0.8"),
        ("f1", {"precision": 0.8, "recall": 0.5}, "= 0.8 / 1.3 ≈ 0.6154"),
        ("mse", {"first": [3, -5], "second": [2, 7]}, "= ((3 - 2)² + ((-5) - 7)²) / 2 = 145 / 2"),
        ("rmse", {"first": [3, 5], "second": [2, 7]}, "rmse = √2.5 ≈ 1.5811"),
        ("sigmoid", {"numbers": [-1000]}, "1 / (1 + e^-(-1000)) ≈ 0"),
        ("entropy", {"numbers": [1, 0]}, "= -(1 × log2 1) = 0 bits"),
        ("entropy", {"numbers": [0.25]}, "= -(0.25 × log2 0.25 + 0.75 × log2 0.75) ≈ 0.8113 bits"),
        ("entropy", {"numbers": [0.33, 0.33, 0.33]}, "≈ 1.585 bits"),
    ],
)
def test_the_numbers_stand_in_the_steps(quantity: str, values: dict[str, Any], last: str) -> None:
    assert last in work(quantity, values).steps[-1]


def test_scores_are_those_that_the_counts_allow() -> None:
    assert work("scores", {"tp": 8, "fp": 2}).results == (0.8,)
    assert work("scores", {"tp": 0, "fp": 0, "fn": 2}).results == (0, 0)


@pytest.mark.parametrize(
    ("quantity", "values", "problem"),
    [
        ("colour", {"tp": 8}, ("missing", "quantity")),
        ("precision", {"tp": 8}, ("missing", "fp")),
        ("f1", {"precision": 0.8}, ("missing", "recall")),
        ("scores", {"tp": 8}, ("missing", "tp", "fp", "fn", "tn")),
        ("bayes", {"prior": 0.1, "sensitivity": 0.9}, ("missing", "specificity")),
        ("mse", {"first": [3, 4]}, ("missing", "second")),
        ("precision", {"tp": -8, "fp": 2}, ("not_usable", "tp")),
        ("scores", {"tp": 8.5, "fp": 2}, ("not_usable", "tp")),
        ("precision", {"tp": math.nan, "fp": 1}, ("not_usable", "tp")),
        ("softmax", {"numbers": [1, math.inf]}, ("not_usable", "numbers")),
        ("softmax", {"numbers": [1] * 21}, ("not_usable", "numbers")),
        ("f1", {"precision": 80, "recall": 0.5}, ("not_a_probability", "precision")),
        ("entropy", {"numbers": [-1, 2]}, ("not_a_probability", "numbers")),
        ("entropy", {"numbers": [0.5, 0.9]}, ("not_a_probability", "numbers")),
        ("mse", {"first": [1, 2, 3], "second": [4, 5]}, ("unequal", "first", "second")),
        ("precision", {"tp": 0, "fp": 0}, ("zero_denominator", "tp", "fp")),
        ("scores", {"tp": 0, "fp": 0}, ("zero_denominator", "tp", "fp")),
        ("entropy", {"numbers": [0, 0]}, ("zero_denominator", "numbers")),
    ],
)
def test_what_has_no_sum_says_why(
    quantity: str, values: dict[str, Any], problem: tuple[str, ...]
) -> None:
    with pytest.raises(ArithmeticProblem) as caught:
        work(quantity, values)
    assert caught.value.args == problem


ANY = st.floats() | st.sampled_from([0.0, 1.0, -1.0, 0.5, 5e-324, LARGEST, -LARGEST])
NAMES = st.sampled_from(["tp", "fp", "fn", "tn", "precision", "recall", "prior", "specificity"])
LISTS = st.sampled_from(["numbers", "first", "second"])


@given(
    st.sampled_from(QUANTITIES),
    st.dictionaries(NAMES, ANY),
    st.dictionaries(LISTS, st.lists(ANY, max_size=22)),
)
def test_no_number_breaks_a_sum(
    quantity: str, values: dict[str, float], lists: dict[str, list[float]]
) -> None:
    try:
        worked = work(quantity, {**values, **lists})
    except ArithmeticProblem as found:
        assert len(found.args) > 1
    else:
        assert worked.steps
        assert all(map(math.isfinite, worked.results))
