"""Ratings in numbers and in stars: the one kind of opinion that is read by rule."""

from __future__ import annotations

import re

_NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_RATING = re.compile(
    rf"(?<![\w.,/])(\d{{1,4}}(?:\.\d{{1,4}})?|{'|'.join(_NAMES)})(?: and a half)?"
    r"(?: stars?)?\s{0,9}(?:/|out of)\s{0,9}(5|6|10|100|five|six|ten|a hundred)(?![\w/])",
    re.IGNORECASE,
)
_STARS = re.compile(r"[★☆⭐](?:️?\s?[★☆⭐½])*")
_MOST_STARS = 5
# Shares of the points from which a rating is praise, and down to which it is blame.
_PRAISE, _BLAME = 0.65, 0.4
# What a clear rating adds to the logit.
STRENGTH = 2.5


def rating(text: str) -> tuple[float, int, int] | None:
    """Return the share of the points that a text gives and where it says so, None if nowhere.

    Example:
        >>> rating("a solid 8/10"), rating("★★★★☆")
        ((0.8, 8, 12), (0.8, 0, 5))
    """
    if stars := _STARS.search(text):
        given = sum(map(stars[0].count, "★⭐")) + stars[0].count("½") / 2
        return given / max(_MOST_STARS, given + stars[0].count("☆")), *stars.span()
    found = _RATING.search(text)
    if found is None:
        return None
    given, most = (_number(part.lower()) for part in found.groups())
    given += 0.5 if "and a half" in found[0].lower() else 0.0
    return (given / most, *found.span()) if given <= most else None


def logit(share: float) -> float:
    """Return what a rating adds to the logit: nothing if it lies in the middle."""
    return STRENGTH if share >= _PRAISE else -STRENGTH if share <= _BLAME else 0.0


def _number(word: str) -> float:
    if word == "a hundred":
        return 100.0
    return float(_NAMES.index(word)) if word in _NAMES else float(word)
