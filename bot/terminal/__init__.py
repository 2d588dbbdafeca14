"""The chat in a terminal, and the same through a pipe."""

from __future__ import annotations

import os
import sys
import uuid
from typing import NoReturn

from bot.settings import Settings
from bot.terminal.training import train_assistant


def start(settings: Settings, name: str | None = None) -> NoReturn:
    """Hold one conversation on standard input and output, then end the program.

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
    # Other threads may be importing TensorFlow or reading a model. Python would wait for them, or
    # take the libraries away under them, which ends in an abort; nothing is left to be written.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
