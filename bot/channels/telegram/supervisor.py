"""Start the channel, keep it alive, stop it: never a reason for the server to fail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from telegram import BotCommand
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.telegram import commands, wording
from bot.channels.telegram.attempts import UNREADABLE
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.exchange import Exchange
from bot.channels.telegram.health import TOKEN_REFUSED, UNREACHABLE, Health, State
from bot.channels.telegram.limiter import seconds
from bot.channels.telegram.polling import LONGEST_PAUSE, Poller
from bot.channels.telegram.webhook import Webhook

logger = logging.getLogger(__name__)

_WATCH = 5.0
_DRAIN = 6.0


class Supervisor:
    """Run a receiver and start it again if it ever ends."""

    def __init__(
        self,
        bot: TelegramBot,
        exchange: Exchange,
        receiver: Poller | Webhook,
        health: Health,
        workers: int,
    ) -> None:
        """Use the parts of the channel; ``workers`` is the number of server processes."""
        self._bot = bot
        self._exchange = exchange
        self._receiver = receiver
        self._health = health
        self._workers = workers
        self._task: asyncio.Task[None] | None = None
        self.ready = False

    def start(self) -> None:
        """Start beside the server; raising here would take the server down."""
        self._task = asyncio.create_task(self._run(), name="telegram")

    async def stop(self) -> None:
        """Stop receiving, finish what is under way, disconnect; each step whatever the others."""
        self.ready = False
        if self._task:
            await _quietly(_cancelled(self._task, again=5.0))
        await _quietly(self._exchange.drain(_DRAIN))
        await _quietly(self._bot.shutdown())

    async def _run(self) -> None:
        if self._workers > 1 and isinstance(self._receiver, Poller):
            self._health.failing(
                State.STOPPED, "polling needs a single worker; set SANIC_WORKERS=1 or use a webhook"
            )
            return
        await self._connect()
        self.ready = True
        if self._workers == 1 and (left := self._exchange.resume()):
            logger.info("Telegram: going on with %d updates of the last run", left)
        menu = asyncio.create_task(self._register_menu())
        try:
            await self._watch()
        finally:
            menu.cancel()

    async def _connect(self) -> None:
        """Learn the bot's own name, which says whether a group's message is for it."""
        pause = 0.5
        while True:
            try:
                await self._bot.initialize()
                self._health.username = self._bot.username
                return
            except InvalidToken:
                self._health.failing(State.UNAUTHORIZED, TOKEN_REFUSED)
            except RetryAfter as error:
                pause = seconds(error)
            except (TelegramError, *UNREADABLE):
                self._health.failing(State.UNREACHABLE, UNREACHABLE)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _register_menu(self) -> None:
        menu = [BotCommand(name, wording.say(f"command_{name}")) for name in commands.MENU]
        for pause in (5.0, 30.0, 300.0):
            try:
                await self._bot.set_my_commands(menu)
                return
            except RetryAfter as error:
                pause = seconds(error)
            except NetworkError as error:
                logger.debug("The menu was not set: %s", error.message)
            except UNREADABLE:
                return
            except TelegramError as error:
                logger.warning("The menu of commands could not be set: %s", error.message)
                return
            await asyncio.sleep(pause)

    async def _watch(self) -> None:
        """Notice within seconds that the receiver died, and within a minute that it hangs."""
        while True:
            task = asyncio.create_task(self._receiver.run(), name="telegram-receiver")
            try:
                while not task.done() and not self._hangs():
                    await asyncio.wait({task}, timeout=_WATCH)
            finally:
                await _quietly(_cancelled(task))
            logger.error("Telegram: receiving broke off and is started again")
            self._health.failing(State.STARTING, "starting again")
            await asyncio.sleep(1)

    def _hangs(self) -> bool:
        """Whether the receiver believes it receives although nothing was heard for a minute."""
        return self._health.stale


async def _cancelled(task: asyncio.Task[None], again: float = 0.5) -> None:
    """Cancel a task for certain: Python 3.10's ``wait_for`` can swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=again)
    if not task.cancelled() and (error := task.exception()):
        logger.error("Telegram: %s", error, exc_info=error)


async def _quietly(step: Coroutine[Any, Any, None]) -> None:
    try:
        await step
    except Exception:
        # Stopping goes on whatever one of its steps meets.
        logger.exception("Telegram: a step of stopping failed")
