"""Being told of updates: keep the webhook registered and take what is posted to it."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from datetime import datetime

from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.attempts import UNREADABLE
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.health import TOKEN_REFUSED, UNREACHABLE, Health, State
from bot.channels.telegram.limiter import seconds
from bot.channels.telegram.polling import LONGEST_PAUSE, Receive
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import ALLOWED, is_update

logger = logging.getLogger(__name__)

_CHECK = 30.0


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
        self._told: datetime | None = None

    async def run(self) -> None:
        """Register, then look every half minute whether that still stands."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                await self._register()
                self._health.receiving()
                pause = _CHECK
            except RetryAfter as error:
                pause = seconds(error)
            except InvalidToken:
                self._health.failing(State.UNAUTHORIZED, TOKEN_REFUSED)
                pause = min(max(pause * 2, 1.0), LONGEST_PAUSE)
            except BadRequest as error:
                self._health.failing(
                    State.STOPPED, f"Telegram refuses the webhook: {error.message}. Trying again."
                )
                pause = LONGEST_PAUSE
            except (TelegramError, *UNREADABLE):
                self._health.failing(State.UNREACHABLE, UNREACHABLE)
                pause = min(max(pause * 2, 1.0), LONGEST_PAUSE)

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
        if not is_update(raw):
            return False
        self._health.update()
        self._receive(raw)
        return True

    async def _register(self) -> None:
        """Set the webhook where it differs; setting it again and again leads to a 429.

        The secret cannot be read back, so the first registration of a run is unconditional.
        """
        info = await self._bot.get_webhook_info()
        # Telegram goes on telling its last error long after it.
        if info.last_error_date != self._told and info.last_error_message and self._registered:
            self._told = info.last_error_date
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
