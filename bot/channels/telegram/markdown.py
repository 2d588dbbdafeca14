"""Read the assistant's Markdown into styled pieces of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(
    r"^ {0,3}```[ \t]{0,9}([A-Za-z0-9_+#-]{0,20})[^\n`]*\n(.*?)(?:\n {0,3}```[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_TABLE = re.compile(r"(?:^[ \t]*\|[^\n]*\|[ \t]*(?:\n|\Z)){2,}", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]*)[-*+] (?=\S)", re.MULTILINE)
# A phone shows about so many letters of one width in a line.
WIDEST = 60
_RULE = re.compile(r":?-+:?")
_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_|])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*\*(?=\S)(?P<both>(?:(?!\n\n)[^*])+?)(?<=\S)\*\*\*"
    r"|\*\*(?=\S)(?P<bold>(?:(?!\n\n).){1,300}?)(?<=\S)\*\*"
    r"|(?<![\w*\\])\*(?=[^\s*])(?P<italic>(?:(?!\n\n)[^*])+?)(?<=\S)\*(?![\w*])",
    re.DOTALL,
)
_TAGS = {"both": ("b", "i"), "bold": ("b",), "italic": ("i",)}


@dataclass(frozen=True)
class Span:
    """A run of text in one style.

    Attributes:
        text: plain text, nothing escaped.
        tags: "b", "i", "code" or "pre", outermost first; code and pre stand alone.
        language: of a fenced block, where it is named.
    """

    text: str
    tags: tuple[str, ...] = ()
    language: str = ""

    def cut(self, start: int, end: int | None = None) -> Span:
        """Return a part of it in the same style."""
        return Span(self.text[start:end], self.tags, self.language)


def parse(markdown: str) -> list[Span]:
    """Return the pieces of a text in order; their texts joined are what a person reads."""
    spans: list[Span] = []
    position = 0
    for match in _FENCE.finditer(markdown):
        spans += _prose(markdown[position : match.start()])
        code = match[2].rstrip()
        if code.strip():
            spans.append(Span(code, ("pre",), match[1]))
        position = match.end()
    return spans + _prose(markdown[position:])


def code_blocks(markdown: str) -> list[Span]:
    """Return the fenced blocks of a text."""
    return [span for span in parse(markdown) if span.tags == ("pre",) and span.language != "table"]


def _prose(text: str) -> list[Span]:
    spans: list[Span] = []
    position = 0
    for match in _TABLE.finditer(text):
        spans += _inline(_BULLET.sub(r"\1• ", text[position : match.start()]), ())
        table = _aligned(match[0])
        if max(map(len, table.splitlines())) <= WIDEST:
            spans += [Span(table, ("pre",), "table"), Span("\n")]
        else:
            spans += _inline(_listed(match[0]), ())
        position = match.end()
    return spans + list(_inline(_BULLET.sub(r"\1• ", text[position:]), ()))


def _inline(text: str, tags: tuple[str, ...]) -> Iterator[Span]:
    position = 0
    for match in _INLINE.finditer(text):
        if match.start() > position:
            yield Span(text[position : match.start()], tags)
        kind = match.lastgroup or ""
        if kind == "escaped":
            yield Span(match[kind], tags)
        elif kind == "code":
            yield Span(match[kind], ("code",))
        else:
            # A style inside itself would only be the same style.
            yield from _inline(match[kind], tuple(dict.fromkeys((*tags, *_TAGS[kind]))))
        position = match.end()
    if position < len(text):
        yield Span(text[position:], tags)


def _listed(table: str) -> str:
    """Return a table as Markdown with a paragraph a row, for a screen too narrow for its lines."""
    head, *rows = [
        _cells(line) for line in table.strip().splitlines() if not _is_rule(_cells(line))
    ]
    paragraphs = []
    for first, *rest in rows:
        named = [
            f"{name.strip()}: {cell.strip()}" if name.strip() else cell.strip()
            for name, cell in zip(head[1:], rest, strict=False)
        ]
        paragraphs.append("\n".join([f"**{first.strip().strip('*')}**", *named]))
    return "\n\n".join(paragraphs) + "\n\n"


def _is_rule(cells: list[str]) -> bool:
    return all(_RULE.fullmatch(cell.strip()) for cell in cells)


def _aligned(table: str) -> str:
    rows = [
        ["".join(span.text for span in _inline(cell.strip(), ())) for cell in _cells(line)]
        for line in table.strip().splitlines()
    ]
    if all(_RULE.fullmatch(cell) for cell in rows[1]):
        del rows[1]
    columns = max((len(row) for row in rows), default=0)
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(columns)]
    lines = ["  ".join(cell.ljust(widths[i]) for i, cell in enumerate(row)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _cells(line: str) -> list[str]:
    return re.split(r"(?<!\\)\|", line.strip()[1:-1])
