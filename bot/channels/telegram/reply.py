"""What a person gets to read: the messages of a turn as parts that Telegram accepts.

markdown-it reads the assistant's Markdown, as it does for the page. telegramify-markdown would make
links of what people wrote, and cuts through words, code and emoji.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from telegram.constants import ChatID, MessageLimit

from bot.channels.output import alt_of

MAX_TEXT, MAX_CAPTION = int(MessageLimit.MAX_TEXT_LENGTH), int(MessageLimit.CAPTION_LENGTH)
# Telegram drops the formatting beyond the hundredth entity of a message.
MAX_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
# Code of more lines than this comes as a file, too.
LONG_CODE = 8
MAX_TITLE = 60
# The command that makes a copy of what is kept of a person.
EXPORT = "/export"
# A phone shows about so many letters of one width in a line.
WIDEST = 60
# What people wrote may be repeated, and must not become a link, a heading or a block of its own.
_NEVER = [
    *("autolink", "blockquote", "code", "entity", "heading", "hr", "html_block", "html_inline"),
    *("image", "lheading", "link", "list", "reference"),
]
# What is drawn as one sign with what stands before it.
_JOINED = re.compile("[\u200d\ufe0e\ufe0f\u0300-\u036f\U0001f3fb-\U0001f3ff]")
_TAGS = {"strong_open": "b", "em_open": "i"}

# What a press on a button leads to.
Kind = Literal["say", "feedback", "quiz", "delete", "recall", "table", "refused"]


@dataclass(frozen=True)
class Origin:
    """Where an update comes from, and so where its answer goes."""

    chat: int
    user: int
    private: bool = True
    message: int | None = None  # to reply to it in a group
    thread: int | None = None  # the topic in a forum

    @property
    def anonymous(self) -> bool:
        """Whether an admin speaks in the name of the group."""
        return self.user == ChatID.ANONYMOUS_ADMIN

    @property
    def conversation(self) -> str:
        """Return the name of the conversation, one a person; the REST channel allows no colon."""
        return f"telegram:{self.chat}" + ("" if self.private else f":{self.user}")


@dataclass(frozen=True)
class Button:
    """A button before it is sent: its title and what a press means."""

    title: str
    payload: str
    kind: Kind = "say"


@dataclass(frozen=True)
class Part:
    """One message to send: a text, a picture with a caption, a document or a poll."""

    html: str = ""  # text or caption
    plain: str = ""  # the same without formatting
    buttons: tuple[Button, ...] = ()
    picture: str = ""  # its name in the pictures' folder
    document: str = ""  # its name
    content: str = ""  # text of the document
    source: str = ""  # what makes the document anew: id of an uploaded file, or a command
    poll: dict[str, Any] | None = None  # what a quiz is made of
    tried: bool = False  # whether sending it was begun, so that it may have arrived


def text(markdown: str, *buttons: Button) -> Part:
    """Return a part of a short text of our own."""
    return replace(render(markdown)[0], buttons=buttons)


def dump(parts: Iterable[Part]) -> str:
    """Return parts as JSON, to be kept until they are sent."""
    return json.dumps(list(parts), default=vars)


def load(dumped: str) -> list[Part]:
    """Return the parts of ``dump``."""
    return [
        Part(**{**part, "buttons": tuple(Button(**button) for button in part["buttons"])})
        for part in json.loads(dumped)
    ]


def compose(messages: Iterable[Mapping[str, Any]], extra: tuple[Button, ...] = ()) -> list[Part]:
    """Return what to send for the assistant's messages, in order.

    Texts that follow each other become one, because Telegram wants about one message a second in
    a chat. A keyboard ends a message. ``extra`` buttons go below the last that can carry them.
    """
    parts: list[Part] = []
    pending = ""
    for message in messages:
        said, picture = str(message.get("text") or "").strip(), str(message.get("image") or "")
        alt = alt_of(message)
        buttons, files = _buttons(message.get("buttons") or ()), _files(said)
        if file := message.get("file"):
            files.append(Part(document=file["name"], content=file["content"], source=EXPORT))
        if picture:
            parts += render(pending)
            pending = ""
        pending = f"{pending}\n\n{said}".strip()
        if picture or buttons or files:
            parts += [*_shown(pending, picture, alt, buttons), *files]
            pending = ""
    parts += render(pending)
    for index, part in reversed([*enumerate(parts)]):
        if part.html and not part.document:
            parts[index] = replace(part, buttons=part.buttons + extra)
            break
    return parts


def _shown(markdown: str, picture: str, alt: str, buttons: tuple[Button, ...]) -> list[Part]:
    """Show a text, and with a picture what it shows: folded, as Telegram has no other place."""
    parts = render(markdown)
    if picture:
        seen = _folded(alt)
        caption = _joined([*parts, seen])
        if len(parts) == 1 and units(caption.plain) <= MAX_CAPTION:
            parts = [replace(caption, picture=picture)]
        else:
            parts.insert(0, replace(seen, picture=picture))
    if buttons:
        # A keyboard cannot stand alone.
        parts = parts or [Part("…", "…")]
        parts[-1] = replace(parts[-1], buttons=buttons)
    return parts


def _folded(alt: str) -> Part:
    if not alt:
        return Part()
    part = render(alt, MAX_CAPTION)[0]
    return replace(part, html=f"<blockquote expandable>{part.html}</blockquote>")


def _joined(parts: Iterable[Part]) -> Part:
    told = [part for part in parts if part.plain]
    return Part("\n\n".join(part.html for part in told), "\n\n".join(part.plain for part in told))


def _files(said: str) -> list[Part]:
    found = [
        span.text
        for span in parse(said)
        if span.language in ("code", "python", "py") and span.text.count("\n") >= LONG_CODE
    ]
    return [
        Part(document=f"example{f'_{number}' * (len(found) > 1)}.py", content=f"{code}\n")
        for number, code in enumerate(found, start=1)
    ]


def _buttons(found: Iterable[Mapping[str, Any]]) -> tuple[Button, ...]:
    titled = ((shorten(str(entry["title"]), MAX_TITLE), entry) for entry in found)
    return tuple(
        Button(title, str(entry.get("payload") or title)) for title, entry in titled if title
    )


def units(text: str) -> int:
    """Return a length as Telegram counts it, in UTF-16 code units: two for an emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@functools.lru_cache(maxsize=1000)
def shorten(markdown: str, limit: int) -> str:
    """Return plain text on one line of at most ``limit`` units, cut at a sentence or a word."""
    text = " ".join(" ".join(part.plain for part in render(markdown)[:1]).split())
    if units(text) <= limit:
        return text
    while units(text) > limit - 1:
        text = text[:-1]
    sentence = max(text.rfind(mark) for mark in (". ", "? ", "! "))
    if sentence > limit // 2:
        return text[: sentence + 1]
    return (text.rpartition(" ")[0] or text).rstrip(" ,;:") + "…"


@dataclass(frozen=True)
class Span:
    """A run of plain text in one style: "b" and "i", outermost first, or "code" or "pre" alone."""

    text: str
    tags: tuple[str, ...] = ()
    language: str = ""


Sign = tuple[str, Span]
# What stands between two blocks, and beside code.
_GAPS = (Span("\n\n"), Span("\n"))


@functools.lru_cache(maxsize=100)
def parse(markdown: str) -> Sequence[Span]:
    """Return the paragraphs, blocks of code and tables of a text, with gaps between them."""
    spans: list[Span] = []
    tokens = _parser().parse(markdown)
    for index, token in enumerate(tokens):
        block: list[Span] = []
        if token.type == "fence":
            language = (token.info.split() or ["code"])[0]
            block = [Span(token.content.rstrip(), ("pre",), language)]
        elif token.type == "inline" and tokens[index - 1].type == "paragraph_open":
            block = list(_inline(token.children or []))
        elif token.type == "table_open":
            block = _table(tokens[index:])
        if spans and block:
            spans.append(_GAPS[("pre",) in (spans[-1].tags, block[0].tags)])
        spans += block
    return spans


@functools.cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(_NEVER)
    parser.inline.ruler.before("emphasis", "literal", _literal)
    return parser


def _literal(state: StateInline, silent: bool) -> bool:
    """Take ``w1*x1``, ``__init__`` and ``two_words`` as they are written."""
    sign, around = state.src[state.pos], state.src[max(state.pos - 1, 0) : state.pos + 2]
    if sign == "_" or (sign == "*" and len(around) == 3 and (around[0] + around[2]).isalnum()):
        state.pending += "" if silent else sign
        state.pos += 1
        return True
    return False


def _inline(tokens: Iterable[Token]) -> Iterator[Span]:
    tags: list[str] = []
    at_start = True
    for token in tokens:
        if token.type in _TAGS:
            tags.append(_TAGS[token.type])
        elif token.nesting < 0:
            tags.pop()
        elif token.type.endswith("break"):
            yield Span("\n")
        elif token.type == "code_inline":
            yield Span(token.content, ("code",))
        elif token.content:
            is_item = at_start and token.content[:2] in ("- ", "* ", "+ ")
            # A style inside itself would only be the same style.
            yield Span("• " * is_item + token.content[2 * is_item :], tuple(dict.fromkeys(tags)))
        at_start = token.type.endswith("break")


def _table(tokens: Sequence[Token]) -> list[Span]:
    """Return a table in columns, or where a phone is too narrow for it as a paragraph a row."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append("".join(span.text for span in _inline(token.children or [])).strip())
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if max(map(len, lines)) <= WIDEST:
        return [Span("\n".join(lines), ("pre",), "table")]
    spans: list[Span] = []
    for first, *rest in rows[1:]:
        named = (": ".join(filter(None, pair)) for pair in zip(rows[0][1:], rest, strict=True))
        spans += [Span("\n\n" * bool(spans)), Span(first, ("b",)), Span("\n" + "\n".join(named))]
    return spans


def render(markdown: str, limit: int = MAX_TEXT) -> list[Part]:
    """Return messages of 1 to ``limit`` UTF-16 units; none for a text without visible content.

    A style that is cut goes on in the next message.
    """
    parts = []
    signs = [(sign, span) for span in parse(markdown) for sign in span.text]
    while signs := _trimmed(signs):
        end = _end(signs, limit)
        runs = [
            replace(span, text="".join(sign for sign, _ in run))
            for span, run in groupby(_trimmed(signs[:end]), key=itemgetter(1))
        ]
        parts.append(Part("".join(map(_html, runs)), "".join(run.text for run in runs)))
        signs = signs[end:]
    return parts


def _trimmed(signs: list[Sign]) -> list[Sign]:
    """Drop blanks at both ends, but not the indentation of code."""
    text = "".join(sign for sign, _ in signs)
    begin, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if begin < end and signs[begin][1].tags == ("pre",):
        begin = text.rfind("\n", 0, begin) + 1
    return signs[begin:end]


def _end(signs: list[Sign], limit: int) -> int:
    """Return how much becomes a message: whole blocks, else whole lines, else whole words."""
    size = entities = fits = 0
    last: Span | None = None
    for sign, span in signs:
        size += 1 + (sign > "\uffff")
        entities += len(span.tags) * (span is not last)
        last = span
        if size > limit or entities > MAX_ENTITIES:
            break
        fits += 1
    if fits == len(signs):
        return fits
    ends: tuple[Callable[[int], object], ...] = (
        lambda n: any(signs[n][1] is gap for gap in _GAPS),
        lambda n: signs[n][0] == "\n",
        lambda n: signs[n][0].isspace(),
        lambda n: not _JOINED.match(signs[n][0]) and signs[n - 1][0] != "\u200d",
    )
    found = (n for is_end in ends for n in range(fits, 0, -1) if is_end(n))
    return next(found, max(fits, 1))


def _html(span: Span) -> str:
    text = html.escape(span.text, quote=False)
    if span.language not in ("", "code", "table"):
        return f'<pre><code class="language-{html.escape(span.language)}">{text}</code></pre>'
    for tag in reversed(span.tags):
        text = f"<{tag}>{text}</{tag}>"
    return text
