"""Rules for short opinions that star ratings never taught: lukewarm words and "but".

The reviews to learn from carry 1 to 4 or 7 to 10 stars, so "it was ok" is found almost only
in bad ones. And in one sentence the part after "but" carries the verdict. Both rules scale
what the words added to the logit, so that the parts still sum to it.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

LONGEST = 40
LUKEWARM_GAIN = 0.2
BEFORE, AFTER = 0.4, 1.3

_LUKEWARM = re.compile(
    r"\b(?:(?:just|only|was|is|it's|were|pretty|quite|kinda|kind of)\s+(?:ok|okay|alright|average|"
    r"fine|so-so|decent enough|passable|meh)|so[- ]so|meh|mixed (?:bag|feelings)|"
    r"neither\b.{1,40}\bnor|(?:not|isn't|wasn't)\s+(?:particularly |exactly |really |that )?"
    r"(?:good|great|amazing|brilliant)\b.{0,20}\b(?:not|nor|isn't|wasn't)\s+"
    r"(?:particularly |exactly |really |that )?(?:bad|terrible|awful|horrible)|"
    r"(?:not|isn't|wasn't)\s+(?:bad|terrible|awful|horrible)\b.{0,20}\b(?:not|nor|isn't|wasn't)\s+"
    r"(?:good|great|amazing|brilliant)|not sure (?:what|how|if|whether)|(?:don't|do not) know what "
    r"to (?:think|make)|has its moments|middle of the road|take it or leave it|"
    r"some good\b.{0,30}\bbad|half good|on the fence)\b",
    re.IGNORECASE,
)
_TURNS = frozenset({"but", "however", "yet", "nevertheless", "nonetheless"})


def is_lukewarm(text: str) -> bool:
    """Whether a text holds a phrase that takes no side."""
    return _LUKEWARM.search(text.replace("’", "'")) is not None


def weigh(
    words: npt.NDArray[np.float64], tokens: list[str], lukewarm: bool
) -> npt.NDArray[np.float64]:
    """Return what the words of a short text add once the rules have been applied.

    Args:
        words: what each word added before.
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
