"""Keep secrets out of every log record, traceback and crash, whichever channel has them."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import TracebackType
from typing import Any
from urllib.parse import quote

MASK = "***"
_TOKEN = re.compile(r"(?<!\d)\d{5,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
_secrets: set[str] = set()
_state = {"installed": False}


def redact(text: str) -> str:
    """Return text without any known secret and without anything shaped like a bot token."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _TOKEN.sub(MASK, text)


def install(*secrets: str | None) -> None:
    """Mask secrets from now on, in the records of every logger and in uncaught exceptions.

    A record is cleaned when it is made, so that no handler, whoever adds it, sees the original.
    A filter would have to sit on every handler instead.
    """
    for secret in filter(None, secrets):
        _secrets.update((secret, quote(secret, safe="")))
    if _state["installed"]:
        return
    _state["installed"] = True
    make, crash = logging.getLogRecordFactory(), sys.excepthook

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _cleaned(make(*args, **kwargs))

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        if redact(text) == text:
            crash(kind, error, trace)
        else:
            sys.stderr.write(redact(text))

    logging.setLogRecordFactory(factory)
    sys.excepthook = hook


def _cleaned(record: logging.LogRecord) -> logging.LogRecord:
    try:
        message = record.getMessage()
    except (TypeError, ValueError):
        message = f"{record.msg} {record.args}"
    if redact(message) != message:
        record.msg, record.args = redact(message), ()
    if record.exc_info and record.exc_info[0] is not None:
        text = logging.Formatter().formatException(record.exc_info)
        if redact(text) != text:
            record.exc_text, record.exc_info = redact(text), None
    if record.stack_info:
        record.stack_info = redact(record.stack_info)
    return record
