"""What the words of an experiment ask for: a share, a seed, values of k; and what takes back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.iris import FLOWERS

MOST_COMPARED = 20
# So much of a number tells that it is none that could be used.
_LONGEST = 24
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_SHARE = re.compile(
    r"(-?\d+(?:[.,]\d+)?)\s*"
    r"(?:(%|per ?cent\b)|((?:\w{1,20} )?(?:flowers|samples|rows|examples)\b))?",
    re.IGNORECASE,
)
# What a share may be of: the flowers that are held out, or those that are learned from.
_OF = re.compile(r"(\btest(?:ing)?(?![a-z])|\bh[eo]ld)|\btrain(?:ing)?(?![a-z])|\blearn", re.I)
# "half of the flowers", "on half", "two thirds for training"; a third alone may be the third.
_FRACTION = re.compile(
    r"\b(?:(one|two|three|a) )?(?:(half)\b(?:(?<=\s.{4})|(?=\s))"
    r"|(third|quarter)s?\b(?(1)|(?= (?:of|for)\b)))",
    re.IGNORECASE,
)
_PARTS = {"half": 50.0, "third": 100 / 3, "quarter": 25.0}
_SEED = re.compile(r"\b(?:seed|random[_ ]?state)\b\D{0,12}?(-?\d+(?:\.\d+)?)", re.IGNORECASE)
_TWO = re.compile(r"\d\s{0,9}(?:and|,|vs\.?|or)\s{0,9}(?:k\s{0,9}=?\s{0,9})?\d")
_BETWEEN = re.compile(r"\b(?:between|from|to|until|through)\b")
_CORRECTION = re.compile(
    r"\b(?:no|nope|sorry|oops|wait|actually|meant|mean|correct\w*|instead|wrong|mistake|typo"
    r"|should (?:be|have been)|change|not|without)\b",
    re.IGNORECASE,
)
# The middle one of three is the last but one.
_FROM_THE_END = {"last": -1, "middle": -2}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_LETTERS = "abcdefgh"
# "the second one", "flower 3", "no. 2", "the last", "flower B", "B's"
_ROW = re.compile(
    rf"\b(?P<word>{'|'.join((*_ORDINALS, *_FROM_THE_END))})\b|\b(?P<nth>\d{{1,2}})(?:st|nd|rd|th)\b"
    r"|(?:\b(?:flower|row|number|no\.?|nr\.?)|#)\s?(?P<number>\d{1,2})(?![\d.,]*\d)"
    r"|\b(?:flower|plant|row|sample)\s(?P<letter>[a-h])\b|\b(?P<whose>[a-h])['’]s\b",
    re.IGNORECASE,
)
_SEPAL = re.compile(r"sep|\bs\.?[lw]\b", re.IGNORECASE)


@dataclass(frozen=True)
class Experiment:
    """The values that a message names.

    Attributes:
        numbers: every number with a decimal point, as it was typed otherwise.
        seed: the seed as it was typed.
        share: the share of test flowers, 0 to 1.
        is_list: whether two numbers are two values of k and not the ends of a range.
        has_percent: whether a share is given in per cent.
    """

    numbers: tuple[str, ...] = ()
    seed: str | None = None
    share: float | None = None
    is_list: bool = False
    has_percent: bool = False


def read_experiment(text: str) -> Experiment:
    """Return the values that a message names.

    Example:
        >>> read_experiment("k=5, train on 60 %").share
        0.4
    """
    named = _SEED.search(text)
    return Experiment(
        tuple(number[:_LONGEST].replace(",", ".") for number in _NUMBER.findall(text)),
        named[1][:_LONGEST] if named else None,
        _share_held_out(text),
        bool(_TWO.search(text) and not _BETWEEN.search(text)),
        "%" in text,
    )


def named_row(text: str) -> int | None:
    """Return which of several flowers the words mean, counted from 1; -1 is the last.

    Example:
        >>> named_row("why is the 2nd one a virginica?")
        2
    """
    found = _ROW.search(text)
    if found is None:
        return None
    if word := (found["word"] or "").lower():
        return _FROM_THE_END.get(word) or _ORDINALS.index(word) + 1
    if letter := found["letter"] or found["whose"]:
        return _LETTERS.index(letter.lower()) + 1
    return int(found["nth"] or found["number"])


def takes_back(text: str) -> bool:
    """Whether the words take back a value that was given before."""
    return _CORRECTION.search(text) is not None


def names_sepal(text: str) -> bool:
    """Whether the words name the sepal."""
    return _SEPAL.search(text) is not None


def ks_to_compare(asked: list[int], is_list: bool, largest: int) -> tuple[int, ...]:
    """Return the values of k to compare: a list as given, or a range thinned to be readable."""
    if not asked:
        return tuple(range(1, min(15, largest) + 1))
    if len(asked) > 2 or (len(asked) == 2 and is_list):
        return tuple(sorted(set(asked)))[:MOST_COMPARED]
    low, high = (1, asked[0]) if len(asked) == 1 else (min(asked), max(asked))
    return tuple(range(low, high + 1, 1 + (high - low) // MOST_COMPARED))


def _percent(fraction: re.Match[str]) -> str:
    count = {"two": 2, "three": 3}.get((fraction[1] or "").lower(), 1)
    return f"{count * _PARTS[(fraction[2] or fraction[3]).lower()]:.2f} %"


def _share_held_out(text: str) -> float | None:
    text = _FRACTION.sub(_percent, text)
    found, words = list(_SHARE.finditer(text)), list(_OF.finditer(text))
    if not found:
        return None
    first = next((number for number in found if number[2] or number[3]), found[0])
    value = float(first[1].replace(",", "."))
    whole = FLOWERS if first[3] else 100 if first[2] or abs(value) > 1 else 1
    gap = {word: max(word.start() - first.end(), first.start() - word.end()) for word in words}
    nearest = min(words, key=gap.__getitem__, default=None)
    share = value / whole
    return round(share if nearest and nearest[1] else 1 - share, 4)
