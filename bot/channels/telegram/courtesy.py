"""What a person sees before the answer: the typing sign, and that a press was noticed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.telegram import wording
from bot.channels.telegram.attempts import UNREADABLE, MissingMethodError, carry_out
from bot.channels.telegram.buttons import ButtonStore, ExpiredError, ForeignError
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.reply import Kind
from bot.channels.telegram.updates import Origin, Press

logger = logging.getLogger(__name__)

# Telegram shows the sign for five seconds.
REFRESH = 4.0
_HEAD_START = 0.01
_GRACE = 0.5


@asynccontextmanager
async def typing(bot: TelegramBot, origin: Origin) -> AsyncIterator[None]:
    """Show the sign before the body starts, and until it ends.

    A turn keeps the event loop busy, so the request gets a moment to leave first.
    """
    first = asyncio.create_task(_show(bot, origin))
    refresh = asyncio.create_task(_repeat(bot, origin))
    await asyncio.wait({first}, timeout=_HEAD_START)
    try:
        yield
    finally:
        refresh.cancel()
        # A sign that arrives after the answer would stay for seconds.
        await asyncio.wait({first}, timeout=_GRACE)
        first.cancel()


async def acknowledge(bot: TelegramBot, buttons: ButtonStore, press: Press) -> None:
    """Answer a press and clear what it used up."""
    origin = press.origin
    words, button = "", None
    try:
        button = buttons.look(press.token, origin.chat, origin.user)
    except ExpiredError:
        words = wording.say("pressed_old")
    except ForeignError:
        words = wording.say("pressed_foreign")
    if button and button.kind is Kind.FEEDBACK:
        words = wording.say("feedback_thanks")
    try:
        # To answer twice does no harm, so any fault is tried again.
        await carry_out(
            lambda: bot.answer_callback_query(press.query, text=words or None), reading=True
        )
        clears = button and button.kind is not Kind.FEEDBACK and origin.message
        if clears and buttons.is_first(press.token):
            await carry_out(
                lambda: bot.edit_message_reply_markup(origin.chat, origin.message), reading=True
            )
    except (TelegramError, MissingMethodError, *UNREADABLE) as error:
        logger.debug("A press was not acknowledged: %s", error)


async def _repeat(bot: TelegramBot, origin: Origin) -> None:
    while True:
        await asyncio.sleep(REFRESH)
        await _show(bot, origin)


async def _show(bot: TelegramBot, origin: Origin) -> None:
    try:
        await bot.send_chat_action(origin.chat, ChatAction.TYPING, message_thread_id=origin.thread)
    except (TelegramError, *UNREADABLE) as error:
        logger.debug("The typing sign was not shown: %s", error)
