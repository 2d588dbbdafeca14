"""The sums of machine learning, worked step by step.

>>> work("precision", {"tp": 8, "fp": 2}).steps
('precision = tp / (tp + fp)', '= 8 / (8 + 2) = 8 / 10 = 0.8')
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from inspect import signature
from itertools import chain
from typing import Any, NamedTuple

MOST_NUMBERS = 20
LARGEST = 1e12  # no sum overflows below it
_COUNTS = ("tp", "fp", "fn", "tn")
_LISTS = ("numbers", "first", "second")
_ROUNDED = 0.02  # so far from 1 may rounded probabilities add up
_NAME = re.compile(r"[a-z_]+")
_Steps = tuple[list[str], list[float]]  # and the results


class Worked(NamedTuple):
    """A sum that was worked: its steps with the numbers put in, its unrounded results."""

    steps: tuple[str, ...]
    results: tuple[float, ...]


class ArithmeticProblem(ValueError):  # noqa: N818
    """A sum that cannot be worked: ``args`` are a reason and the values that need a change.

    Reasons: missing, not_a_probability, unequal, zero_denominator, not_usable.
    """


def work(quantity: str, values: Mapping[str, float | Sequence[float]]) -> Worked:
    """Work one of ``QUANTITIES``, by the formula that lacks the fewest of its values.

    Raises:
        ArithmeticProblem: if there is no such sum of these values.
    """
    if quantity == "scores":
        return _scores(values)
    forms = [
        (list(signature(function).parameters), formula, function)
        for formula, function in _FORMS.items()
        if formula.startswith(f"{quantity} = ")
    ]
    if not forms:
        raise ArithmeticProblem("missing", "quantity")
    needs, formula, function = min(forms, key=lambda form: len({*form[0]} - values.keys()))
    if missing := [name for name in needs if name not in values]:
        raise ArithmeticProblem("missing", *missing)
    given = {name: _checked(name, values[name]) for name in needs}
    found = function(**given)
    steps, results = found if {*needs} & {*_LISTS} else _divided(formula, given, *found)
    return Worked((formula, *steps), tuple(results))


def _checked(name: str, value: Any) -> Any:
    numbers = value if name in _LISTS else [value]
    usable = 0 < len(numbers) <= MOST_NUMBERS and all(abs(x) <= LARGEST for x in numbers)
    if not usable or (name in _COUNTS and (value < 0 or value % 1)):
        raise ArithmeticProblem("not_usable", name)
    if name not in (*_COUNTS, *_LISTS) and not 0 <= value <= 1:
        raise ArithmeticProblem("not_a_probability", name)
    return value


def _scores(values: Mapping[str, Any]) -> Worked:
    found, problem = [], ArithmeticProblem("missing", *_COUNTS)
    for name in ("accuracy", "precision", "recall", "specificity", "f1"):
        try:
            found.append(work(name, values))
        except ArithmeticProblem as caught:
            problem = problem if caught.args[0] == "missing" else caught
    if not found or problem.args[0] not in ("missing", "zero_denominator"):
        raise problem
    return Worked(*(tuple(chain(*column)) for column in zip(*found, strict=True)))


def _divided(formula: str, given: Mapping[str, float], above: float, below: float) -> _Steps:
    if not below:
        raise ArithmeticProblem("zero_denominator", *given)
    put = _NAME.sub(lambda name: _show(given[name[0]]), formula.partition(" = ")[2])
    line = f"= {put} = {_round(above)} / {_round(below)} {_is(above / below)}"
    return [line], [above / below]


def _show(value: float) -> str:
    return f"({value:.10g})" if value < 0 else f"{value:.10g}"


def _round(*values: float) -> str:
    fixed = [f"{x:.4g}" if abs(x) < 1 else f"{x:.4f}".rstrip("0").rstrip(".") for x in values]
    return ", ".join(fixed)


def _is(value: float) -> str:
    exact = math.isclose(float(_round(value)), value, rel_tol=1e-12)
    return f"{'=' if exact else '≈'} {_round(value)}"


def _softmax(numbers: list[float]) -> _Steps:
    powers = [math.exp(x - max(numbers)) for x in numbers]
    total = math.fsum(powers)
    results = [power / total for power in powers]
    line = f"e to the power of each less the largest: {_round(*powers)}"
    return [line, f"divided by their sum {_round(total)}: {_round(*results)}"], results


def _sigmoid(numbers: list[float]) -> _Steps:
    powers = [math.exp(-abs(x)) for x in numbers]  # which cannot overflow
    results = [(1 if x >= 0 else p) / (1 + p) for x, p in zip(numbers, powers, strict=True)]
    pairs = zip(numbers, results, strict=True)
    return [f"1 / (1 + e^-{_show(x)}) ≈ {_round(y)}" for x, y in pairs], results


def _entropy(numbers: list[float]) -> _Steps:
    if len(numbers) == 1 and 0 <= numbers[0] <= 1:
        numbers = [numbers[0], 1 - numbers[0]]
    total = math.fsum(numbers)
    counted = all(x % 1 == 0 for x in numbers)
    if min(numbers) < 0 or not (counted or abs(total - 1) <= _ROUNDED):
        raise ArithmeticProblem("not_a_probability", "numbers")
    if not total:
        raise ArithmeticProblem("zero_denominator", "numbers")
    shares = [x / total for x in numbers if x]
    result = abs(math.fsum(p * math.log2(p) for p in shares))
    line = " + ".join(f"{_round(p)} × log2 {_round(p)}" for p in shares)
    steps = [f"each divided by their sum {_round(total)}: {_round(*shares)}"] if total != 1 else []
    return [*steps, f"= -({line}) {_is(result)} bits"], [result]


def _average(texts: Iterable[str], terms: list[float]) -> _Steps:
    total, n = math.fsum(terms), len(terms)
    line = f"= ({' + '.join(texts)}) / {n} = {_round(total)} / {n} {_is(total / n)}"
    return [line], [total / n]


def _error(text: str, power: int, first: list[float], second: list[float]) -> _Steps:
    if len(first) != len(second):
        raise ArithmeticProblem("unequal", "first", "second")
    pairs = list(zip(first, second, strict=True))
    texts = [text.format(_show(a), _show(b)) for a, b in pairs]
    return _average(texts, [abs(a - b) ** power for a, b in pairs])


def _rmse(first: list[float], second: list[float]) -> _Steps:
    steps, [mse] = _error("({} - {})²", 2, first, second)
    return [f"mse {steps[0]}", f"rmse = √{_round(mse)} {_is(math.sqrt(mse))}"], [math.sqrt(mse)]


def _bayes(prior: float, sensitivity: float, fpr: float) -> tuple[float, float]:
    true = sensitivity * prior
    return true, true + fpr * (1 - prior)


# A formula, and what works it from the values that it names: lists to steps and results,
# other values to what stands above and below the line of the fraction.
_FORMS: dict[str, Callable[..., Any]] = {
    "accuracy = (tp + tn) / (tp + tn + fp + fn)": (
        lambda tp, tn, fp, fn: (tp + tn, tp + tn + fp + fn)
    ),
    "precision = tp / (tp + fp)": lambda tp, fp: (tp, tp + fp),
    "recall = tp / (tp + fn)": lambda tp, fn: (tp, tp + fn),
    "specificity = tn / (tn + fp)": lambda tn, fp: (tn, tn + fp),
    "f1 = 2 × tp / (2 × tp + fp + fn)": lambda tp, fp, fn: (2 * tp, 2 * tp + fp + fn),
    "f1 = 2 × precision × recall / (precision + recall)": (
        lambda precision, recall: (2 * precision * recall, precision + recall)
    ),
    "bayes = sensitivity × prior / (sensitivity × prior + (1 - specificity) × (1 - prior))": (
        lambda prior, sensitivity, specificity: _bayes(prior, sensitivity, 1 - specificity)
    ),
    "bayes = sensitivity × prior / (sensitivity × prior + fpr × (1 - prior))": _bayes,
    "softmax = e^x_i / sum of e^x_j": _softmax,
    "sigmoid = 1 / (1 + e^-x)": _sigmoid,
    "entropy = -sum of p × log2 p": _entropy,
    "mean = sum of x / n": lambda numbers: _average(map(_show, numbers), numbers),
    "mae = mean of |a - b|": partial(_error, "|{} - {}|", 1),
    "mse = mean of (a - b)²": partial(_error, "({} - {})²", 2),
    "rmse = √mse": _rmse,
}
QUANTITIES = ("scores", *dict.fromkeys(text.partition(" = ")[0] for text in _FORMS))
