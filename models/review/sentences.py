"""Where the sentences of a text end, and what their words add up to."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from models.review.verdict import Contribution

_END = re.compile(r"(?<![.!?])[.!?]+[\"')\]]*(?=\s|<|$)|\n+|(?:<br\s{0,9}/?>\s*)+", re.IGNORECASE)


def sentences(text: str, words: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """Add up what the words of each sentence contributed.

    Args:
        text: the whole text.
        words: its words with their weights, in reading order.

    Returns:
        A contribution per sentence that holds a word, from its first word to its last one;
        the weights sum to those of the words.
    """
    starts = [word.start for word in words]
    found: list[Contribution] = []
    first = 0
    for end in [*(mark.end() for mark in _END.finditer(text)), len(text) + 1]:
        after = bisect_left(starts, end, first)
        if after > first:
            weight = sum(word.weight for word in words[first:after])
            found.append(Contribution(starts[first], words[after - 1].end, weight))
            first = after
    return tuple(found)
