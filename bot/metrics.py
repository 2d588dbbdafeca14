"""What can be counted: messages, how long each step takes, what was not understood, what waits.

Nothing else in the program knows of it: ``watch`` puts a clock around the places where a message
passes from one part to the next. Labels are names of our own, never anything a person sent.
"""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from rasa.core.agent import Agent

from bot import logs
from bot.store import StoreError
from bot.turns import BusyError, LockAwayError

logger = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
MESSAGES = Counter(
    "fathom_messages",
    "Messages by channel and what came of them.",
    ("channel", "outcome"),
    registry=REGISTRY,
)
STEPS = Histogram(
    "fathom_step_seconds", "Seconds of a step.", ("step",), buckets=_SECONDS, registry=REGISTRY
)
FALLBACKS = Counter(
    "fathom_fallbacks", "Messages that were not understood.", ("intent",), registry=REGISTRY
)
WAITING = Gauge(
    "fathom_waiting",
    "Messages taken in and not answered yet.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
VERSIONS = Gauge(
    "fathom_versions",
    "Always 1; the labels say what answers.",
    ("assistant", "review"),
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
_NOT_UNDERSTOOD = ("nlu_fallback", "out_of_scope", "unknown_name")

Call = Callable[..., Awaitable[Any]]


def page() -> tuple[bytes, str]:
    """Return the figures, of all workers where there are several, and their content type."""
    shown = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shown = CollectorRegistry()
        MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
    return generate_latest(shown), CONTENT_TYPE_LATEST


def watch(agent: Agent, assistant: str, review: str) -> None:
    """Count and time what a loaded assistant does from now on."""
    VERSIONS.labels(assistant, review).set(1)
    agent.handle_message = _counted(agent.handle_message)
    agent.processor.parse_message = _understood(agent.processor.parse_message)
    store, actions = agent.tracker_store, agent.processor.action_endpoint
    store.retrieve = _timed("read", store.retrieve)
    store.save = _timed("write", store.save)
    actions.request = _timed("action", actions.request)
    agent.lock_store.lock = _waited(agent.lock_store.lock)


def _timed(step: str, call: Call) -> Call:
    @functools.wraps(call)
    async def timed(*given: Any, **more: Any) -> Any:
        with STEPS.labels(step).time():
            return await call(*given, **more)

    return timed


def _understood(parse: Call) -> Call:
    timed = _timed("understand", parse)

    async def understood(*given: Any, **more: Any) -> Any:
        parsed = await timed(*given, **more)
        intent = str((parsed.get("intent") or {}).get("name"))
        if intent in _NOT_UNDERSTOOD:
            FALLBACKS.labels(intent).inc()
        return parsed

    return understood


def _waited(lock: Callable[..., Any]) -> Callable[..., Any]:
    @asynccontextmanager
    async def waited(*given: Any, **more: Any) -> AsyncIterator[None]:
        begin = time.perf_counter()
        with WAITING.track_inprogress():
            async with lock(*given, **more):
                STEPS.labels("wait").observe(time.perf_counter() - begin)
                yield

    return waited


def _counted(handle: Call) -> Call:
    async def counted(message: Any, *given: Any, **more: Any) -> Any:
        begin, outcome = time.perf_counter(), "error"
        with logs.message():
            try:
                answer = await handle(message, *given, **more)
                outcome = "answered"
                return answer
            except BusyError:
                outcome = "busy"
                raise
            except (StoreError, LockAwayError):
                outcome = "away"
                raise
            finally:
                seconds = time.perf_counter() - begin
                STEPS.labels("whole").observe(seconds)
                MESSAGES.labels(message.input_channel, outcome).inc()
                logger.info(
                    "A message was handled",
                    extra={
                        "channel": message.input_channel,
                        "outcome": outcome,
                        "seconds": round(seconds, 3),
                    },
                )

    return counted
