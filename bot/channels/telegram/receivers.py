"""The two ways updates come in: asking for them, or being told."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Callable
from typing import Any

from telegram.error import (
    BadRequest,
    Conflict,
    EndPointNotFound,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.health import Health, State
from bot.channels.telegram.limiter import seconds
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import ALLOWED

logger = logging.getLogger(__name__)

Receive = Callable[[dict[str, Any]], bool]

# Telegram answers after this many seconds at the latest, and the answer may take some more.
POLL = 25
_ANSWER = 10
_LONGEST_PAUSE = 30.0
# A second poller loses its connection whenever we ask, so a conflict is probed gently.
_CONFLICT_PAUSE = 5.0
_CHECK_WEBHOOK = 30.0

TOKEN_REFUSED = "Telegram refuses the token; check TELEGRAM_BOT_TOKEN. Trying again."
CONFLICT = "another program receives this bot's updates; stop it or use another bot. Trying again."
UNREACHABLE = "the Bot API server cannot be reached. Trying again."


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
        self._clean = False

    async def run(self) -> None:
        """Receive until cancelled; every failure is said and tried again."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                await self._once()
                pause = 0.0
            except RetryAfter as error:
                self._health.failing(State.UNREACHABLE, "Telegram asks the bot to slow down.")
                pause = seconds(error)
            except Conflict as error:
                # A webhook that somebody set meanwhile gives the same answer.
                self._clean = "webhook" not in error.message.lower()
                self._health.failing(State.CONFLICT, CONFLICT)
                pause = min(max(pause * 1.5, _CONFLICT_PAUSE), _LONGEST_PAUSE)
            except (InvalidToken, EndPointNotFound):
                self._health.failing(State.UNAUTHORIZED, TOKEN_REFUSED)
                pause = min(max(pause * 2, 1.0), _LONGEST_PAUSE)
            except (TelegramError, asyncio.TimeoutError) as error:
                pause = min(max(pause * 2, 0.5), _LONGEST_PAUSE)
                # A single lost connection is ordinary and mended by the next request.
                if pause > 0.5:
                    self._health.failing(State.UNREACHABLE, UNREACHABLE)
                logger.debug("Polling failed: %s", error)

    async def _once(self) -> None:
        if not self._clean:
            await self._bot.delete_webhook(drop_pending_updates=self._drop)
            self._clean, self._drop = True, False
        found = await asyncio.wait_for(
            self._bot.do_api_request(
                "getUpdates",
                api_kwargs={"offset": self._offset, "timeout": POLL, "allowed_updates": ALLOWED},
                read_timeout=POLL + _ANSWER,
            ),
            POLL + 2 * _ANSWER,
        )
        self._health.receiving()
        for raw in found if isinstance(found, list) else []:
            self._health.update()
            self._receive(raw)
            self._offset = max(self._offset, int(raw["update_id"]) + 1)


class Webhook:
    """Keep the webhook registered, and take what is posted to it."""

    def __init__(
        self, settings: TelegramSettings, bot: TelegramBot, receive: Receive, health: Health
    ) -> None:
        """Use a started bot."""
        self._settings = settings
        self._bot = bot
        self._receive = receive
        self._health = health
        self._registered = False

    async def run(self) -> None:
        """Register, then look every half minute whether that still stands."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                await self._register()
                self._health.receiving()
                pause = _CHECK_WEBHOOK
            except RetryAfter as error:
                pause = seconds(error)
            except InvalidToken:
                self._health.failing(State.UNAUTHORIZED, TOKEN_REFUSED)
                pause = min(max(pause * 2, 1.0), _LONGEST_PAUSE)
            except BadRequest as error:
                self._health.failing(
                    State.STOPPED, f"Telegram refuses the webhook: {error.message}. Trying again."
                )
                pause = _LONGEST_PAUSE
            except NetworkError:
                self._health.failing(State.UNREACHABLE, UNREACHABLE)
                pause = min(max(pause * 2, 1.0), _LONGEST_PAUSE)

    def accepts(self, secret: str | None) -> bool:
        """Whether a request carries the secret, compared in constant time."""
        expected = self._settings.webhook_secret.reveal().encode()
        return hmac.compare_digest((secret or "").encode("utf-8", "replace"), expected)

    def take(self, body: bytes) -> bool:
        """Take a posted update; false if it is none.

        The update is written down when this returns, so it can be confirmed at once.
        """
        try:
            raw = json.loads(body)
        except (UnicodeDecodeError, ValueError, RecursionError):
            return False
        if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
            return False
        self._health.update()
        self._receive(raw)
        return True

    async def _register(self) -> None:
        """Set the webhook where it differs; setting it again and again leads to a 429.

        The secret cannot be read back, so the first registration of a run is unconditional.
        """
        info = await self._bot.get_webhook_info()
        if info.last_error_message and self._registered:
            logger.warning("Telegram could not deliver to the webhook: %s", info.last_error_message)
        same = info.url == self._settings.webhook_url and set(info.allowed_updates) == set(ALLOWED)
        if same and self._registered:
            return
        await self._bot.set_webhook(
            self._settings.webhook_url,
            allowed_updates=list(ALLOWED),
            secret_token=self._settings.webhook_secret.reveal(),
            drop_pending_updates=self._settings.drop_pending and not self._registered,
            max_connections=40,
        )
        self._registered = True
