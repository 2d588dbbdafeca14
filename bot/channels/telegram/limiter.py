"""Send no faster than Telegram allows, one chat never waiting for another."""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.constants import FloodLimit
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

Result = bool | dict[str, Any] | list[dict[str, Any]]

_KEPT = 2_000
# What is sent together need not arrive together.
_SPARE = 0.1
# What only decorates a reply is dropped rather than queued.
_DISPENSABLE = ("sendChatAction", "editMessageReplyMarkup", "editMessageText")


# Learns that a request is leaving, after all that holds it back.
leaving: contextvars.ContextVar[Callable[[], None]] = contextvars.ContextVar(
    "leaving", default=lambda: None
)


class Window:
    """Lets at most so many through in any stretch of so many seconds, in order of arrival."""

    def __init__(self, most: int, seconds: float) -> None:
        """Start with nothing let through."""
        self._times: deque[float] = deque(maxlen=most)
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Return as soon as one more fits."""
        async with self._turn:
            if len(self._times) == self._times.maxlen:
                while (wait := self._times[0] + self._seconds - _now()) > 0:
                    await asyncio.sleep(wait)
            self._times.append(_now())

    @property
    def is_idle(self) -> bool:
        """Whether nothing was let through within the last stretch."""
        return not self._times or self._times[-1] + self._seconds < _now()


class ChatLimiter(BaseRateLimiter[int]):
    """Overall and group limits, and silence after a 429, chat by chat.

    Who sends decides whether to try again. PTB's AIORateLimiter holds back every chat when one
    is told to wait. A private chat gets one message for each of its own, which Telegram allows in
    bursts and stops with a 429 otherwise; so there the 429 is the only limit.
    """

    def __init__(self) -> None:
        """Start with nothing sent yet."""
        self._overall = Window(FloodLimit.MESSAGES_PER_SECOND, 1 + _SPARE)
        self._groups: dict[str, Window] = {}
        self._closed: dict[str, float] = {}

    async def initialize(self) -> None:
        """Do nothing."""

    async def shutdown(self) -> None:
        """Do nothing."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Result:
        """Send a request as soon as its chat may be written to.

        Raises:
            RetryAfter: if Telegram asks to wait; at once for a request that only decorates.
        """
        if "chat_id" not in data:
            return await callback(*args, **kwargs)
        chat = str(data["chat_id"])
        if endpoint in _DISPENSABLE:
            if self._wait(chat) > 0:
                raise RetryAfter(int(self._wait(chat)) + 1)
            return await callback(*args, **kwargs)
        await asyncio.sleep(self._wait(chat))
        if chat.startswith("-"):
            await self._group(chat).acquire()
        await self._overall.acquire()
        leaving.get()()
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._closed[chat] = _now() + seconds(error)
            raise

    def _wait(self, chat: str) -> float:
        until = self._closed.get(chat, 0.0)
        left = until - _now()
        if left <= 0:
            self._closed.pop(chat, None)
        return max(left, 0.0)

    def _group(self, chat: str) -> Window:
        if len(self._groups) > _KEPT:
            for known, limiter in list(self._groups.items()):
                if limiter.is_idle:
                    del self._groups[known]
        if chat not in self._groups:
            self._groups[chat] = Window(FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP, 60 + _SPARE)
        return self._groups[chat]


def _now() -> float:
    return asyncio.get_running_loop().time()


def seconds(error: RetryAfter) -> float:
    """Return how long Telegram asks to wait, with a little to spare."""
    wait = error.retry_after
    return (wait if isinstance(wait, int | float) else wait.total_seconds()) + 0.1
