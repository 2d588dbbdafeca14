"""Make a raw text plain before it is read, and remember where each letter of it stood.

Undone is what exports and web pages do to a text: HTML marks and entities, words that were cut
into pieces ("do n't"), typographic apostrophes. An emoji that shows a clear feeling is read as a
word for it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

_FEELINGS = {
    "loved": "😍🥰😻❤💖💕💗💙💜🧡",
    "excellent": "👍👏💯🏆🔥🙌🤩🥇🎉",
    ":)": "😀😃😄😁😊🙂☺😎😂🤣😆🥲",
    "awful": "👎💩🤮🤢🗑🚮",
    "boring": "😴🥱💤😪",
    ":(": "😞😒🙁☹😠😡🤬😤😑🙄🤦",
}
_WORD_OF = {emoji: f" {word} " for word, emojis in _FEELINGS.items() for emoji in emojis}
_BRACKETS = {"-lrb-": "(", "-rrb-": ")", "``": '"', "''": '"'}
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


@dataclass(frozen=True)
class Plain:
    """A text as it is read.

    Attributes:
        text: what is read.
        starts: index in the raw text of each of its letters, None if nothing was changed.
        ends: index after each letter in the raw text, None likewise.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def raw(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of at least one letter stands in the raw text."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def plain(text: str) -> Plain:
    """Return a text without what web pages and exports add to it.

    Example:
        >>> plain("It does n&#39;t bore<br />me").text
        "It doesn't bore me"
    """
    return _twice(text) if "&" in text else _once(text)


def _twice(text: str) -> Plain:
    """Undo entities first: what they stand for may be a mark or an apostrophe itself."""
    first = _once(text)
    second = _once(first.text)
    if second.starts is None or second.ends is None:
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
        put = _put(found)
        parts += [text[at:start], put]
        starts += [*range(at, start), *([start] * len(put))]
        ends += [*range(at + 1, start + 1), *([end] * len(put))]
        at = end
    if not parts:
        return Plain(text)
    parts.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Plain("".join(parts), starts, ends)


def _put(found: re.Match[str]) -> str:
    """Return what a match is read as."""
    kind, raw = found.lastgroup, found.group()
    if kind == "entity":
        return html.unescape(raw)
    if kind == "bracket":
        return _BRACKETS[raw.lower()]
    if kind == "emoji":
        return _WORD_OF[raw]
    return {"mark": " ", "not": "n't", "ending": "", "apostrophe": "'"}[kind or "mark"]
