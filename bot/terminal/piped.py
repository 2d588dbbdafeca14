"""The chat without a person in front of it: one line in, one answer out, no decoration."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TextIO

from rich.console import Console

from bot.terminal import render
from bot.terminal.background import Background, Message

Show = Callable[[Sequence[Message]], None]


def answer_lines(assistant: Background, sender: str, lines: TextIO, output: TextIO) -> int:
    """Answer every line that is not empty and return the exit status.

    A terminal gets formatted text; anything else gets the Markdown as it is.
    """
    for stream in (lines, output):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    show = _formatted(output) if output.isatty() else _raw(output)
    choices = render.Choices()
    try:
        for line in lines:
            if not line.strip():
                continue
            messages = assistant.ask(sender, choices.resolve(line.strip())).result()
            choices = render.Choices.of(messages)
            show(messages)
    except KeyboardInterrupt:
        return 130
    return 0


def _formatted(output: TextIO) -> Show:
    console = Console(file=output, highlight=False)
    return lambda messages: render.show(console, messages)


def _raw(output: TextIO) -> Show:
    def show(messages: Sequence[Message]) -> None:
        output.write(render.plain(messages) + "\n\n")
        output.flush()

    return show
