"""Requests to Telegram: not too fast, never twice, in a way that the server takes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from telegram import InputFile, Message
from telegram.constants import FloodLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import BaseRateLimiter, ExtBot

from actions import pictures
from bot.channels.telegram.reply import Origin, Part
from bot.channels.telegram.store import Store

logger = logging.getLogger(__name__)

T = TypeVar("T")
# Learns when a request leaves that it may be carried out, and that it was not.
Note = Callable[[bool], None]
# How long, in seconds, a reply and a download wait for Telegram to be reachable and willing.
PATIENCE, READING = 900.0, 60.0
# The longest wait, in seconds, that Telegram may ask for.
LONGEST_WAIT = 24 * 3600.0
# What PTB raises for an answer that lacks something: the request itself was carried out.
UNREADABLE = (AssertionError, AttributeError, KeyError, OverflowError, TypeError, ValueError)
FAILURES = (TelegramError, *UNREADABLE)
# What is sent together need not arrive together.
_SPARE = 0.1
# What is sent once, and what does no harm when it is done twice. All else is tried once.
_MESSAGES = ("sendDocument", "sendMessage", "sendPhoto", "sendPoll")
_AGAIN = ("answerCallbackQuery", "editMessageReplyMarkup", "getFile", "setMyCommands")


class UncertainError(TelegramError):
    """The request may or may not have been carried out."""


async def carry_out(
    call: Callable[[], Awaitable[T]], note: Note | None = None, *, reading: bool = False
) -> T:
    """Repeat a request as long as it surely was not carried out, or it is only ``reading``.

    Raises:
        UncertainError: if it may have been carried out.
        TelegramError: if Telegram refused it, or does not have the method.
    """
    patience, longest = (READING, READING) if reading else (PATIENCE, LONGEST_WAIT)
    deadline, pause = time.monotonic() + patience, 0.5
    while True:
        try:
            return await call()
        except RetryAfter as error:
            wait = seconds(error)
            if wait > longest:
                raise
            deadline = max(deadline, time.monotonic() + wait + READING)
            logger.info("Telegram asks to wait %.0f s before the next message", wait)
        except (BadRequest, Forbidden, ChatMigrated, EndPointNotFound):
            raise
        except TelegramError as error:
            if not _never_sent(error) and not reading:
                raise UncertainError(type(error).__name__) from error
            if time.monotonic() + pause > deadline:
                raise
            logger.debug("Not sent, again in %.1f s: %s", pause, error)
            wait, pause = pause, min(pause * 2, 30.0)
        if note:
            note(False)
        await asyncio.sleep(wait)


async def attempt(request: Awaitable[object]) -> None:
    """Make a request that nobody misses."""
    with suppress(*FAILURES):
        await request


def _never_sent(error: TelegramError) -> bool:
    """Whether a failed request surely had no effect."""
    cause = error.__cause__
    # Time-outs of connecting and of reading are of one class.
    late = isinstance(cause, aiohttp.ServerTimeoutError) and "Connection timeout" in str(cause)
    return (
        late or isinstance(error, InvalidToken) or isinstance(cause, aiohttp.ClientConnectorError)
    )


def seconds(error: RetryAfter) -> float:
    """Return how long Telegram asks to wait, with a little to spare."""
    wait = error.retry_after
    return (wait if isinstance(wait, int | float) else wait.total_seconds()) + 0.1


class Window:
    """Lets at most so many through in any stretch of so many seconds, in order of arrival."""

    def __init__(self, most: int, seconds: float) -> None:
        self._times: deque[float] = deque(maxlen=most)
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Return as soon as one more fits."""
        async with self._turn:
            if len(self._times) == self._times.maxlen:
                while (wait := self._times[0] + self._seconds - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
            self._times.append(time.monotonic())


class ChatLimiter(BaseRateLimiter[Note]):
    """Decides when a request leaves, and whether it is repeated.

    PTB's AIORateLimiter holds back every chat when one is told to wait, lets bursts through, and
    repeats nothing but what met a 429. A private chat gets one message for each of its own, which
    Telegram allows in bursts; so there the 429 is the only limit. ``rate_limit_args`` learns that
    a request is leaving.
    """

    def __init__(self) -> None:
        self._overall = Window(FloodLimit.MESSAGES_PER_SECOND, 1 + _SPARE)
        of_group = partial(Window, FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP, 60 + _SPARE)
        self._groups: defaultdict[str, Window] = defaultdict(of_group)
        self._closed: dict[str, float] = {}

    async def initialize(self) -> None:
        """Do nothing."""

    async def shutdown(self) -> None:
        """Do nothing."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Note | None,
    ) -> Any:
        """Send a message in its turn, and what else there is at once.

        Raises:
            RetryAfter: if Telegram asks to wait; at once for a request that only decorates.
            UncertainError, TelegramError: as ``carry_out``.
        """
        request, note = partial(callback, *args, **kwargs), rate_limit_args
        chat = str(data.get("chat_id", ""))
        if endpoint in _MESSAGES:
            return await carry_out(partial(self._in_turn, chat, request, note), note)
        if self._silence(chat):
            raise RetryAfter(int(self._silence(chat)) + 1)
        return await (carry_out(request, reading=True) if endpoint in _AGAIN else request())

    def _silence(self, chat: str) -> float:
        """Return for how many seconds a chat takes nothing."""
        return max(self._closed.get(chat, 0.0) - time.monotonic(), 0.0)

    async def _in_turn(
        self, chat: str, request: Callable[[], Awaitable[Any]], note: Note | None
    ) -> Any:
        await asyncio.sleep(self._silence(chat))
        if chat.startswith("-"):
            await self._groups[chat].acquire()
        await self._overall.acquire()
        if note:
            note(True)
        try:
            return await request()
        except RetryAfter as error:
            self._closed[chat] = time.monotonic() + seconds(error)
            raise


class Delivery:
    """Send parts to where an update came from."""

    def __init__(self, bot: ExtBot[Note], store: Store, folder: Callable[[], Path]) -> None:
        """Use a bot; ``folder`` names where pictures are."""
        self._bot, self._store, self._folder = bot, store, folder
        # Under which id Telegram keeps a picture, so that it is uploaded once.
        self._files: dict[str, str] = {}

    async def send(self, part: Part, origin: Origin, note: Note | None = None) -> Message | None:
        """Send one part and return the message, or None if it was refused.

        Raises:
            UncertainError: if it may or may not have arrived.
        """
        try:
            message = await self._send(part, origin, note)
        except ChatMigrated as error:
            self._store.move(origin.chat, error.new_chat_id)
            return await self.send(part, origin, note)
        except UncertainError as error:
            logger.warning("A message may not have arrived: %s", error)
            raise
        except TelegramError as error:
            logger.warning("A message is dropped: %s", error)  # a person may have blocked the bot
            return None
        if part.picture and message and message.photo:
            self._files[part.picture] = message.photo[-1].file_id
        return message

    async def _send(self, part: Part, origin: Origin, note: Note | None) -> Message | None:
        """Try each way of sending a part, with everything and then bare."""
        problem: TelegramError = BadRequest("there is nothing in it that can be sent")
        chat = self._store.moves.get(origin.chat, origin.chat)
        keyboard = self._store.keyboard(part.buttons, origin)
        place: dict[str, Any] = {}
        if origin.thread is not None:
            place["message_thread_id"] = origin.thread
        if not origin.private:
            place["reply_to_message_id"] = origin.message
        # The reply or the thread may be what is wrong, or the formatting, or the buttons.
        tries = [(place, keyboard, True), ({}, keyboard, True), ({}, keyboard, False)]
        tries = [*tries[not place or chat != origin.chat :], ({}, None, False)]
        for method, content, field in self._ways(part):
            for where, below, formatted in tries:
                request = {**content, **where, "chat_id": chat, "reply_markup": below}
                if field and part.plain:
                    request[field] = part.html if formatted else part.plain
                    request["parse_mode"] = ParseMode.HTML if formatted else None
                try:
                    return await getattr(self._bot, method)(**request, rate_limit_args=note)
                except UNREADABLE as error:
                    logger.warning("What came of a message is unclear: %s", type(error).__name__)
                    return None
                except EndPointNotFound as error:
                    problem = error
                    break
                except BadRequest as error:
                    logger.warning("Telegram refused a message: %s", error.message)
                    problem = error
        raise problem

    def _ways(self, part: Part) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield what can send a part, the best first: method, what it needs, field of the words."""
        if part.poll:
            yield "send_poll", {"type": "quiz", **part.poll}, ""
        elif part.document:
            document = InputFile(part.content.encode(), part.document)
            yield "send_document", {"document": document}, "caption"
        elif part.picture in self._files:
            yield "send_photo", {"photo": self._files[part.picture]}, "caption"
        # A plain name, never a path: what an action utters may hold a person's words.
        if path := pictures.find(part.picture, self._folder()):
            # Telegram refuses as a photo what is too large or too narrow for one.
            for method in ("photo", "document"):
                file = InputFile(path.read_bytes(), part.picture)
                yield f"send_{method}", {method: file}, "caption"
        if part.plain:
            yield "send_message", {}, "text"
