"""What a person gets to read: the messages of a turn as parts that Telegram accepts.

markdown-it reads the assistant's Markdown, as it does for the page; rich, as in the terminal, holds
a text with its styles and cuts both. telegramify-markdown would make links of what people wrote,
and cuts through words, code and emoji.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from rich.cells import split_graphemes
from rich.text import Text
from telegram.constants import ChatID, MessageLimit

from bot.channels.markdown import reader
from bot.channels.output import alt_of
from bot.channels.telegram import wording

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
_LAST_BLANK = re.compile(r"\s(?=\S*\Z)")
_BULLETS = ("- ", "* ", "+ ")
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


def say(name: str, *buttons: Button, **values: Any) -> Part:
    """Return a part of a sentence of our own, filled with values."""
    return replace(render(wording.say(name, **values))[0], buttons=buttons)


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
    blocks = [token for token in _tokens(said) if token.type == "fence"]
    found = [
        block.content.rstrip()
        for block in blocks
        if block.info.split()[:1] in ([], ["code"], ["python"], ["py"])
    ]
    found = [code for code in found if code.count("\n") >= LONG_CODE]
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
    text = text[: _room(Text(text), limit - 1)]
    sentence = max(text.rfind(mark) for mark in (". ", "? ", "! "))
    if sentence > limit // 2:
        return text[: sentence + 1]
    return (text.rpartition(" ")[0] or text).rstrip(" ,;:") + "…"


def render(markdown: str, limit: int = MAX_TEXT) -> list[Part]:
    """Return messages of 1 to ``limit`` UTF-16 units; none for a text without visible content.

    They end with a block where that is possible, else with a line, a word or a sign. A style that
    is cut goes on in the next message.
    """
    whole: list[Text] = []
    for block in _blocks(markdown):
        if whole:
            beside_code = _is_code(block, 0) or _is_code(whole[-1], len(whole[-1]) - 1)
            joined = Text.assemble(whole[-1], "\n" if beside_code else "\n\n", block)
            if _room(joined, limit) == len(joined):
                whole.pop()
                block = joined
        while (room := _room(block, limit)) < len(block):
            end = _end(block.plain, room)
            whole.append(block[:end])
            block = _without_blanks(block[end:])
        whole.append(block)
    return [Part(_html(text), text.plain) for text in map(_without_blanks, whole) if text]


def _room(text: Text, limit: int) -> int:
    """Return how many characters of a text make a message, by their units and their entities."""
    within = text.plain.encode("utf-16-le", "surrogatepass")[: 2 * limit]
    room, entities = len(within.decode("utf-16-le", "ignore")), 0
    for span in text.spans:
        entities += len(str(span.style).split())
        if entities > MAX_ENTITIES:
            return min(room, span.start)
    return room


def _end(text: str, room: int) -> int:
    """Return where a message of at most ``room`` characters ends: a line, a word or a sign."""
    if (line := text.rfind("\n", 1, room + 1)) > 0:
        return line
    if blank := _LAST_BLANK.search(text, 1, room + 1):
        return blank.start()
    signs, _ = split_graphemes(text[: room + 1])
    return signs[-1][0] or max(room, 1)


def _without_blanks(text: Text) -> Text:
    """Drop blanks at both ends, but not the indentation of code."""
    begin, end = len(text) - len(text.plain.lstrip()), len(text.plain.rstrip())
    return text[text.plain.rfind("\n", 0, begin) + 1 if _is_code(text, begin) else begin : end]


def _is_code(text: Text, at: int) -> bool:
    return any(begin <= at < end and "pre" in str(style) for begin, end, style in text.spans)


def _html(text: Text) -> str:
    """Return a text with its styles, each a list of tags, as Telegram reads it."""
    shown, done = "", 0
    for begin, end, style in text.spans:
        inside = html.escape(text.plain[begin:end], quote=False)
        for tag in reversed(str(style).split()):
            name, _, language = tag.partition(":")
            opened = f'{name} class="language-{html.escape(language)}"' if language else name
            inside = f"<{opened}>{inside}</{name}>"
        shown += html.escape(text.plain[done:begin], quote=False) + inside
        done = end
    return shown + html.escape(text.plain[done:], quote=False)


@functools.lru_cache(maxsize=100)
def _tokens(markdown: str) -> Sequence[Token]:
    return _parser().parse(markdown)


@functools.cache
def _parser() -> MarkdownIt:
    parser = reader("blockquote", "code", "entity", "heading", "hr", "list")
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


def _blocks(markdown: str) -> Iterator[Text]:
    """Yield the paragraphs, blocks of code and tables of a text."""
    tokens = _tokens(markdown)
    for index, token in enumerate(tokens):
        if token.type == "fence":
            language = "".join(token.info.split()[:1])
            style = f"pre code:{language}" if language not in ("", "code") else "pre"
            yield Text().append(token.content.rstrip(), style)
        elif token.type == "inline" and tokens[index - 1].type == "paragraph_open":
            yield _inline(token)
        elif token.type == "table_open":
            yield _table(tokens[index:])


def _inline(token: Token) -> Text:
    text, tags = Text(), list[str]()
    for inside in token.children or []:
        content, style = inside.content, " ".join(dict.fromkeys(tags))
        if inside.type in _TAGS:
            tags.append(_TAGS[inside.type])
        elif inside.nesting < 0:
            tags.pop()
        elif inside.type.endswith("break"):
            content = "\n"
        elif inside.type == "code_inline":
            style = "code"
        elif content[:2] in _BULLETS and text.plain[-1:] in ("", "\n"):
            content = "• " + content[2:]
        text.append(content, style)
    return text


def _table(tokens: Sequence[Token]) -> Text:
    """Return a table in columns, or where a phone is too narrow for it as a paragraph a row."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token).plain.strip())
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if max(map(len, lines)) <= WIDEST:
        return Text().append("\n".join(lines), "pre")
    told = []
    for first, *rest in rows[1:]:
        named = (": ".join(filter(None, pair)) for pair in zip(rows[0][1:], rest, strict=True))
        told.append(Text.assemble((first, "b"), "\n" + "\n".join(named)))
    return Text("\n\n").join(told)
