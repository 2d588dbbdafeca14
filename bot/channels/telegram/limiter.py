"""Send no faster than Telegram allows, one chat never waiting for another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.constants import FloodLimit
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

Result = bool | dict[str, Any] | list[dict[str, Any]]

# One message a second in a private chat, short bursts allowed.
PRIVATE_BURST = 20
_KEPT = 2_000
# What only decorates a reply is dropped rather than queued.
_DISPENSABLE = ("sendChatAction", "editMessageReplyMarkup", "editMessageText")


class ChatLimiter(BaseRateLimiter[int]):
    """Overall, group and private limits, and silence after a 429, chat by chat.

    Who sends decides whether to try again. PTB's AIORateLimiter holds back every chat when one
    is told to wait.
    """

    def __init__(self) -> None:
        """Start with nothing sent yet."""
        self._overall = AsyncLimiter(float(FloodLimit.MESSAGES_PER_SECOND), 1)
        self._chats: dict[str, AsyncLimiter] = {}
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
        async with self._of(chat), self._overall:
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._closed[chat] = asyncio.get_running_loop().time() + seconds(error)
                raise

    def _wait(self, chat: str) -> float:
        until = self._closed.get(chat, 0.0)
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            self._closed.pop(chat, None)
        return max(left, 0.0)

    def _of(self, chat: str) -> AsyncLimiter:
        if len(self._chats) > _KEPT:
            for known, limiter in list(self._chats.items()):
                if limiter.has_capacity(limiter.max_rate):
                    del self._chats[known]
        if chat not in self._chats:
            rate, period = (
                (float(FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP), 60.0)
                if chat.startswith("-")
                else (float(PRIVATE_BURST), float(PRIVATE_BURST))
            )
            self._chats[chat] = AsyncLimiter(rate, period)
        return self._chats[chat]


def seconds(error: RetryAfter) -> float:
    """Return how long Telegram asks to wait, with a little to spare."""
    wait = error.retry_after
    return (wait if isinstance(wait, int | float) else wait.total_seconds()) + 0.1
