"""The conversation with a person at a terminal."""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field

from prompt_toolkit.formatted_text import FormattedText
from rich.console import Console
from rich.text import Text

from bot.settings import Settings
from bot.terminal import pictures, prompt, render
from bot.terminal.background import Background, Message

EXAMPLES = (
    "what is overfitting?",
    "machine learning or deep learning?",
    "5.1 3.5 1.4 0.2",
    "classify this review: a slow start, but what an ending",
)
_LEAVE = {"/quit", "/exit", "quit", "exit", "/q"}
_TICK = 0.1
_PATIENCE = 0.3


@dataclass
class Chat:
    """One conversation: reads a message, waits for the answer, shows it, until the person leaves.

    Attributes:
        assistant: answers, and says how far it is while it loads.
        settings: where the history of what was typed is kept.
        sender: the name of the conversation.
        console: where everything is shown.
    """

    assistant: Background
    settings: Settings
    sender: str
    console: Console = field(default_factory=lambda: Console(highlight=False))

    def run(self) -> int:
        """Talk until the person leaves; return the exit status."""
        console = self.console
        pictures.drawing(console)  # nobody types yet
        session = prompt.session(
            self.settings.home / "chat_history", self._toolbar, colours=not console.no_color
        )
        self._welcome()
        choices = render.Choices()
        while True:
            try:
                text = session.prompt().strip()
            except (EOFError, KeyboardInterrupt):
                return self._leave()
            finally:
                self._print_whole()
            if text.casefold() in _LEAVE:
                return self._leave()
            if not text:
                continue
            chosen = choices.number(text)
            if chosen is not None:
                console.print(Text(f"  {choices.titles[chosen]}", style="cyan"))
            console.print()
            messages = self._wait_for(choices.resolve(text))
            if messages is not None:
                choices = render.Choices.of(messages)
                render.show(console, messages)

    def _welcome(self) -> None:
        title = Text.assemble(
            ("Fathom", "bold cyan"), "  a guide to machine learning and deep learning"
        )
        self.console.print(title)
        self.console.print(Text("Ask in your own words, for example:", style="dim"))
        for example in EXAMPLES:
            self.console.print(Text(f"  {example}", style="italic"))
        hint = "/help says more, Tab completes topics, Ctrl-D leaves."
        self.console.print(Text(hint, style="dim"), end="\n\n")

    def _print_whole(self) -> None:
        """Let printing wait for the terminal again.

        A prompt on uvloop, which Rasa makes the default, leaves the terminal non-blocking: what is
        printed next and longer than the terminal's buffer, a picture say, would lose its end.
        """
        with contextlib.suppress(OSError, ValueError):
            os.set_blocking(self.console.file.fileno(), True)

    def _toolbar(self) -> FormattedText | None:
        if self.assistant.loaded:
            return None
        text = f"{self.assistant.stage}, {self.assistant.seconds:.0f} s; you can type already"
        return FormattedText([("", text)])

    def _wait_for(self, text: str) -> list[Message] | None:
        """Return the answer; None if the person would rather not wait for it."""
        future = self.assistant.ask(self.sender, text)
        try:
            try:
                return future.result(_PATIENCE)
            except NotYet:
                pass
            with self.console.status(self._doing(), spinner="dots") as status:
                while True:
                    try:
                        return future.result(_TICK)
                    except NotYet:
                        status.update(self._doing())
        except KeyboardInterrupt:
            future.cancel()
            self.console.print(Text("  Stopped waiting for that answer.", style="dim"), end="\n\n")
            return None

    def _doing(self) -> str:
        if self.assistant.loaded:
            return "thinking"
        return f"{self.assistant.stage}, {self.assistant.seconds:.0f} s"

    def _leave(self) -> int:
        self.console.print(Text("See you.", style="dim"))
        return 0
