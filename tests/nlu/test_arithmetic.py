"""Sums that people ask for, in many forms, and what only looks like one."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.arithmetic import _FORMS, QUANTITIES, ArithmeticProblem, signature, work
from nlu.arithmetic import _NAMES, MAX_CHARACTERS, Sum, read_sum

ROOT = Path(__file__).resolve().parents[2]
FILE = yaml.safe_load((ROOT / "nlu" / "arithmetic.yml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "quantity", "values"),
    [
        ("precision with tp=8 fp=2", "precision", {"tp": 8, "fp": 2}),
        ("tp=8 fp=2 precision?", "precision", {"tp": 8, "fp": 2}),
        ("precision = tp/(tp+fp) with tp=8 and fp=2", "precision", {"tp": 8, "fp": 2}),
        ("precision 8 tp 2 fp", "precision", {"tp": 8, "fp": 2}),
        (
            "with 32 true positives and 8 false positives: precision?",
            "precision",
            {"tp": 32, "fp": 8},
        ),
        ("tp=1,000 fp=1,250,000 precision", "precision", {"tp": 1000, "fp": 1250000}),
        ("precision tp=-8 fp=2", "precision", {"tp": -8, "fp": 2}),
        ("precision with tp=8", "precision", {"tp": 8}),
        ("TP: 8, FP 2", "scores", {"tp": 8, "fp": 2}),
        ("precision and recall tp 8 fp 2 fn 4", "scores", {"tp": 8, "fp": 2, "fn": 4}),
        ("true positive rate with 8 tp and 2 fn", "recall", {"tp": 8, "fn": 2}),
        ("acc tp50 tn40 fp5 fn5", "accuracy", {"tp": 50, "tn": 40, "fp": 5, "fn": 5}),
        ("f1? 8 tp 2 fp 4 fn", "f1", {"tp": 8, "fp": 2, "fn": 4}),
        ("F-score for precision 80% and recall 50 %", "f1", {"precision": 0.8, "recall": 0.5}),
        ("f1 if precision is 0,8 and recall is 0,5", "f1", {"precision": 0.8, "recall": 0.5}),
        ("f1 of 0.8 precision and 0.5 recall", "f1", {"precision": 0.8, "recall": 0.5}),
        ("recall .5 precision .8 -> f1?", "f1", {"precision": 0.8, "recall": 0.5}),
        (
            "bayes: prevalence 1 in 1000, sensitivity 99%, specificity 95%",
            "bayes",
            {"prior": 0.001, "sensitivity": 0.99, "specificity": 0.95},
        ),
        (
            "ppv with prior 1%, tpr .9 and false positive rate 5%",
            "bayes",
            {"prior": 0.01, "sensitivity": 0.9, "fpr": 0.05},
        ),
        ("softmax([2,1,0.1])", "softmax", {"numbers": (2, 1, 0.1)}),
        ("[2,1,0.1] what's the softmax pls", "softmax", {"numbers": (2, 1, 0.1)}),
        ("softmax of 2,5; 1,3; 0,2", "softmax", {"numbers": (2.5, 1.3, 0.2)}),
        ("softmax of 2,5 1,3 0,2", "softmax", {"numbers": (2.5, 1.3, 0.2)}),
        ("softmax of the logits -1, 0 and 3", "softmax", {"numbers": (-1, 0, 3)}),
        ("softmax of [1e400, 2]", "softmax", {"numbers": (math.inf, 2)}),
        ("what is the sigmoid(-3)?", "sigmoid", {"numbers": (-3,)}),
        ("entropy of 1/2, 1/4, 1/4", "entropy", {"numbers": (0.5, 0.25, 0.25)}),
        ("mean of\n1\n2\n3", "mean", {"numbers": (1, 2, 3)}),
        ("mse: true 3 5 predicted 2 7", "mse", {"first": (3, 5), "second": (2, 7)}),
        ("mse\n3 5\n2 7", "mse", {"first": (3, 5), "second": (2, 7)}),
        ("rmse between [3,5] and [2,7]", "rmse", {"first": (3, 5), "second": (2, 7)}),
        ("mae for 1, 2 and 3 vs 2, 2 and 5", "mae", {"first": (1, 2, 3), "second": (2, 2, 5)}),
        ("mean squared error of (1,2,3) (2,2,5)", "mse", {"first": (1, 2, 3), "second": (2, 2, 5)}),
        ("mse of 1 2 3 4", "mse", {"first": (1, 2, 3, 4)}),
    ],
)
def test_a_sum_is_read(text: str, quantity: str, values: dict[str, Any]) -> None:
    assert read_sum(text) == Sum(quantity, values)


@pytest.mark.parametrize(
    "text",
    [
        "formula of F1",
        "what is softmax",
        "precision of 0.8 is good?",
        "use k=5",
        "5.1 3.5 1.4 0.2",
        "accuracy with k = 7",
        "50 epochs",
        "my f1 is 0.6 and recall is 0.5",
        "precision 0.8 recall 0.5",
        "is an mse of 0.5 good",
        "mse of 0.5 and 0.7 which is better",
        "softmax with 10 classes",
        "the film was mean, 8 out of 10",
        "average film, 5 of 10",
        "give me an accuracy of 95%",
        "why is recall 0.5",
        "python code for precision with tp=8 fp=2",
        "sepal 5.1 3.5 petal 1.4 0.2 mean",
        "5.1 3.5 mean 1.4 0.2",
        "top 5 loss functions: mse, mae",
        "explain true positives in 3 sentences",
        "sigmoid outputs 0 to 1",
        "sigmoid from 0 to 1",
        "when is entropy 0",
        "is entropy 0",
        "softmax of 2, 1 with temperature 3",
        "mean of 7",
        "tp and fp",
        "",
        "1 2 3",
    ],
)
def test_what_is_no_sum_is_left_alone(text: str) -> None:
    assert read_sum(text) is None


def test_a_long_text_is_no_sum() -> None:
    assert read_sum("softmax of 1 2".ljust(MAX_CHARACTERS)) is not None
    assert read_sum("softmax of 1 2".ljust(MAX_CHARACTERS + 1)) is None


@pytest.mark.parametrize("line", FILE["nlu"][0]["examples"].splitlines())
def test_every_example_can_be_worked(line: str) -> None:
    found = read_sum(line.removeprefix("- "))
    assert found is not None
    assert work(found.quantity, found.values).steps


def test_there_are_words_for_every_quantity_every_value_and_every_problem() -> None:
    reasons = str(ArithmeticProblem.__doc__).split("Reasons: ")[1].split(".")[0].split(", ")
    needs = {"quantity"}.union(*(signature(function).parameters for function in _FORMS.values()))
    wanted = [*reasons, *(f"title_{name}" for name in [*QUANTITIES, "unknown"])]
    wanted += [f"need_{name}" for name in needs]
    assert {f"utter_sum_{name}" for name in wanted} | {"utter_sum"} == FILE["responses"].keys()


SIGNS = [*"0123456789.,;:=%()[]/|-+ \nx", "and", "in", "1e999", "8", "0,5"]


@given(st.lists(st.sampled_from([*_NAMES, *SIGNS]), max_size=40).map(" ".join))
def test_no_text_breaks_the_reading_or_the_sum(text: str) -> None:
    found = read_sum(text)
    if found is not None:
        assert found.values
        try:
            work(found.quantity, found.values)
        except ArithmeticProblem as problem:
            assert len(problem.args) > 1


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    read_sum(text)


@pytest.mark.parametrize("unit", ["1,", "tp ", "1/", "-", "true positive ", "1 in ", "9"])
def test_no_text_takes_long(unit: str) -> None:
    begin = time.process_time()
    read_sum((unit * MAX_CHARACTERS)[:MAX_CHARACTERS])
    assert time.process_time() - begin < 0.05
