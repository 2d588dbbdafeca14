"""What a person gets to read: the messages of a turn as parts that Telegram accepts.

markdown-it reads the assistant's Markdown, as it does for the page. telegramify-markdown would make
links of what people wrote, and cuts through words, code and emoji.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from telegram.constants import ChatID, MessageLimit

MAX_TEXT = int(MessageLimit.MAX_TEXT_LENGTH)
MAX_CAPTION = int(MessageLimit.CAPTION_LENGTH)
# Telegram drops the formatting beyond the hundredth entity of a message.
MAX_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
# Code of more lines than this comes as a file, too.
LONG_CODE = 8
MAX_BUTTONS = 60
MAX_TITLE = 60
# The command that makes a copy of what is kept of a person.
EXPORT = "/export"
# A phone shows about so many letters of one width in a line.
WIDEST = 60
# A longer text is not formatted; the assistant says no such thing.
_LONGEST = 40_000
# What people wrote may be repeated, and must not become a link, a heading or a block of its own.
_NEVER = [
    *("autolink", "blockquote", "code", "entity", "heading", "hr", "html_block", "html_inline"),
    *("image", "lheading", "link", "list", "reference"),
]
# Where a block that is too long is cut: after a line, a word, what is drawn as one, a character.
_CUTS = (
    re.compile(r"[^\n]*\n|[^\n]+"),
    re.compile(r"\S+\s*|\s+"),
    re.compile(r".(?:\u200d.|[\ufe0e\ufe0f\u0300-\u036f\U0001f3fb-\U0001f3ff])*", re.DOTALL),
    re.compile(r".", re.DOTALL),
)
_TAGS = {"strong_open": "b", "em_open": "i"}


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


class Kind(str, Enum):
    """What a press on a button leads to."""

    TEXT = "text"
    FEEDBACK = "feedback"
    QUIZ = "quiz"
    DELETE = "delete"
    RECALL = "recall"
    TABLE = "table"
    REFUSED = "refused"


@dataclass(frozen=True)
class Button:
    """A button before it is sent: its title and what a press means."""

    title: str
    payload: str
    kind: Kind = Kind.TEXT


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
    parts = json.loads(dumped)
    for part in parts:
        part["buttons"] = tuple(Button(**{**b, "kind": Kind(b["kind"])}) for b in part["buttons"])
    return [Part(**part) for part in parts]


def compose(messages: Iterable[Mapping[str, Any]], extra: tuple[Button, ...] = ()) -> list[Part]:
    """Return what to send for the assistant's messages, in order.

    Texts that follow each other become one message as long as they fit, because Telegram wants
    about one message a second in a chat. A keyboard ends a message. ``extra`` buttons go below
    the last one that can carry them.
    """
    parts: list[Part] = []
    pending = ""
    for message in messages:
        said = str(message.get("text") or "").strip()
        buttons = _buttons(message.get("buttons"))
        picture, files = str(message.get("image") or ""), _files(said)
        files += _own_data(message.get("file"))
        merged = f"{pending}\n\n{said}".strip()
        if pending and (picture or units(merged) > MAX_TEXT):
            parts += render(pending)
            merged = said
        pending = "" if picture or buttons or files else merged
        if picture:
            parts += _captioned(picture, said, buttons)
        elif buttons or files:
            parts += _with_buttons(merged, buttons)
        parts += files
    parts += render(pending)
    carriers = [n for n, part in enumerate(parts) if part.html and not part.document]
    if extra and carriers:
        last = carriers[-1]
        parts[last] = replace(parts[last], buttons=parts[last].buttons + extra)
    return parts


def _with_buttons(markdown: str, buttons: tuple[Button, ...]) -> list[Part]:
    parts = render(markdown)
    if buttons:
        # A keyboard cannot stand alone.
        parts = parts or [Part("…", "…")]
        parts[-1] = replace(parts[-1], buttons=buttons)
    return parts


def _captioned(picture: str, said: str, buttons: tuple[Button, ...]) -> list[Part]:
    parts = render(said) or [Part()]
    if len(parts) == 1 and units(parts[0].plain) <= MAX_CAPTION:
        return [replace(parts[0], picture=picture, buttons=buttons)]
    return [Part(picture=picture), *_with_buttons(said, buttons)]


def _own_data(file: object) -> list[Part]:
    """Return a copy of what is kept of a person."""
    if not isinstance(file, Mapping):
        return []
    return [Part(document=file["name"], content=file["content"], source=EXPORT)]


def _files(said: str) -> list[Part]:
    found = [
        span.text
        for block in parse(said)
        for span in block[:1]
        if span.language in ("code", "python", "py") and span.text.count("\n") >= LONG_CODE
    ]
    return [
        Part(
            document="example.py" if len(found) == 1 else f"example_{number}.py",
            content=f"{code}\n",
        )
        for number, code in enumerate(found, start=1)
    ]


def _buttons(found: object) -> tuple[Button, ...]:
    buttons = []
    for entry in found[:MAX_BUTTONS] if isinstance(found, list) else ():
        title = flat(str(entry.get("title") or "")) if isinstance(entry, Mapping) else ""
        if title:
            title = title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"
            buttons.append(Button(title, str(entry.get("payload") or title)))
    return tuple(buttons)


def units(text: str) -> int:
    """Return a length as Telegram counts it, in UTF-16 code units.

    >>> units("a😀")
    3
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@functools.lru_cache(maxsize=1000)
def flat(markdown: str) -> str:
    """Return a short text without formatting, on one line."""
    return " ".join(rendered[0].plain.split()) if (rendered := render(markdown)) else ""


def render(markdown: str, limit: int = MAX_TEXT) -> list[Part]:
    """Return messages of 1 to ``limit`` UTF-16 units; none for a text without visible content."""
    messages: list[list[Span]] = []
    for block in parse(markdown):
        for piece in _pieces(block, limit):
            joined = _joined(messages[-1], piece) if messages else []
            if joined and _fits(joined, limit):
                messages[-1] = joined
            else:
                messages.append(piece)
    return [
        Part("".join(map(_html, spans)), "".join(span.text for span in spans)) for spans in messages
    ]


@dataclass(frozen=True)
class Span:
    """A run of plain text in one style: "b" and "i", outermost first, or "code" or "pre" alone."""

    text: str
    tags: tuple[str, ...] = ()
    language: str = ""


@functools.lru_cache(maxsize=100)
def parse(markdown: str) -> Sequence[list[Span]]:
    """Return the paragraphs, blocks of code and tables of a text."""
    if len(markdown) > _LONGEST:
        return [[Span(markdown)]]
    blocks: list[list[Span]] = []
    tokens = _parser().parse(markdown)
    for index, token in enumerate(tokens):
        if token.type == "fence":
            language = (token.info.split() or ["code"])[0]
            blocks.append([Span(token.content.rstrip(), ("pre",), language)])
        elif token.type == "inline" and tokens[index - 1].type == "paragraph_open":
            blocks.append(list(_inline(token.children or [])))
        elif token.type == "table_open":
            blocks.append(_table(tokens[index:]))
    return blocks


@functools.lru_cache(maxsize=1)
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
        named = [
            f"\n{name}: {cell}" if name else f"\n{cell}"
            for name, cell in zip(rows[0][1:], rest, strict=True)
        ]
        spans += [Span("\n\n" * bool(spans)), Span(first, ("b",)), Span("".join(named))]
    return spans


def _joined(first: list[Span], then: list[Span]) -> list[Span]:
    """Return two blocks as one, a line apart beside code and a paragraph apart elsewhere."""
    code = ("pre",) in (first[-1].tags, then[0].tags)
    return [*first, Span("\n" if code else "\n\n"), *then]


def _fits(spans: list[Span], limit: int) -> bool:
    entities = sum(len(span.tags) for span in spans)
    return entities <= MAX_ENTITIES and units("".join(span.text for span in spans)) <= limit


def _pieces(
    block: list[Span], limit: int, cuts: Sequence[re.Pattern[str]] = _CUTS
) -> Iterator[list[Span]]:
    """Cut a block that is too long for a message at lines, else at words, else anywhere.

    A style that is cut goes on in the next piece.
    """
    if not (block := _trimmed(block)):
        return
    if _fits(block, limit):
        yield block
        return
    piece: list[Span] = []
    for span in block:
        for text in cuts[0].findall(span.text):
            longer = _extended(piece, replace(span, text=text))
            if not piece or _fits(_trimmed(longer), limit):
                piece = longer
                continue
            yield from _pieces(piece, limit, cuts[1:])
            piece = [replace(span, text=text)]
    yield from _pieces(piece, limit, cuts[1:])


def _extended(spans: list[Span], span: Span) -> list[Span]:
    """Return pieces with one more, in one with the last where the style is the same."""
    if spans and replace(spans[-1], text="") == replace(span, text=""):
        return [*spans[:-1], replace(span, text=spans[-1].text + span.text)]
    return [*spans, span]


def _trimmed(spans: list[Span]) -> list[Span]:
    """Drop blank ends, and blank lines only before code, whose indentation means something."""
    visible = [index for index, span in enumerate(spans) if span.text.strip()]
    if not visible:
        return []
    spans = spans[visible[0] : visible[-1] + 1]
    blank = "\n" if spans[0].tags == ("pre",) else None
    spans[0] = replace(spans[0], text=spans[0].text.lstrip(blank))
    spans[-1] = replace(spans[-1], text=spans[-1].text.rstrip())
    return spans


def _html(span: Span) -> str:
    text = html.escape(span.text, quote=False)
    if span.language not in ("", "code", "table"):
        return f'<pre><code class="language-{html.escape(span.language)}">{text}</code></pre>'
    for tag in reversed(span.tags):
        text = f"<{tag}>{text}</{tag}>"
    return text
