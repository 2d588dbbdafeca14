"""Quiet logs: what went wrong, never what a person wrote."""

from __future__ import annotations

import json
import logging
import os
import re
import uuid
import warnings
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone
from typing import Any

import structlog

_REQUEST: ContextVar[str] = ContextVar("request", default="-")
_ID = re.compile("[A-Za-z0-9-]{1,64}")
_EXTRA = ("channel", "outcome", "seconds")
_TEXT = re.compile("text|message")
_QUIET = ("rasa", "rasa_sdk", "sanic", "asyncio", "apscheduler", "matplotlib", "absl", "httpx")


def quiet_environment() -> None:
    """Set what must be set before TensorFlow and Rasa are imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # Rasa draws progress bars above it
    # Threads make the small products of a single message slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Some libraries set the filters of warnings anew; what is shown goes through logging then.
    warnings.filterwarnings("ignore")
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def configure(level: str = "WARNING") -> None:
    """Log at ``level`` and above; Rasa's own events at INFO hold users' text, so never below it."""
    number = logging.getLevelName(level.upper())
    logging.basicConfig(level=number)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Lines() if os.environ.get("LOG_FORMAT") == "json" else _PLAIN)
        handler.addFilter(_add_request)
    logging.getLogger().setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.stdlib.LoggerFactory(),
        processors=[_without_text, structlog.processors.KeyValueRenderer(key_order=["event"])],
    )


def begin(given: str = "") -> str:
    """Return the id of a request, its own if that is one; what this task logs now bears it."""
    name = given if _ID.fullmatch(given) else uuid.uuid4().hex[:12]
    _REQUEST.set(name)
    return name


@contextmanager
def message() -> Iterator[None]:
    """Give what is logged about a message the id of its request, or one of its own."""
    current = _REQUEST.get()
    token = _REQUEST.set(uuid.uuid4().hex[:12] if current == "-" else current)
    try:
        yield
    finally:
        _REQUEST.reset(token)


def _add_request(record: logging.LogRecord) -> bool:
    record.request = _REQUEST.get()
    return True


class _Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "request", "-"),
            "message": record.getMessage(),
            **{name: getattr(record, name) for name in _EXTRA if hasattr(record, name)},
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


_PLAIN = logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(request)s]: %(message)s")


def _without_text(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if not _TEXT.search(name)}
