"""Requests to Telegram: not too fast, never twice, in a way that the server takes."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
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
MAX_PICTURE = 10_000_000
_PICTURE = re.compile(r"[0-9a-f]{32}\.png")
# What is sent together need not arrive together.
_SPARE = 0.1
# What only decorates a reply is dropped rather than queued.
_DISPENSABLE = ("sendChatAction", "editMessageReplyMarkup", "editMessageText")


class UncertainError(TelegramError):
    """The request may or may not have been carried out."""


class MissingMethodError(TelegramError):
    """The server does not have this method."""


def no_note(tried: bool) -> None:
    """Note nothing."""


async def carry_out(
    call: Callable[[], Awaitable[T]], note: Note = no_note, *, reading: bool = False
) -> T | None:
    """Repeat a request as long as it surely was not carried out, or it is only ``reading``.

    The result is None where the server's answer cannot be read.

    Raises:
        UncertainError: if it may have been carried out.
        MissingMethodError: if the server does not have the method.
        TelegramError: if Telegram refused it.
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
                raise MissingMethodError("the server lacks this method") from error
            if not _never_sent(error) and not reading:
                raise UncertainError(type(error).__name__) from error
            if time.monotonic() + wait > deadline:
                raise
            logger.debug("Not sent, again in %.1f s: %s", wait, error)
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

    @property
    def is_idle(self) -> bool:
        """Whether nothing was let through within the last stretch."""
        return not self._times or self._times[-1] + self._seconds < time.monotonic()


class ChatLimiter(BaseRateLimiter[Note]):
    """Overall and group limits, and silence after a 429, chat by chat.

    PTB's AIORateLimiter holds back every chat when one is told to wait, and repeats by itself. A
    private chat gets one message for each of its own, which Telegram allows in bursts; so there
    the 429 is the only limit. ``rate_limit_args`` learns that a request is leaving.
    """

    def __init__(self) -> None:
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
            await self._group(chat).acquire()
        await self._overall.acquire()
        if rate_limit_args:
            rate_limit_args(True)
        if self._closed.get(chat, 0.0) <= time.monotonic():
            self._closed.pop(chat, None)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._closed[chat] = time.monotonic() + seconds(error)
            raise

    def _group(self, chat: str) -> Window:
        if chat not in self._groups:
            self._groups = {known: one for known, one in self._groups.items() if not one.is_idle}
            self._groups[chat] = Window(FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP, 60 + _SPARE)
        return self._groups[chat]


class Delivery:
    """Send parts to where an update came from."""

    def __init__(self, bot: TelegramBot, store: Store, folder: Callable[[], Path]) -> None:
        """Use a bot; ``folder`` names where pictures are."""
        self._bot = bot
        self._store = store
        self._folder = folder
        # Under which id Telegram keeps a picture, so that it is uploaded once.
        self._files: dict[str, str] = {}
        self.blocked: set[int] = set()

    async def send(self, part: Part, origin: Origin, note: Note = no_note) -> Message | None:
        """Send one part and return the message, or None if it was refused.

        Raises:
            UncertainError: if it may or may not have arrived.
        """
        if self._chat(origin) in self.blocked:
            return None
        try:
            try:
                message = await self._send(part, origin, note)
            except ChatMigrated as error:
                self.moved(self._chat(origin), error.new_chat_id)
                message = await self._send(part, origin, note)
        except UncertainError as error:
            logger.warning("A message may not have arrived: %s", error)
            raise
        except Forbidden:
            self.blocked.add(self._chat(origin))
            logger.info("A chat does not accept messages any more")
            return None
        except TelegramError as error:
            logger.error("A message could not be sent: %s", error)
            return None
        if part.picture and message and message.photo:
            self._files[part.picture] = message.photo[-1].file_id
        return message

    def moved(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup."""
        if self._store.moves.get(old) != new:
            logger.warning("Telegram: the group %d is now %d", old, new)
            self._store.move(old, new)

    def _chat(self, origin: Origin) -> int:
        return self._store.moves.get(origin.chat, origin.chat)

    async def _send(self, part: Part, origin: Origin, note: Note) -> Message | None:
        """Try each way of sending a part, with everything and then bare."""
        problem: TelegramError | None = None
        chat = self._chat(origin)
        keyboard = self._store.keyboard(part.buttons, origin, chat)
        full = {"chat_id": chat, "reply_markup": keyboard, **self._place(origin)}
        # The reply or the thread may be what is wrong, then the buttons or the formatting.
        alone, bare = ({"chat_id": chat, "reply_markup": below} for below in (keyboard, None))
        for method, content in self._ways(part):
            tries = [(full, True), *[(alone, True)] * (alone != full), (bare, False)]
            while tries:
                where, formatted = tries.pop(0)
                request = {**content, **_words(part, method, formatted)}
                if method == "send_photo" and formatted and part.picture in self._files:
                    request["photo"] = self._files[part.picture]
                send = partial(getattr(self._bot, method), **where, **request, rate_limit_args=note)
                try:
                    return await carry_out(send, note)
                except MissingMethodError as error:
                    problem = error
                    break
                except BadRequest as error:
                    logger.warning("Telegram refused a message: %s", error.message)
                    problem = error
                    if "parse" in error.message.lower() and formatted:
                        tries = [(full, False), (bare, False)]
                    elif self._files.pop(part.picture, None):
                        tries.insert(0, (where, formatted))
        raise problem or AssertionError("there is always a way")

    def _place(self, origin: Origin) -> dict[str, Any]:
        if origin.chat in self._store.moves:
            return {}
        place: dict[str, Any] = {}
        if origin.thread is not None:
            place["message_thread_id"] = origin.thread
        if not origin.private and origin.message:
            place["reply_parameters"] = ReplyParameters(
                origin.message, allow_sending_without_reply=True
            )
        return place

    def _ways(self, part: Part) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the methods that can send a part and what they need, the best way first."""
        if part.poll:
            correct = part.poll["correct"]
            # Servers older than Bot API 9.6 know only one right answer.
            both = {"correct_option_ids": [correct], "api_kwargs": {"correct_option_id": correct}}
            shown = {name: part.poll[name] for name in ("question", "options", "explanation")}
            yield "send_poll", {"type": "quiz", **shown, **both}
        elif part.document:
            yield "send_document", {"document": InputFile(part.content.encode(), part.document)}
        elif content := picture(part.picture, self._folder()):
            # Telegram refuses as a photo what is too large or too narrow for one.
            yield "send_photo", {"photo": InputFile(content, part.picture)}
            yield "send_document", {"document": InputFile(content, part.picture)}
        elif part.picture:
            yield "send_message", {}
        if part.html or part.buttons or part.poll or not (part.document or part.picture):
            yield "send_message", {}


def _words(part: Part, method: str, formatted: bool) -> dict[str, Any]:
    if method == "send_poll":
        return {}
    words = part.html if formatted else part.plain
    mode = ParseMode.HTML if formatted and words else None
    if method != "send_message":
        return {"caption": words or None, "parse_mode": mode}
    question = "\n".join((part.poll["question"], *part.poll["options"])) if part.poll else "…"
    return {"text": words or question, "parse_mode": mode}


def picture(name: str, folder: Path) -> bytes:
    """Return a PNG of a folder; nothing if it is none, or too large.

    Only a plain name is accepted, never a path: what an action utters may hold a person's words,
    and Telegram's client library uploads any file it is given the path of.
    """
    path = folder / name
    if _PICTURE.fullmatch(name) and path.is_file() and not path.is_symlink():
        content = path.read_bytes() if path.stat().st_size <= MAX_PICTURE else b""
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return content
    if name:
        logger.error("A picture cannot be sent: its name or its contents are not a picture's")
    return b""
