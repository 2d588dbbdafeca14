"""Requests to Telegram: not too fast, never twice, in a way that the server takes."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from telegram import InputFile, Message, ReplyParameters
from telegram.constants import FloodLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import BaseRateLimiter

from bot.channels.telegram.reply import Origin, Part
from bot.channels.telegram.store import Store

if TYPE_CHECKING:
    from bot.channels.telegram.client import TelegramBot

logger = logging.getLogger(__name__)

T = TypeVar("T")
Result = bool | dict[str, Any] | list[dict[str, Any]]
# Learns when a request leaves that it may be carried out, and that it was not.
Note = Callable[[bool], None]
# How long, in seconds, a reply and a download wait for Telegram to be reachable and willing.
PATIENCE, READING = 900.0, 60.0
# The longest wait, in seconds, that Telegram may ask for.
LONGEST_WAIT = 24 * 3600.0
# What PTB raises for an answer that lacks something: the request itself was carried out.
UNREADABLE = (AssertionError, AttributeError, KeyError, OverflowError, TypeError, ValueError)
_PICTURE = re.compile(r"[0-9a-f]{32}\.png")
# What is sent together need not arrive together.
_SPARE = 0.1
# What only decorates a reply is dropped rather than queued.
_DISPENSABLE = ("sendChatAction", "editMessageReplyMarkup", "editMessageText")


class UncertainError(TelegramError):
    """The request may or may not have been carried out."""


async def carry_out(
    call: Callable[[], Awaitable[T]], note: Note | None = None, *, reading: bool = False
) -> T | None:
    """Repeat a request as long as it surely was not carried out, or it is only ``reading``.

    The result is None where the server's answer cannot be read.

    Raises:
        UncertainError: if it may have been carried out.
        TelegramError: if Telegram refused it, or does not have the method.
    """
    deadline = time.monotonic() + (READING if reading else PATIENCE)
    pause = 0.5
    while True:
        wait = pause
        try:
            return await call()
        except UNREADABLE as error:
            logger.warning("An answer of the server could not be read: %s", type(error).__name__)
            return None
        except RetryAfter as error:
            wait = seconds(error)
            if wait > (READING if reading else LONGEST_WAIT):
                raise
            deadline = max(deadline, time.monotonic() + wait + READING)
            logger.info("Telegram asks to wait %.0f s before the next message", wait)
        except (BadRequest, Forbidden, ChatMigrated):
            raise
        except TelegramError as error:
            if is_missing(error):
                raise
            if not _never_sent(error) and not reading:
                raise UncertainError(type(error).__name__) from error
            if time.monotonic() + wait > deadline:
                raise
            logger.debug("Not sent, again in %.1f s: %s", wait, error)
        if note:
            note(False)
        await asyncio.sleep(wait)
        pause = min(pause * 2, 30.0)


def _never_sent(error: TelegramError) -> bool:
    """Whether a failed request surely had no effect."""
    if isinstance(error, InvalidToken) or "too many requests" in error.message.lower():
        return True
    cause = error.__cause__
    # Time-outs of connecting and of reading are of one class.
    late = isinstance(cause, aiohttp.ServerTimeoutError) and "Connection timeout" in str(cause)
    return late or isinstance(cause, aiohttp.ClientConnectorError)


def is_missing(error: TelegramError) -> bool:
    """Whether a request met a 404; PTB makes no difference to a 401, for the token."""
    return isinstance(error, InvalidToken) and "not found" in error.message.lower()


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
    """Overall and group limits, and silence after a 429, chat by chat.

    PTB's AIORateLimiter holds back every chat when one is told to wait, and repeats by itself. A
    private chat gets one message for each of its own, which Telegram allows in bursts; so there
    the 429 is the only limit. ``rate_limit_args`` learns that a request is leaving.
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
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Note | None,
    ) -> Result:
        """Send a request as soon as its chat may be written to.

        Raises:
            RetryAfter: if Telegram asks to wait; at once for a request that only decorates.
        """
        chat = str(data.get("chat_id", ""))
        wait = max(self._closed.get(chat, 0.0) - time.monotonic(), 0.0)
        if endpoint in _DISPENSABLE and wait:
            raise RetryAfter(int(wait) + 1)
        if not chat or endpoint in _DISPENSABLE:
            return await callback(*args, **kwargs)
        await asyncio.sleep(wait)
        if chat.startswith("-"):
            await self._groups[chat].acquire()
        await self._overall.acquire()
        if rate_limit_args:
            rate_limit_args(True)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._closed[chat] = time.monotonic() + seconds(error)
            raise


class Delivery:
    """Send parts to where an update came from."""

    def __init__(self, bot: TelegramBot, store: Store, folder: Callable[[], Path]) -> None:
        """Use a bot; ``folder`` names where pictures are."""
        self._bot, self._store, self._folder = bot, store, folder
        # Under which id Telegram keeps a picture, so that it is uploaded once.
        self._files: dict[str, str] = {}
        self.blocked: set[int] = set()

    async def send(self, part: Part, origin: Origin, note: Note | None = None) -> Message | None:
        """Send one part and return the message, or None if it was refused.

        Raises:
            UncertainError: if it may or may not have arrived.
        """
        chat = self._store.moves.get(origin.chat, origin.chat)
        if chat in self.blocked:
            return None
        try:
            message = await self._send(part, origin, chat, note)
        except ChatMigrated as error:
            self._store.move(origin.chat, error.new_chat_id)
            return await self.send(part, origin, note)
        except UncertainError as error:
            logger.warning("A message may not have arrived: %s", error)
            raise
        except Forbidden:
            self.blocked.add(chat)
            logger.info("A chat does not accept messages any more")
            return None
        except TelegramError as error:
            logger.error("A message could not be sent: %s", error)
            return None
        if part.picture and message and message.photo:
            self._files[part.picture] = message.photo[-1].file_id
        return message

    async def _send(
        self, part: Part, origin: Origin, chat: int, note: Note | None
    ) -> Message | None:
        """Try each way of sending a part, with everything and then bare."""
        problem: TelegramError | None = None
        keyboard = self._store.keyboard(part.buttons, origin, chat)
        # The reply or the thread may be what is wrong, then the buttons or the formatting.
        alone, bare = ({"chat_id": chat, "reply_markup": below} for below in (keyboard, None))
        full = alone if origin.chat != chat else {**alone, **_place(origin)}
        for method, content, field in self._ways(part):
            tries = [(full, True), *[(alone, True)] * (alone != full), (bare, False)]
            while tries:
                where, formatted = tries.pop(0)
                request = {**where, **content, "rate_limit_args": note}
                if field and part.plain:
                    request[field] = part.html if formatted else part.plain
                    request["parse_mode"] = ParseMode.HTML if formatted else None
                try:
                    return await carry_out(partial(getattr(self._bot, method), **request), note)
                except InvalidToken as error:
                    if not is_missing(error):
                        raise
                    problem = error
                    break
                except BadRequest as error:
                    logger.warning("Telegram refused a message: %s", error.message)
                    problem = error
                    if "parse" in error.message.lower() and formatted:
                        tries = [(full, False), (bare, False)]
        raise problem or TelegramError("there is nothing in it that can be sent")

    def _ways(self, part: Part) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield what can send a part, the best first: method, what it needs, field of the words."""
        if part.poll:
            yield "send_poll", {"type": "quiz", **part.poll}, ""
        elif part.document:
            document = InputFile(part.content.encode(), part.document)
            yield "send_document", {"document": document}, "caption"
        elif part.picture in self._files:
            yield "send_photo", {"photo": self._files[part.picture]}, "caption"
        if content := picture(part.picture, self._folder()):
            # Telegram refuses as a photo what is too large or too narrow for one.
            for method in ("photo", "document"):
                file = InputFile(content, part.picture)
                yield f"send_{method}", {method: file}, "caption"
        if part.plain:
            yield "send_message", {}, "text"


def _place(origin: Origin) -> dict[str, Any]:
    """Return the thread that an answer belongs to, and in a group the message it replies to."""
    place: dict[str, Any] = {}
    if origin.thread is not None:
        place["message_thread_id"] = origin.thread
    if not origin.private and origin.message:
        place["reply_parameters"] = ReplyParameters(
            origin.message, allow_sending_without_reply=True
        )
    return place


def picture(name: str, folder: Path) -> bytes:
    """Return a picture of a folder; nothing if there is none of that name.

    Only a plain name is accepted, never a path: what an action utters may hold a person's words.
    """
    path = folder / name
    if _PICTURE.fullmatch(name) and path.is_file() and not path.is_symlink():
        return path.read_bytes()
    if name:
        logger.error("A picture cannot be sent: there is none of its name")
    return b""
