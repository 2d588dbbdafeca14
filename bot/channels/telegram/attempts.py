"""Repeat a request to Telegram as long as it surely had no effect."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram.limiter import seconds

logger = logging.getLogger(__name__)

T = TypeVar("T")
Note = Callable[[bool], None]
# How long, in seconds, a reply waits for Telegram to be reachable and willing again.
PATIENCE = 900.0


class UncertainError(Exception):
    """The request may or may not have been carried out."""


def no_note(tried: bool) -> None:
    """Note nothing."""


async def carry_out(call: Callable[[], Awaitable[T]], note: Note = no_note) -> T:
    """Repeat a request as long as it surely was not carried out.

    ``note`` learns before each try that it may be carried out, and after one that was not.

    Raises:
        UncertainError: if it may have been carried out.
        TelegramError: if Telegram refused it.
    """
    deadline = time.monotonic() + PATIENCE
    for pause in _pauses():
        note(True)
        try:
            return await call()
        except RetryAfter as error:
            pause = seconds(error)
            if time.monotonic() + pause > deadline:
                raise
            logger.info("Telegram asks to wait %.0f s before the next message", pause)
        except (BadRequest, Forbidden, ChatMigrated):
            raise
        except (InvalidToken, NetworkError) as error:
            if not never_sent(error):
                raise UncertainError(type(error).__name__) from error
            if time.monotonic() + pause > deadline:
                raise
            logger.debug("Not sent, again in %.1f s: %s", pause, error)
        note(False)
        await asyncio.sleep(pause)
    raise AssertionError("unreachable")


def never_sent(error: TelegramError) -> bool:
    """Whether a failed request surely had no effect."""
    if isinstance(error, InvalidToken):
        # PTB says so of 404 as well, but that is a method the server does not have.
        return "not found" not in error.message.lower()
    cause = error.__cause__
    return isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def _pauses() -> Iterator[float]:
    pause = 0.5
    while True:
        yield pause
        pause = min(pause * 2, 30.0)
