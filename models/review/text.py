"""Make a raw text plain, and split it into the words and marks that the n-gram network reads.

Undone is what exports and web pages do to a text: HTML marks and entities, words that were cut
into pieces ("do n't"), typographic apostrophes. An emoji that shows a clear feeling is read as a
word for it. Words keep their apostrophe ("isn't" is one word), and what reviewers shout or score
with is kept: "!", "?", smileys and rows of stars.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

PADDING, UNKNOWN, FIRST = 0, 1, 2

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[!?]|\*+|[:;=]-?[()]")
_FEELINGS = {
    "loved": "😍🥰😻❤💖💕💗💙💜🧡",
    "excellent": "👍👏💯🏆🔥🙌🤩🥇🎉",
    ":)": "😀😃😄😁😊🙂☺😎😂🤣😆🥲",
    "awful": "👎💩🤮🤢🗑🚮",
    "boring": "😴🥱💤😪",
    ":(": "😞😒🙁☹😠😡🤬😤😑🙄🤦",
}
_WORD_OF = {emoji: f" {word} " for word, emojis in _FEELINGS.items() for emoji in emojis}
_EMOJI = "".join(_WORD_OF)
# Everything that is read as something else. What it can begin with comes first, which is quick.
_CHANGED = re.compile(
    rf"(?=[<& '’‘´`{_EMOJI}-])(?:"
    r"(?P<mark><[^<>]{1,40}>)"
    r"|(?P<entity>&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});)"
    r"|(?P<not> n ?['’]t\b)"
    r"|(?P<ending> (?=['’](?:s|m|re|ve|ll|d)\b))"
    r"|(?P<apostrophe>[’‘´]|`(?!`))"
    r"|(?P<bracket>-[lr]rb-|``|'')"
    rf"|(?P<emoji>[{_EMOJI}]))",
    re.IGNORECASE,
)


# What a match is read as: by its kind, or by itself.
_READ_AS = {
    **{"mark": " ", "not": "n't", "ending": "", "apostrophe": "'"},
    **{"-lrb-": "(", "-rrb-": ")", "``": '"', "''": '"'},
    **_WORD_OF,
}


class Plain(NamedTuple):
    """A text as it is read."""

    text: str  # what is read
    starts: Sequence[int]  # index in the raw text of each of its letters
    ends: Sequence[int]  # index after each letter in the raw text

    def raw(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of at least one letter stands in the raw text."""
        return self.starts[start], self.ends[end - 1]


def plain(text: str) -> Plain:
    """Return a text without what web pages and exports add to it.

    Example:
        >>> plain("It does n&#39;t bore<br />me").text
        "It doesn't bore me"
    """
    first = _once(text)
    if "&" not in text:
        return first
    # What an entity stood for may be a mark or an apostrophe itself.
    second = _once(first.text)
    if second.text == first.text:
        return first
    places = [first.raw(s, max(e, s + 1)) for s, e in zip(second.starts, second.ends, strict=True)]
    return Plain(second.text, [start for start, _ in places], [end for _, end in places])


def _once(text: str) -> Plain:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for found in _CHANGED.finditer(text):
        start, end = found.span()
        kind, raw = found.lastgroup, found.group()
        put = html.unescape(raw) if kind == "entity" else _READ_AS.get(kind or "")
        if put is None:
            put = _READ_AS[raw.lower()]
        parts += [text[at:start], put]
        starts += [*range(at, start), *([start] * len(put))]
        ends += [*range(at + 1, start + 1), *([end] * len(put))]
        at = end
    parts.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Plain("".join(parts), starts, ends)


def read(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the words and marks of a plain text, in lower case, and where each one stands.

    A place is the index of the first character and of the one after the last.
    """
    found = list(_TOKEN.finditer(_lower(text)))
    return [each.group() for each in found], [each.span() for each in found]


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
    """The words a model knows and their ids, which follow each other; a file holds one a line."""

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
