"""The chat in a terminal, and the same through a pipe."""

from __future__ import annotations

import os
import sys
import uuid

from bot.settings import Settings
from bot.terminal.training import train_assistant


def start(settings: Settings, name: str | None = None) -> int:
    """Hold one conversation on standard input and output; return the exit status.

    Args:
        settings: where the assistant and its conversations are kept.
        name: continues the conversation of this name; without it a new one begins.
    """
    from bot.terminal.background import Background

    sender = f"terminal-{name or uuid.uuid4().hex}"
    train_assistant(settings)
    assistant = Background(settings)
    if sys.stdin.isatty() and sys.stdout.isatty():
        from bot.terminal.chat import Chat

        status = Chat(assistant, settings, sender).run()
    else:
        from bot.terminal.piped import answer_lines

        status = answer_lines(assistant, sender, sys.stdin, sys.stdout)
    if not assistant.loaded:
        # Python waits for a thread that is importing TensorFlow; a person who leaves does not.
        sys.stdout.flush()
        os._exit(status)
    return status
