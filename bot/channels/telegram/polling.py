"""Asking for updates, for ever."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from telegram.error import (
    BadRequest,
    Conflict,
    EndPointNotFound,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram.attempts import UNREADABLE, is_missing
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.health import CONFLICT, TOKEN_REFUSED, UNREACHABLE, Health, State
from bot.channels.telegram.limiter import seconds
from bot.channels.telegram.updates import ALLOWED, is_update

logger = logging.getLogger(__name__)

Receive = Callable[[dict[str, Any]], bool]

# Telegram answers after this many seconds at the latest, and the answer may take some more.
POLL = 25
_ANSWER = 10
LONGEST_PAUSE = 15.0
# A second poller loses its connection whenever we ask, so a conflict is probed gently.
_CONFLICT_PAUSE = 5.0
_LEFT_ALONE = 10.0
# Seconds between requests to a server that answers each at once, by how long it has been quiet.
_AT_ONCE, _SHORTEST_PAUSE, _IDLE_PAUSE = 1.0, 0.03, 0.3


class Poller:
    """Ask for updates for ever.

    PTB's Updater gives up silently on a 401, repeats a 409 without pause, and drops a whole batch
    for one update it cannot read; so the loop is our own, on PTB's client.
    """

    def __init__(
        self, bot: TelegramBot, receive: Receive, health: Health, drop_pending: bool
    ) -> None:
        """Use a started bot; ``receive`` must have written an update down when it returns."""
        self._bot = bot
        self._receive = receive
        self._health = health
        self._drop = drop_pending
        self._offset = 0
        self._clean = self._answered = False
        self._contested = False
        self._quiet_since = time.monotonic()

    async def run(self) -> None:
        """Receive until cancelled; every failure is said and tried again."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                await self._once()
                # A short poll always gets through and throws the other out: only a long one that
                # was left alone shows that we are alone again.
                pause = 0.0
            except RetryAfter as error:
                self._health.failing(State.UNREACHABLE, "Telegram asks the bot to slow down.")
                pause = seconds(error)
            except Conflict as error:
                # A webhook that somebody set meanwhile gives the same answer.
                self._clean = "webhook" not in error.message.lower()
                self._health.failing(State.CONFLICT, CONFLICT)
                self._answered, self._contested = False, True
                pause = min(max(pause * 1.5, _CONFLICT_PAUSE), LONGEST_PAUSE)
            except (InvalidToken, EndPointNotFound):
                self._health.failing(State.UNAUTHORIZED, TOKEN_REFUSED)
                self._answered = False
                pause = min(max(pause * 2, 1.0), LONGEST_PAUSE)
            except (TelegramError, asyncio.TimeoutError) as error:
                pause = min(max(pause * 2, 0.5), LONGEST_PAUSE)
                # A single lost connection is ordinary and mended by the next request.
                if pause > 0.5:
                    self._health.failing(State.UNREACHABLE, UNREACHABLE)
                    self._answered = False
                logger.debug("Polling failed: %s", error)

    async def _once(self) -> None:
        if not self._clean:
            await self._forget_webhook()
            self._clean, self._drop = True, False
        begin = time.monotonic()
        found = await asyncio.wait_for(
            self._bot.do_api_request(
                "getUpdates",
                api_kwargs={
                    "offset": self._offset,
                    # The first answer, also after a failure, comes at once: all is well.
                    "timeout": POLL if self._answered else 0,
                    "allowed_updates": ALLOWED,
                },
                read_timeout=POLL + _ANSWER,
            ),
            POLL + 2 * _ANSWER,
        )
        long = self._answered and time.monotonic() - begin >= _LEFT_ALONE
        self._contested = self._contested and not (long or bool(found))
        self._answered = True
        if not self._contested:
            self._health.receiving()
        news = [raw for raw in found if is_update(raw)] if isinstance(found, list) else []
        for raw in news:
            self._health.update()
            self._receive(raw)
            self._offset = max(self._offset, raw["update_id"] + 1)
        if news:
            self._quiet_since = time.monotonic()
        elif time.monotonic() - begin < _AT_ONCE:
            # The server does not hold the request until there is news.
            quiet = time.monotonic() - self._quiet_since
            await asyncio.sleep(min(max(quiet / 100, _SHORTEST_PAUSE), _IDLE_PAUSE))

    async def _forget_webhook(self) -> None:
        """Remove a webhook, without which Telegram answers no poll; other servers need not know."""
        try:
            await self._bot.delete_webhook(drop_pending_updates=self._drop)
        except (BadRequest, *UNREADABLE) as error:
            logger.debug("The webhook was not removed: %s", error)
        except InvalidToken as error:
            if not is_missing(error):
                raise
