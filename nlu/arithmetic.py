"""Read a sum that somebody wants worked: its quantity and its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

MAX_CHARACTERS = 400
_COUNTS = ("tp", "fp", "fn", "tn")
_RATES = ("precision", "recall", "specificity", "accuracy", "f1")
_SHARES = (*_RATES, "prior", "fpr")
_LEAST = {"softmax": 2, "sigmoid": 1, "entropy": 1, "mean": 2, "mse": 2, "mae": 2, "rmse": 2}
# Every way to say something: "vs" divides two lists, "is" binds a number to its name, and what
# stands for "" says nothing.
_ALIASES = {
    "tp": "tp|tps|true positive|true positives",
    "fp": "fp|fps|false positive|false positives|false alarms",
    "fn": "fn|fns|false negative|false negatives",
    "tn": "tn|tns|true negative|true negatives",
    "precision": "precision|ppv|positive predictive value",
    "recall": "recall|sensitivity|true positive rate|tpr|hit rate",
    "specificity": "specificity|true negative rate|tnr",
    "accuracy": "accuracy|acc",
    "f1": "f1|f1 score|f1 measure|f1score|f score|f measure|f-1|f-1 score",
    "prior": "prior|prior probability|prevalence|base rate",
    "fpr": "false positive rate|fpr|false alarm rate",
    "bayes": "bayes|posterior|posterior probability",
    "softmax": "softmax|soft max",
    "sigmoid": "sigmoid|logistic function|sigmoid function",
    "entropy": "entropy|shannon entropy",
    "mean": "mean|average|avg|arithmetic mean",
    "mse": "mse|mean squared error|mean square error",
    "mae": "mae|mean absolute error",
    "rmse": "rmse|root mean squared error|root mean square error",
    "vs": "vs|versus|against|to|true|true values|actual|actual values|targets|labels"
    "|predicted|predicted values|predictions|pred",
    "is": "is|was|are",
    "": "what is|whats|what's|what|do|i|get|can|you|could|give|show|tell|me|work|out|compute"
    "|calculate|find|apply|please|pls|plz|thanks|thx|hey|hi|by|of|at|for|from|on|in|with|between"
    "|the|a|an|my|these|numbers|values|vector|vectors|list|lists|logits|scores|counts|classes"
    "|probabilities|distribution|bits|=|:|?|!|.|(|[|{|->|→",
}
_NAMES = {alias: name for name, text in _ALIASES.items() for alias in text.split("|")}
_NUMBER = r"(?:(?<![\w.)\]])[-+])?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d{1,3}(?!\w))?"
_PHRASES = "|".join(re.escape(alias) for alias in sorted(_NAMES, key=len, reverse=True))
_TOKEN = re.compile(
    rf"(?P<number>{_NUMBER})(?P<percent>\s?(?:%|percent\b))?"
    rf"|(?P<phrase>(?<![^\W\d_])(?:{_PHRASES})(?![^\W\d_]))|[^\W\d_]+|\S"
)
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-_](?=[^\W\d_])")
_FRACTION = re.compile(r"(?<![\w.,/])(\d{1,9})(?:/| in | out of )([1-9]\d{0,8})(?![\d/]|[.,]\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])([1-9]\d{0,2}(?:,\d{3}){1,3})(?![.,]?\d)")
_COMMA = re.compile(r"(?<![\d.,])(\d{1,15}),(\d{1,15})(?![.,]?\d)")
_DECIMAL = re.compile(r";|\d,\d{1,15} \d{1,15},\d")  # what shows that a comma is decimal
_MARKS = ("vs", "]", "and", ";", "|", ",")  # the first divides two lists more than the last
_LIKE = str.maketrans({"−": "-", "’": "'", "\n": "|", ")": "]", "}": "]", "&": "|"})
_NO_SUM = {"good", "bad", "better", "enough", "why", "code", "python", "keras"}


@dataclass(frozen=True)
class Sum:
    """A sum: its quantity, and its values by name as ``models.arithmetic`` knows them."""

    quantity: str
    values: Mapping[str, float | Sequence[float]]


def read_sum(text: str) -> Sum | None:
    """Return the sum that a text asks for, None if it lacks a quantity or numbers.

    >>> read_sum("precision with tp=8, fp=2")
    Sum(quantity='precision', values={'tp': 8.0, 'fp': 2.0})
    """
    if len(text) > MAX_CHARACTERS:
        return None
    plain = _HYPHEN.sub(" ", text.lower().translate(_LIKE))
    plain = _FRACTION.sub(lambda ratio: str(int(ratio[1]) / int(ratio[2])), plain)
    listed = _COMMA.sub(r"\1.\2", plain) if _DECIMAL.search(plain) else plain
    whole = _THOUSANDS.sub(lambda number: number[1].replace(",", ""), plain)
    return _of_names(_tokens(_COMMA.sub(r"\1.\2", whole))) or _of_lists(_tokens(listed))


def _tokens(text: str) -> list[Any]:
    """Return the numbers, the names of what is known, and all other words and marks."""
    return [
        _NAMES.get(found[0], found[0])
        if found["number"] is None
        else float(found["number"]) / (100 if found["percent"] else 1)
        for found in _TOKEN.finditer(text)
        if _NAMES.get(found[0]) != ""
    ]


def _of_names(tokens: list[Any]) -> Sum | None:
    """Read numbers that stand beside their names, all of them behind or all before."""
    pairs = list(pairwise(token for token in tokens if token != "is"))
    named = _COUNTS if {*_COUNTS} & {*tokens} and "prior" not in tokens else _SHARES
    behind = {a: b for a, b in pairs if a in named and isinstance(b, float)}
    before = {b: a for a, b in pairs if b in named and isinstance(a, float)}
    values = max(behind, before, key=len)
    asked = {*_RATES, "bayes"} & {*tokens} - values.keys()
    if not values or len(values) + len(asked) < 2 or _NO_SUM & {*tokens}:
        return None
    if "prior" in values:
        return Sum("bayes", {"sensitivity" if n == "recall" else n: values[n] for n in values})
    if named is _COUNTS:
        return Sum(asked.pop() if len(asked) == 1 else "scores", values)
    return Sum("f1", values) if "f1" in asked and {"precision", "recall"} & {*values} else None


def _of_lists(tokens: list[Any]) -> Sum | None:
    """Read numbers without names, beside which only their quantity may be said."""
    numbers = tuple(token for token in tokens if isinstance(token, float))
    said = [token for token in tokens if isinstance(token, str) and token not in _MARKS]
    quantity = said[0] if len(said) == 1 and said[0] in tokens[:1] + tokens[-1:] else ""
    if len(numbers) < _LEAST.get(quantity, MAX_CHARACTERS):
        return None
    if quantity not in ("mse", "mae", "rmse"):
        return None if "vs" in tokens else Sum(quantity, {"numbers": numbers})
    halves = next(filter(None, (_halves(tokens, mark) for mark in _MARKS)), [numbers])
    return Sum(quantity, dict(zip(("first", "second"), halves, strict=False)))


def _halves(tokens: list[Any], mark: str) -> list[tuple[float, ...]]:
    groups = groupby(tokens, key=lambda token: token == mark)
    parts = [tuple(token for token in group if isinstance(token, float)) for _, group in groups]
    return parts if len(parts := [part for part in parts if part]) == 2 else []
