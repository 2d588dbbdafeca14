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

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardMarkup, InputFile, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.channels.telegram import pictures
from bot.channels.telegram.attempts import Note, UncertainError, carry_out, no_note
from bot.channels.telegram.buttons import ButtonStore
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.keyboards import markup
from bot.channels.telegram.parts import Part
from bot.channels.telegram.updates import Origin

logger = logging.getLogger(__name__)


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


class Delivery:
    """Send parts to where an update came from."""

    def __init__(self, bot: TelegramBot, buttons: ButtonStore, folder: Callable[[], Path]) -> None:
        """Use a started bot; ``folder`` names where pictures are."""
        self._bot = bot
        self._buttons = buttons
        self._folder = folder
        self._files: dict[str, str] = {}
        self._moved: dict[int, int] = {}
        self.blocked: set[int] = set()

    async def send(self, part: Part, origin: Origin, note: Note = no_note) -> Receipt:
        """Send one part; never raises for anything Telegram answers."""
        if origin.chat in self.blocked:
            return Receipt(Outcome.REFUSED)
        where = self._where(origin)
        keyboard = markup(self._buttons, part, origin, where["chat_id"])
        try:
            try:
                message = await self._send(part, where, keyboard, True, note)
            except BadRequest as error:
                logger.warning("Telegram refused a message, sending it plain: %s", error.message)
                bare = {"chat_id": where["chat_id"]}
                keep = keyboard if "parse" in error.message.lower() else None
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

    async def _send(
        self,
        part: Part,
        where: dict[str, Any],
        keyboard: InlineKeyboardMarkup | None,
        formatted: bool,
        note: Note,
    ) -> Message:
        call = self._call(part, where, keyboard, formatted)
        try:
            return await carry_out(call, note)
        except ChatMigrated as error:
            self._moved[where["chat_id"]] = error.new_chat_id
            self._buttons.move(where["chat_id"], error.new_chat_id)
            moved = {"chat_id": error.new_chat_id}
            return await carry_out(self._call(part, moved, keyboard, formatted), note)

    def _call(
        self,
        part: Part,
        where: dict[str, Any],
        keyboard: InlineKeyboardMarkup | None,
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
                return self._picture(part, where, keyboard, words, mode)
            except pictures.PictureError as error:
                logger.error("A picture cannot be sent: %s", error)
        return lambda: self._bot.send_message(
            **where, text=words or "…", parse_mode=mode, reply_markup=keyboard
        )

    def _picture(
        self,
        part: Part,
        where: dict[str, Any],
        keyboard: InlineKeyboardMarkup | None,
        words: str,
        mode: ParseMode | None,
    ) -> Callable[[], Awaitable[Message]]:
        known = self._files.get(part.picture)
        common = {**where, "caption": words or None, "parse_mode": mode, "reply_markup": keyboard}
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
