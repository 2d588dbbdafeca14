"""Send parts, never twice, and lose none where Telegram lets us know.

============================  =========================================================
what happens                  what follows
============================  =========================================================
429                           again after the wait that Telegram asks for
no connection, pool full      nothing was sent: again, with growing pauses
401                           nothing was sent: again, the token may be mended
time-out, reset, 5xx          may have arrived: not repeated, reported as uncertain
400 on formatting             again as plain text
other 400                     once more without buttons and reply, then given up
403                           the person blocked the bot: given up without a fuss
chat migrated                 again to the new chat
============================  =========================================================
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import httpx
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram import pictures
from bot.channels.telegram.buttons import ButtonStore, Kind
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.limiter import seconds
from bot.channels.telegram.parts import Part
from bot.channels.telegram.updates import Origin

logger = logging.getLogger(__name__)

T = TypeVar("T")
Note = Callable[[bool], None]
# How long, in seconds, a reply waits for Telegram to be reachable and willing again.
PATIENCE = 900.0
_ROW_WIDTH, _ROW_LENGTH = 30, 3


class Outcome(Enum):
    """How a send ended."""

    SENT = "sent"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"


@dataclass(frozen=True)
class Receipt:
    """How a send ended, and the id of the message if there is one."""

    outcome: Outcome
    message: int | None = None


class UncertainError(Exception):
    """The request may or may not have been carried out."""


class Delivery:
    """Send parts to where an update came from."""

    def __init__(
        self, bot: TelegramBot, buttons: ButtonStore, folder: Callable[[], Path]
    ) -> None:
        """Use a started bot; ``folder`` names where pictures are."""
        self._bot = bot
        self._buttons = buttons
        self._folder = folder
        self._files: dict[str, str] = {}
        self._moved: dict[int, int] = {}
        self.blocked: set[int] = set()

    async def send(self, part: Part, origin: Origin, note: Note = lambda _: None) -> Receipt:
        """Send one part; never raises for anything Telegram answers."""
        where = self._where(origin)
        markup = self._markup(part, origin)
        try:
            try:
                message = await self._send(part, where, markup, True, note)
            except BadRequest as error:
                logger.warning("Telegram refused a message, sending it plain: %s", error.message)
                bare = {"chat_id": where["chat_id"]}
                keep = markup if "parse" in error.message.lower() else None
                message = await self._send(part, bare, keep, False, note)
        except UncertainError as error:
            logger.warning("A message may not have arrived: %s", error)
            return Receipt(Outcome.UNCERTAIN)
        except Forbidden:
            self.blocked.add(origin.chat)
            logger.info("A chat does not accept messages any more")
            return Receipt(Outcome.REFUSED)
        except TelegramError as error:
            logger.error("A message could not be sent: %s", error.message)
            return Receipt(Outcome.REFUSED)
        if part.picture and message.photo:
            self._files[part.picture] = message.photo[-1].file_id
        return Receipt(Outcome.SENT, message.message_id)

    async def carry_out(self, call: Callable[[], Awaitable[T]], note: Note = lambda _: None) -> T:
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

    async def _send(
        self,
        part: Part,
        where: dict[str, Any],
        markup: InlineKeyboardMarkup | None,
        formatted: bool,
        note: Note,
    ) -> Message:
        call = self._call(part, where, markup, formatted)
        try:
            return await self.carry_out(call, note)
        except ChatMigrated as error:
            self._moved[where["chat_id"]] = error.new_chat_id
            self._buttons.move(where["chat_id"], error.new_chat_id)
            moved = {"chat_id": error.new_chat_id}
            return await self.carry_out(self._call(part, moved, markup, formatted), note)

    def _call(
        self,
        part: Part,
        where: dict[str, Any],
        markup: InlineKeyboardMarkup | None,
        formatted: bool,
    ) -> Callable[[], Awaitable[Message]]:
        mode = ParseMode.HTML if formatted else None
        words = part.html if formatted else part.plain
        if part.poll:
            poll = part.poll
            return lambda: self._bot.send_poll(
                **where,
                question=poll.question,
                options=poll.options,
                type="quiz",
                correct_option_ids=[poll.correct],  # type: ignore[list-item]
                explanation=poll.explanation,
                is_anonymous=True,
                # Servers older than Bot API 9.6 know only one right answer.
                api_kwargs={"correct_option_id": poll.correct},
            )
        if part.document:
            file = InputFile(part.content.encode("utf-8"), filename=part.document)
            return lambda: self._bot.send_document(
                **where, document=file, caption=words or None, parse_mode=mode
            )
        if part.picture:
            try:
                return self._picture(part, where, markup, words, mode)
            except pictures.PictureError as error:
                logger.error("A picture cannot be sent: %s", error)
        return lambda: self._bot.send_message(
            **where, text=words or "…", parse_mode=mode, reply_markup=markup
        )

    def _picture(
        self,
        part: Part,
        where: dict[str, Any],
        markup: InlineKeyboardMarkup | None,
        words: str,
        mode: ParseMode | None,
    ) -> Callable[[], Awaitable[Message]]:
        known = self._files.get(part.picture)
        common = {**where, "caption": words or None, "parse_mode": mode, "reply_markup": markup}
        if known and mode is not None:
            return lambda: self._bot.send_photo(photo=known, **common)
        picture = pictures.load(part.picture, self._folder())
        file = InputFile(picture.content, filename=picture.name)
        if picture.photo:
            return lambda: self._bot.send_photo(photo=file, **common)
        return lambda: self._bot.send_document(document=file, **common)

    def _where(self, origin: Origin) -> dict[str, Any]:
        where: dict[str, Any] = {"chat_id": self._moved.get(origin.chat, origin.chat)}
        if origin.thread is not None:
            where["message_thread_id"] = origin.thread
        if not origin.private and origin.message is not None and origin.chat not in self._moved:
            where["reply_parameters"] = ReplyParameters(
                origin.message, allow_sending_without_reply=True
            )
        return where

    def _markup(self, part: Part, origin: Origin) -> InlineKeyboardMarkup | None:
        if not part.buttons:
            return None
        user = None if origin.private else origin.user
        chat = self._moved.get(origin.chat, origin.chat)
        tokens = self._buttons.issue(chat, user, list(part.buttons))
        rows: list[list[InlineKeyboardButton]] = []
        width, last = 0, None
        for button, token in zip(part.buttons, tokens, strict=True):
            width += len(button.title)
            # What is about the answer itself stands apart from where to go next.
            apart = (button.kind is Kind.TEXT) != (last is Kind.TEXT)
            if not rows or apart or width > _ROW_WIDTH or len(rows[-1]) == _ROW_LENGTH:
                rows.append([])
                width = len(button.title)
            rows[-1].append(InlineKeyboardButton(button.title, callback_data=token))
            last = button.kind
        return InlineKeyboardMarkup(rows)


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
