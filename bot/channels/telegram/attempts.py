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
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram.limiter import leaving, seconds

logger = logging.getLogger(__name__)

T = TypeVar("T")
Note = Callable[[bool], None]
# How long, in seconds, a reply and a download wait for Telegram to be reachable and willing.
PATIENCE = 900.0
# The longest wait, in seconds, that Telegram may ask for.
LONGEST_WAIT = 24 * 3600.0
READING = 60.0
# What PTB raises for an answer that lacks something: the request itself was carried out.
UNREADABLE = (AssertionError, AttributeError, KeyError, OverflowError, TypeError, ValueError)


class UncertainError(Exception):
    """The request may or may not have been carried out."""


class MissingMethodError(Exception):
    """The server does not have this method."""


def no_note(tried: bool) -> None:
    """Note nothing."""


async def carry_out(
    call: Callable[[], Awaitable[T]], note: Note = no_note, *, reading: bool = False
) -> T | None:
    """Repeat a request as long as it surely was not carried out, or it is only ``reading``.

    ``note`` learns when a request leaves that it may be carried out, and that it was not. The
    result is None where the server's answer cannot be read.

    Raises:
        UncertainError: if it may have been carried out.
        MissingMethodError: if the server does not have the method.
        TelegramError: if Telegram refused it.
    """
    token = leaving.set(lambda: note(True))
    try:
        return await _repeat(call, note, reading)
    finally:
        leaving.reset(token)


async def _repeat(call: Callable[[], Awaitable[T]], note: Note, reading: bool) -> T | None:
    deadline = time.monotonic() + (READING if reading else PATIENCE)
    for pause in _pauses():
        try:
            return await call()
        except UNREADABLE as error:
            logger.warning("An answer of the server could not be read: %s", type(error).__name__)
            return None
        except RetryAfter as error:
            pause = seconds(error)
            if pause > (READING if reading else LONGEST_WAIT):
                raise
            deadline = max(deadline, time.monotonic() + pause + READING)
            logger.info("Telegram asks to wait %.0f s before the next message", pause)
        except (BadRequest, Forbidden, ChatMigrated):
            raise
        except TelegramError as error:
            if is_missing(error):
                raise MissingMethodError from error
            if not never_sent(error) and not reading:
                raise UncertainError(type(error).__name__) from error
            if time.monotonic() + pause > deadline:
                raise
            logger.debug("Not sent, again in %.1f s: %s", pause, error)
        note(False)
        await asyncio.sleep(pause)
    raise AssertionError("unreachable")


def never_sent(error: TelegramError) -> bool:
    """Whether a failed request surely had no effect."""
    if isinstance(error, InvalidToken) or "too many requests" in error.message.lower():
        return True
    cause = error.__cause__
    return isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def is_missing(error: TelegramError) -> bool:
    """Whether a request met a 404; PTB makes no difference to a 401, for the token."""
    return isinstance(error, InvalidToken) and "not found" in error.message.lower()


def _pauses() -> Iterator[float]:
    pause = 0.5
    while True:
        yield pause
        pause = min(pause * 2, 30.0)
