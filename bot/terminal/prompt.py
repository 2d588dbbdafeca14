"""The line one types on: history, editing, pasting, completion."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

logger = logging.getLogger(__name__)

COMMANDS = {
    "/help": "what Fathom can do",
    "/start": "begin again",
    "/cancel": "leave the step you are in",
    "/quit": "leave",
}
_STYLE = Style.from_dict({"prompt": "bold ansicyan", "bottom-toolbar": "noreverse ansibrightblack"})


class Suggestions(Completer):
    """Complete commands at the start of a line and names of concepts anywhere."""

    def __init__(self, titles: Callable[[], Sequence[str]]) -> None:
        """Keep the way to the titles; it is followed when the first one is wanted."""
        self._titles = functools.cache(titles)

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """Yield what the text before the cursor may become, the longest match first."""
        text = document.text_before_cursor
        if text.startswith("/"):
            for command, meaning in COMMANDS.items():
                if command.startswith(text):
                    yield Completion(command, -len(text), display_meta=meaning)
            return
        seen: set[str] = set()
        for start in _word_starts(text):
            for title in self._titles():
                if _begins(text[start:], title) and title not in seen:
                    seen.add(title)
                    yield Completion(title, start_position=start - len(text))


def _begins(typed: str, name: str) -> bool:
    """Whether words are those of a name, or their beginnings, or one is its initials."""
    given, words = (text.casefold().replace("-", " ").split() for text in (typed, name))
    initials = "".join(word[0] for word in words)
    begin = len(given) <= len(words) and all(map(str.startswith, words, given))
    return begin or (len(given) == 1 and initials.startswith(given[0]))


def _word_starts(text: str) -> list[int]:
    starts = [
        index
        for index, character in enumerate(text)
        if not character.isspace() and (index == 0 or text[index - 1].isspace())
    ]
    return [start for start in starts if len(text) - start > 1]


def concept_names() -> tuple[str, ...]:
    """Return the names of all concepts; none if the knowledge cannot be read."""
    from models import knowledge

    try:
        return tuple(block.name for block in knowledge.library().concepts)
    except (OSError, ValueError):
        logger.warning("The concepts cannot be completed", exc_info=True)
        return ()


def keys() -> KeyBindings:
    """Return the keys that differ from the usual ones."""
    bindings = KeyBindings()

    @bindings.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @bindings.add("escape", "enter")
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("c-c")
    def _clear_or_leave(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    return bindings


def session(
    history: Path, toolbar: Callable[[], FormattedText | None], *, colours: bool
) -> PromptSession[str]:
    """Return a prompt that keeps its history in a file only its owner can read.

    Pasted text stays one message: Enter sends, a pasted line break does not.
    """
    history.parent.mkdir(parents=True, exist_ok=True)
    history.touch(mode=0o600)
    return PromptSession(
        message=FormattedText(
            [("class:prompt", "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT} ")]
        ),
        multiline=True,
        prompt_continuation="  ",
        history=FileHistory(str(history)),
        auto_suggest=AutoSuggestFromHistory(),
        completer=Suggestions(concept_names),
        complete_in_thread=True,
        complete_while_typing=Condition(lambda: get_app().current_buffer.text.startswith("/")),
        key_bindings=keys(),
        bottom_toolbar=toolbar,
        refresh_interval=0.5,
        style=_STYLE,
        color_depth=None if colours else ColorDepth.DEPTH_1_BIT,
    )
