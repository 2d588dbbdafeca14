"""Split a review into the words and marks that the default model reads.

Words keep their apostrophe ("isn't" is one word), and what reviewers shout or score with is
kept: "!", "?", smileys and rows of stars. An emoji that shows a clear feeling is read as a
word for it. Case, spacing and HTML make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

PADDING, UNKNOWN, FIRST = 0, 1, 2

_FEELINGS = {
    "loved": "😍🥰😻❤💖💕💗💙💜🧡",
    "excellent": "👍👏💯🏆🔥🙌🤩🥇🎉",
    ":)": "😀😃😄😁😊🙂☺😎😂🤣😆🥲",
    "awful": "👎💩🤮🤢🗑🚮",
    "boring": "😴🥱💤😪",
    ":(": "😞😒🙁☹😠😡🤬😤😑🙄🤦",
}
_WORD_OF = {emoji: word for word, emojis in _FEELINGS.items() for emoji in emojis}
_TOKEN = re.compile(
    rf"[^\W_]+(?:'[^\W_]+)?|[!?]|\*+|[:;=]-?[()]|[{''.join(_WORD_OF)}]",
)
_MARKUP = re.compile(r"<[^<>]{1,40}>|&(?:[a-z]{2,6}|#\d{1,5});", re.IGNORECASE)
_APOSTROPHES = str.maketrans("’´`", "'''")


def read(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the words and marks of a text, in lower case, and where each one stands.

    A place is the index of the first character and of the one after the last.
    """
    words, places = [], []
    for found in _TOKEN.finditer(_plain(text)):
        word = found.group()
        words.append(_WORD_OF.get(word, word))
        places.append(found.span())
    return words, places


def tokens(text: str) -> list[str]:
    """Return the words and marks of a text, in lower case."""
    return [_WORD_OF.get(word, word) for word in _TOKEN.findall(_plain(text))]


def _plain(text: str) -> str:
    """Lower the text and blank out markup without moving any character."""
    if "<" in text or "&" in text:
        text = _MARKUP.sub(lambda found: " " * len(found.group()), text)
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return lowered.translate(_APOSTROPHES)


class Lexicon:
    """The words of the default model; line ``i`` of its file is the word of id ``i + 2``."""

    def __init__(self, words: Sequence[str]) -> None:
        """Number the words from 2; 0 is padding, 1 every other word."""
        self.words = tuple(words)
        self._ids = {word: number for number, word in enumerate(self.words, FIRST)}

    def __len__(self) -> int:
        """Count every id, special ones included."""
        return len(self.words) + FIRST

    def number(self, words: Sequence[str]) -> Ids:
        """Return the id of each word, in lower case."""
        get = self._ids.get
        return np.array([get(word, UNKNOWN) for word in words], np.int64)

    @classmethod
    def read(cls, path: Path) -> Lexicon:
        """Read a file of words."""
        return cls(path.read_text(encoding="utf-8").split("\n")[:-1])

    def write(self, path: Path) -> None:
        """Write the words, one a line."""
        path.write_text("\n".join(self.words) + "\n", encoding="utf-8")
