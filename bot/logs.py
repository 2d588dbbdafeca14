"""Quiet logs: what went wrong, never what a person wrote."""

from __future__ import annotations

import logging
import os
import warnings

import structlog

_QUIET = ("rasa", "rasa_sdk", "sanic", "asyncio", "apscheduler", "matplotlib", "absl", "httpx")


def quiet_environment() -> None:
    """Set what must be set before TensorFlow and Rasa are imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    # Threads make the small products of a single message slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    warnings.filterwarnings("ignore")


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
        processors=[_without_text, structlog.processors.KeyValueRenderer(["event"])],
    )


def _without_text(_: object, __: str, event: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in event.items() if "text" not in key and "message" not in key}
