"""Whether updates are coming in, for the health route and for the log."""

from __future__ import annotations

import logging
import time
from enum import Enum
from typing import Any

logger = logging.getLogger(__name__)

STALE = 50.0
_REMIND = 600.0


class State(str, Enum):
    """What the channel is doing."""

    STARTING = "starting"
    RECEIVING = "receiving"
    UNREACHABLE = "unreachable"
    UNAUTHORIZED = "unauthorized"
    CONFLICT = "conflict"
    STOPPED = "stopped"


class Health:
    """State, since when, and the last sign of life; says each change once in the log."""

    def __init__(self, mode: str) -> None:
        """Start without any sign of life; ``mode`` is "polling" or "webhook"."""
        self._mode, self.username = mode, ""
        self._alive: float | None = None
        self.last_update: float | None = None
        self._change(State.STARTING, "")

    @property
    def stale(self) -> bool:
        """Whether it should be receiving but nothing was heard for a minute."""
        silent = time.monotonic() - (self._alive or self._since)
        return self._state is State.RECEIVING and silent > STALE

    @property
    def state(self) -> State:
        """Return the state; silence means unreachable, whatever was said."""
        return State.UNREACHABLE if self.stale else self._state

    def receiving(self) -> None:
        """Note that Telegram answered."""
        self._alive = time.monotonic()
        if self._state is not State.RECEIVING:
            self._change(State.RECEIVING, "")
            logger.info("Telegram: receiving as @%s (%s)", self.username, self._mode)

    def failing(self, state: State, problem: str) -> None:
        """Note why nothing comes in; said when it changes and every ten minutes."""
        if state is not self._state or time.monotonic() - self._since > _REMIND:
            self._change(state, problem)
            logger.error("Telegram: %s", problem)

    def report(self, waiting: int) -> dict[str, Any]:
        """Return what the health route shows; ages are in seconds."""
        ages = {"since": self._since, "last_contact": self._alive, "last_update": self.last_update}
        now = time.monotonic()
        return {
            "status": self.state.value,
            "mode": self._mode,
            "bot": self.username,
            **{name: at and round(now - at, 1) for name, at in ages.items()},
            "waiting": waiting,
            "problem": self._problem,
        }

    def _change(self, state: State, problem: str) -> None:
        self._state, self._problem, self._since = state, problem, time.monotonic()
