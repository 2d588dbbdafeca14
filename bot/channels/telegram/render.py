"""Turn the assistant's Markdown into messages that Telegram accepts."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from telegram.constants import MessageLimit

from bot.channels.telegram.markdown import Span, parse

MAX_TEXT = int(MessageLimit.MAX_TEXT_LENGTH)
MAX_CAPTION = int(MessageLimit.CAPTION_LENGTH)
# Telegram drops the formatting beyond the hundredth entity of a message.
MAX_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
_JOINERS = ("\u200d", "\ufe0f", "\ufe0e")


@dataclass(frozen=True)
class Rendered:
    """One message twice: as Telegram's HTML, and plain for when that is refused."""

    html: str
    plain: str


def units(text: str) -> int:
    """Return a length as Telegram counts it, in UTF-16 code units.

    >>> units("a😀")
    3
    """
    return len(text) + sum(character > "\uffff" for character in text)


def render(markdown: str, limit: int = MAX_TEXT) -> list[Rendered]:
    """Return messages of 1 to ``limit`` UTF-16 units; none for a text without visible content."""
    return [_rendered(chunk) for chunk in split(parse(markdown), limit)]


def split(spans: Iterable[Span], limit: int) -> list[list[Span]]:
    """Cut pieces into chunks, at a paragraph, a line or a space where there is one.

    A style that is cut goes on in the next chunk; a block of code stays whole if it fits.
    """
    rest, chunks = _trimmed(list(spans)), []
    while rest:
        end = _fitting(rest, limit)
        size = sum(len(span.text) for span in rest)
        if end < size:
            end = _break(rest, end)
        head, tail = _divided(rest, end)
        if head := _trimmed(head):
            chunks.append(head)
        rest = _trimmed(tail)
    return chunks


def _fitting(spans: list[Span], limit: int) -> int:
    used = characters = entities = 0
    for span in spans:
        entities += len(span.tags)
        if entities > MAX_ENTITIES:
            return characters
        for character in span.text:
            used += 2 if character > "\uffff" else 1
            if used > limit:
                return characters
            characters += 1
    return characters


def _break(spans: list[Span], end: int) -> int:
    """Return where to cut within the first ``end`` characters, at least one."""
    text = "".join(span.text for span in spans)
    prose, start = list(text[:end]), 0
    for span in spans:
        if span.tags == ("pre",):
            for index in range(start, min(start + len(span.text), end)):
                prose[index] = "x"
        start += len(span.text)
    outside = "".join(prose)
    for candidate, least in ((outside, end // 4), (text[:end], end // 2)):
        for mark in ("\n\n", "\n", " "):
            found = candidate.rfind(mark, least)
            if found > 0:
                return found
    cut = end
    while cut > 1 and _inseparable(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > 1 else max(end, 1)


def _inseparable(before: str, after: str) -> bool:
    return (
        before == "\u200d"
        or after in _JOINERS
        or unicodedata.combining(after) > 0
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )


def _divided(spans: list[Span], end: int) -> tuple[list[Span], list[Span]]:
    head: list[Span] = []
    for index, span in enumerate(spans):
        if len(span.text) > end:
            tail = [span.cut(end), *spans[index + 1 :]]
            return ([*head, span.cut(0, end)] if end else head), tail
        head.append(span)
        end -= len(span.text)
    return head, []


def _trimmed(spans: list[Span]) -> list[Span]:
    """Drop blank ends, and blank lines only before code, whose indentation means something."""
    spans = [span for span in spans if span.text]
    while spans and not spans[0].text.strip():
        spans = spans[1:]
    while spans and not spans[-1].text.strip():
        spans = spans[:-1]
    if not spans:
        return []
    first, last = spans[0], spans[-1]
    if first.tags == ("pre",):
        lines = first.text.split("\n")
        while not lines[0].strip():
            lines.pop(0)
        spans[0] = Span("\n".join(lines), first.tags, first.language)
    else:
        spans[0] = Span(first.text.lstrip(), first.tags, first.language)
    last = spans[-1]
    spans[-1] = Span(last.text.rstrip(), last.tags, last.language)
    return spans


def _rendered(spans: list[Span]) -> Rendered:
    return Rendered("".join(map(_html, spans)), "".join(span.text for span in spans))


def _html(span: Span) -> str:
    text = html.escape(span.text, quote=False)
    if span.tags == ("pre",) and span.language not in ("", "table"):
        language = html.escape(span.language)
        return f'<pre><code class="language-{language}">{text}</code></pre>'
    for tag in reversed(span.tags):
        text = f"<{tag}>{text}</{tag}>"
    return text
