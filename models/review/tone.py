"""Rules for short opinions that star ratings never taught: lukewarm words and "but".

The reviews to learn from carry 1 to 4 or 7 to 10 stars, so "it was ok" is found almost only
in bad ones. And in one sentence the part after "but" carries the verdict. Both rules scale
what the words added to the logit, so that the parts still sum to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

LONGEST = 40
LUKEWARM_GAIN = 0.1
BEFORE, AFTER = 0.5, 1.2

_OK = r"(?:ok|okay|alright|average|fine|so[- ]so|decent enough|passable|meh)"
_HEDGE = (
    r"(?:just|only|was|is|it's|were|pretty|quite|kinda|kind of|sort of|rather|about|an?|i guess)"
)
_GOOD = r"(?:good|great|amazing|brilliant|excellent|wonderful)"
_BAD = r"(?:bad|terrible|awful|horrible|poor)"
_NOT = r"(?:not|nor|isn't|wasn't|neither)\s+(?:particularly |exactly |really |that |too |very )?"
_OVER = r"\W*$|\s*[.,;:!)]|\s+(?:but|though|i guess|i suppose|overall|really|film|movie|stuff)\b"
_LUKEWARM = re.compile(
    rf"^\W*(?:{_HEDGE}\s+)*{_OK}\W*$|\b(?:{_HEDGE}\s+{_OK}(?={_OVER})|so[- ]so\b|meh\b|middling|"
    rf"mixed (?:bag|feelings)|neither\b.{{1,40}}\bnor\b|"
    rf"{_NOT}{_GOOD}\b.{{0,20}}\b{_NOT}{_BAD}|{_NOT}{_BAD}\b.{{0,20}}\b{_NOT}{_GOOD}|"
    r"not sure (?:what|how|if|whether)|(?:don't|do not) know what to (?:think|make)|"
    r"has its moments|middle of the road|take it or leave it|(?:good|bad) and (?:bad|good)|"
    r"half good|on the fence|neutral about)",
    re.IGNORECASE,
)
_TURNS = frozenset({"but", "however", "yet", "nevertheless", "nonetheless"})


def is_lukewarm(text: str) -> bool:
    """Whether a text holds a phrase that takes no side."""
    return _LUKEWARM.search(text.replace("’", "'")) is not None


def weigh(
    words: npt.NDArray[np.float64], tokens: Sequence[str], lukewarm: bool
) -> npt.NDArray[np.float64]:
    """Return what the words of a short text add once the rules have been applied.

    Args:
        words: what each word added before, shape (words,).
        tokens: the words, in lower case.
        lukewarm: whether the text takes no side.
    """
    scale = np.ones(len(words))
    turns = [place for place, token in enumerate(tokens) if token in _TURNS]
    if turns and 2 <= turns[-1] < len(tokens) - 2:
        scale[: turns[-1]] = BEFORE
        scale[turns[-1] :] = AFTER
    if lukewarm:
        scale *= LUKEWARM_GAIN
    return words * scale
