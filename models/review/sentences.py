"""Where the sentences of a text end, and what their words add up to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.review.verdict import Contribution

_END = re.compile(r"[.!?]+[\"')\]]*(?=\s|<|$)|\n+|(?:<br\s*/?>\s*)+", re.IGNORECASE)


def sentences(text: str, words: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """Add up what the words of each sentence contributed.

    Args:
        text: the whole text.
        words: its words with their weights, in reading order.

    Returns:
        A contribution per sentence that holds a word, from its first word to its last one;
        the weights sum to those of the words.
    """
    ends = [found.end() for found in _END.finditer(text)]
    ends.append(len(text) + 1)
    found: list[Contribution] = []
    current, at = -1, 0
    for word in words:
        while word.start >= ends[at]:
            at += 1
        if at == current:
            last = found[-1]
            found[-1] = Contribution(last.start, word.end, last.weight + word.weight)
        else:
            found.append(word)
            current = at
    return tuple(found)
