"""What the words of an experiment ask for: a share, a seed, values of k."""

from __future__ import annotations

import re

from models import iris

MOST_COMPARED = 20
# So much of a number tells that it is none that could be used.
_LONGEST = 24
DEFAULT_KS = tuple(range(1, 16))

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_SHARE = re.compile(
    r"(-?\d+(?:[.,]\d+)?)\s*"
    r"(?:(%|per ?cent\b)|((?:\w{1,20} )?(?:flowers|samples|rows|examples)\b))?",
    re.IGNORECASE,
)
_TEST = re.compile(r"\btest(?:ing)?(?![a-z])|\bhold|\bheld", re.IGNORECASE)
_TRAIN = re.compile(r"\btrain(?:ing)?(?![a-z])|\blearn", re.IGNORECASE)
_SEED = re.compile(r"\b(?:seed|random[_ ]?state)\b\D{0,12}?(-?\d+(?:\.\d+)?)", re.IGNORECASE)


def numbers(text: str) -> list[str]:
    """Return the numbers in a text, with decimal points."""
    return [number[:_LONGEST].replace(",", ".") for number in _NUMBER.findall(text)]


def seed(text: str) -> str | None:
    """Return the seed that a text names as it was typed, None if it names none."""
    found = _SEED.search(text)
    return found[1][:_LONGEST] if found else None


def share_held_out(text: str) -> float | None:
    """Return the share of test flowers that a text asks for, None if it names none.

    Example:
        >>> round(share_held_out("k=5, train on 60 %"), 2)
        0.4
    """
    found = list(_SHARE.finditer(text))
    if not found:
        return None
    first = next((number for number in found if number[2] or number[3]), found[0])
    value = float(first[1].replace(",", "."))
    if first[3]:
        share = value / iris.FLOWERS
    else:
        share = value / 100 if first[2] or abs(value) > 1 else value
    test, train = (_distance(word, first, text) for word in (_TEST, _TRAIN))
    return share if test < train else 1 - share


def _distance(word: re.Pattern[str], number: re.Match[str], text: str) -> float:
    gaps = [
        number.start() - match.end()
        if match.start() < number.start()
        else match.start() - number.end()
        for match in word.finditer(text)
    ]
    return min(gaps, default=float("inf"))


def ks_to_compare(asked: list[int], text: str, training: int) -> tuple[int, ...]:
    """Return the values of k to compare: a list as given, or a range thinned to be readable."""
    if not asked:
        return tuple(k for k in DEFAULT_KS if k <= training)
    if len(asked) > 2 or (
        len(asked) == 2
        and re.search(r"\d\s{0,9}(?:and|,|vs\.?|or)\s{0,9}(?:k\s{0,9}=?\s{0,9})?\d", text)
        and not re.search(r"\b(?:between|from|to|until|through)\b", text)
    ):
        return tuple(sorted(set(asked)))[:MOST_COMPARED]
    low, high = (1, asked[0]) if len(asked) == 1 else (min(asked), max(asked))
    step = 1 + (high - low) // MOST_COMPARED
    return tuple(range(low, high + 1, step))
