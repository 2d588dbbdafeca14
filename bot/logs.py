"""Quiet logs: what went wrong, never what a person wrote."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import MutableMapping
from typing import Any

import structlog

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
    logging.basicConfig(level=number, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger().setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.stdlib.LoggerFactory(),
        processors=[_without_text, structlog.processors.KeyValueRenderer(key_order=["event"])],
    )


def _without_text(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if not _TEXT.search(name)}
