"""Split a review into the words and marks that the n-gram network reads.

Words keep their apostrophe ("isn't" is one word), and what reviewers shout or score with is
kept: "!", "?", smileys and rows of stars.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review.plain import plain

Ids = npt.NDArray[np.int64]

PADDING, UNKNOWN, FIRST = 0, 1, 2

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[!?]|\*+|[:;=]-?[()]")


def read(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the words and marks of a plain text, in lower case, and where each one stands.

    A place is the index of the first character and of the one after the last.
    """
    words, places = [], []
    for found in _TOKEN.finditer(_lower(text)):
        words.append(found.group())
        places.append(found.span())
    return words, places


def tokens(text: str) -> list[str]:
    """Return the words and marks of a raw text, in lower case."""
    return _TOKEN.findall(_lower(plain(text).text))


def _lower(text: str) -> str:
    """Lower a text without moving any character."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return lowered


class Vocabulary:
    """The words a model knows and their ids; a file holds one a line.

    Attributes:
        words: the known words; their ids follow each other.
    """

    def __init__(self, words: Sequence[str], first: int = FIRST, unknown: int = UNKNOWN) -> None:
        """Number the words from ``first``; every other word gets the id ``unknown``."""
        self.words = tuple(words)
        self._unknown = unknown
        self._ids = {word: number for number, word in enumerate(self.words, first)}

    def number(self, words: Sequence[str]) -> Ids:
        """Return the id of each word, in lower case."""
        get, unknown = self._ids.get, self._unknown
        return np.array([get(word, unknown) for word in words], np.int64)

    @classmethod
    def read(cls, path: Path, first: int = FIRST, unknown: int = UNKNOWN) -> Vocabulary:
        """Read what ``write`` wrote."""
        return cls(path.read_text(encoding="utf-8").split("\n")[:-1], first, unknown)

    def write(self, path: Path) -> None:
        """Write the words, one a line."""
        path.write_text("\n".join(self.words) + "\n", encoding="utf-8")
