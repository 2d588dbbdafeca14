"""Send parts, never twice, and lose none where Telegram lets us know.

============================  =========================================================
what happens                  what follows
============================  =========================================================
429                           again after the wait that Telegram asks for
no connection, pool full      nothing was sent: again, with growing pauses
401                           nothing was sent: again, the token may be mended
time-out, reset, 5xx          may have arrived: not repeated, reported as uncertain
400                           again as plain text; then in a simpler way, or given up
404                           the server lacks the method: in a simpler way
403                           the person blocked the bot: given up without a fuss
chat migrated                 again to the new chat
============================  =========================================================
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from telegram import Message, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.channels.telegram.attempts import (
    MissingMethodError,
    Note,
    UncertainError,
    carry_out,
    no_note,
)
from bot.channels.telegram.buttons import ButtonStore, markup
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.journal import Journal
from bot.channels.telegram.reply import Part
from bot.channels.telegram.updates import Origin
from bot.channels.telegram.ways import Way, Ways

logger = logging.getLogger(__name__)


class Outcome(Enum):
    """How a send ended."""

    SENT = "sent"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"


@dataclass(frozen=True)
class Receipt:
    """How a send to a chat ended, and the id of the message if it is known."""

    outcome: Outcome
    chat: int
    message: int | None = None


class Delivery:
    """Send parts to where an update came from."""

    def __init__(
        self,
        bot: TelegramBot,
        buttons: ButtonStore,
        journal: Journal,
        folder: Callable[[], Path],
    ) -> None:
        """Use a started bot; ``folder`` names where pictures are."""
        self._bot = bot
        self._buttons = buttons
        self._journal = journal
        self._ways = Ways(bot, folder)
        self._moved = journal.moves()
        self.blocked: set[int] = set()

    async def send(self, part: Part, origin: Origin, note: Note = no_note) -> Receipt:
        """Send one part; never raises for anything Telegram answers."""
        chat = self._moved.get(origin.chat, origin.chat)
        if chat in self.blocked:
            return Receipt(Outcome.REFUSED, chat)
        try:
            message = await self._send(part, origin, note)
        except UncertainError as error:
            logger.warning("A message may not have arrived: %s", error)
            return Receipt(Outcome.UNCERTAIN, chat)
        except Forbidden:
            self.blocked.add(chat)
            logger.info("A chat does not accept messages any more")
            return Receipt(Outcome.REFUSED, chat)
        except (TelegramError, MissingMethodError) as error:
            logger.error("A message could not be sent: %s", error)
            return Receipt(Outcome.REFUSED, chat)
        if part.picture and message and message.photo:
            self._ways.remember(part.picture, message.photo[-1].file_id)
        chat = self._moved.get(origin.chat, origin.chat)
        return Receipt(Outcome.SENT, chat, message.message_id if message else None)

    def was_moved(self, chat: int) -> bool:
        """Whether a chat is what a group became that the bot answered in."""
        return chat in self._moved.values()

    def moved(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup."""
        if self._moved.get(old) != new:
            logger.warning("Telegram: the group %d is now %d", old, new)
            self._moved[old] = new
            self._journal.moved(old, new)
            self._buttons.move(old, new)

    async def _send(self, part: Part, origin: Origin, note: Note) -> Message | None:
        """Try each way of sending a part, with everything and then bare."""
        problem: Exception | None = None
        keyboard = markup(self._buttons, part.buttons, origin, self._where(origin)["chat_id"])
        chat = self._where(origin)["chat_id"]
        full = {**self._where(origin), "reply_markup": keyboard}
        # The reply or the thread may be what is wrong, then the buttons or the formatting.
        alone, bare = ({"chat_id": chat, "reply_markup": below} for below in (keyboard, None))
        for way in self._ways.of(part):
            tries = [(full, True), *[(alone, True)] * (alone != full), (bare, False)]
            while tries:
                where, formatted = tries.pop(0)
                try:
                    return await self._follow(way, where, formatted, note)
                except BadRequest as error:
                    logger.warning("Telegram refused a message: %s", error.message)
                    problem = error
                    if "parse" in error.message.lower() and formatted:
                        tries = [(full, False), (bare, False)]
                    elif self._ways.forget(part.picture):
                        tries.insert(0, (where, formatted))
                except MissingMethodError as error:
                    problem = error
                    break
        raise problem or AssertionError("there is always a way")

    async def _follow(
        self, way: Way, where: dict[str, Any], formatted: bool, note: Note
    ) -> Message | None:
        try:
            return await carry_out(lambda: way(where, formatted), note)
        except ChatMigrated as error:
            self.moved(where["chat_id"], error.new_chat_id)
            moved = {"chat_id": error.new_chat_id, "reply_markup": where["reply_markup"]}
            return await carry_out(lambda: way(moved, formatted), note)

    def _where(self, origin: Origin) -> dict[str, Any]:
        where: dict[str, Any] = {"chat_id": self._moved.get(origin.chat, origin.chat)}
        if origin.chat in self._moved:
            return where
        if origin.thread is not None:
            where["message_thread_id"] = origin.thread
        if not origin.private and origin.message:
            where["reply_parameters"] = ReplyParameters(
                origin.message, allow_sending_without_reply=True
            )
        return where
