"""Messages of the assistant as something to look at: Markdown, pictures, numbered choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.style import Style
from rich.syntax import Syntax
from rich.text import Text

from actions import pictures as stored
from bot.terminal import pictures

Message = dict[str, Any]

WIDTH = 96
_GAP = "   "


@dataclass(frozen=True)
class Choices:
    """The buttons of an answer, which a person chooses by number.

    Attributes:
        titles: what is shown, in order; the first has the number 1.
        payloads: what the assistant hears when one is chosen.
    """

    titles: tuple[str, ...] = ()
    payloads: tuple[str, ...] = ()

    @classmethod
    def of(cls, messages: Sequence[Message]) -> Choices:
        """Collect the buttons of all messages of an answer."""
        buttons = [button for message in messages for button in message.get("buttons") or ()]
        return cls(
            tuple(str(button["title"]) for button in buttons),
            tuple(str(button.get("payload") or button["title"]) for button in buttons),
        )

    def resolve(self, text: str) -> str:
        """Return the payload of a choice if the text is its number, else the text."""
        chosen = self.number(text)
        return text if chosen is None else self.payloads[chosen]

    def number(self, text: str) -> int | None:
        """Return the position of the choice that a text names, from 0, if it names one."""
        digits = text.strip()
        if digits.isascii() and digits.isdigit() and 0 < int(digits[:4]) <= len(self.payloads):
            return int(digits) - 1
        return None


def plain(messages: Sequence[Message]) -> str:
    """Return an answer as text: Markdown as it is, pictures by path, choices by number."""
    parts = []
    for message in messages:
        if message.get("text"):
            parts.append(str(message["text"]))
        if path := stored.find(str(message.get("image") or "")):
            parts += [f"[picture: {path}]", str(message.get("alt") or "")]
    titles = Choices.of(messages).titles
    if titles:
        parts.append("\n".join(f"{number}. {title}" for number, title in enumerate(titles, 1)))
    return "\n\n".join(filter(None, parts))


@dataclass(frozen=True)
class Code:
    """A block of code in an answer."""

    text: str
    language: str

    def highlighted(self) -> Text:
        """Return it in colours, between empty lines."""
        syntax = Syntax(self.text, self.language or "text", theme="ansi_dark")
        return Text("\n").append_text(syntax.highlight(self.text.rstrip("\n"))).append("\n")


def show(console: Console, messages: Sequence[Message]) -> None:
    """Print an answer; where pictures cannot be seen, what they show is told."""
    for message in messages:
        for part in _parts(str(message.get("text") or "")):
            if isinstance(part, Code):
                # The terminal breaks its long lines, so that they are copied whole.
                console.print(part.highlighted(), soft_wrap=True)
            else:
                _print(console, markdown(part))
        if path := stored.find(str(message.get("image") or "")):
            seen = pictures.show(console, path)
            # As with code, an address that is copied must be whole.
            link = Style(dim=True, link=path.as_uri())
            console.print(Text.assemble("  picture: ", (str(path), link)), soft_wrap=True)
            if not seen:
                _print(console, markdown(str(message.get("alt") or "")))
    titles = Choices.of(messages).titles
    if titles:
        _print(console, choices(titles, min(console.width, WIDTH) - 4))
    console.print()


def markdown(text: str) -> Markdown:
    """Return a message's Markdown ready to print, its line breaks kept."""
    return Markdown("\n".join(_hard_breaks(text)), code_theme="ansi_dark", hyperlinks=False)


def choices(titles: Sequence[str], width: int = WIDTH) -> Text:
    """Return the numbered choices, as many to a line as fit, none cut in two."""
    lines: list[list[Text]] = [[]]
    room = width
    for number, title in enumerate(titles, 1):
        choice = Text.assemble((str(number), "bold cyan"), " ", (title, "cyan"))
        if lines[-1] and choice.cell_len > room:
            lines.append([])
            room = width
        lines[-1].append(choice)
        room -= choice.cell_len + len(_GAP)
    return Text("\n").join(Text(_GAP).join(line) for line in lines)


def _parts(text: str) -> Iterator[str | Code]:
    """Cut an answer into Markdown and blocks of code."""
    lines = text.splitlines()
    at = 0
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.level == 0 and token.map:
            begin, end = token.map
            if any(line.strip() for line in lines[at:begin]):
                yield "\n".join(lines[at:begin])
            yield Code(token.content, token.info.strip())
            at = end
    if any(line.strip() for line in lines[at:]):
        yield "\n".join(lines[at:])


def _hard_breaks(text: str) -> Iterator[str]:
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            yield line
        elif fenced or "|" in line or not line.strip():
            yield line
        else:
            yield line + "  "


def _print(console: Console, content: RenderableType) -> None:
    width = min(console.width, WIDTH)
    console.print(Padding(content, (0, 0, 0, 2)), width=width)
