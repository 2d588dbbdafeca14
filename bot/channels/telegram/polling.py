"""What is asked of Telegram again and again: for updates, or whether the webhook still stands.

PTB's Updater ends on a 401, repeats a 409 without pause, and drops a whole batch for one update
that it cannot read; its webhook opens a port of its own, beside that of this server.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time

from telegram import Update
from telegram.error import BadRequest, Conflict, EndPointNotFound, InvalidToken, RetryAfter

from bot.channels.telegram.attempts import FAILURES, UNREADABLE, seconds
from bot.channels.telegram.exchange import Exchange
from bot.channels.telegram.health import Health, State
from bot.channels.telegram.settings import TelegramSettings

logger = logging.getLogger(__name__)

TOKEN_REFUSED = "Telegram refuses the token; check TELEGRAM_BOT_TOKEN. Trying again."
CONFLICT = "another program receives this bot's updates; stop it or use another bot. Trying again."
UNREACHABLE = "the Bot API server cannot be reached. Trying again."
SLOW_DOWN = "Telegram asks the bot to slow down."
REFUSED = "Telegram refuses the request: {}. Trying again."
ALLOWED = (Update.MESSAGE, Update.CALLBACK_QUERY)
MAX_BODY = 1024 * 1024
# Telegram answers after this many seconds at the latest, and the answer may take some more.
POLL, _ANSWER = 25, 10
_SHORTEST, LONGEST_PAUSE = 0.5, 15.0
# A second poller loses its connection whenever we ask, so a conflict is probed gently.
_CONFLICT_PAUSE = 5.0
_LEFT_ALONE = 10.0
# Seconds between requests to a server that answers each at once, by how long it has been quiet.
_AT_ONCE, _SHORTEST_PAUSE, _IDLE_PAUSE = 1.0, 0.03, 0.3
# Seconds between two looks at the webhook.
_CHECK = 30.0


class Receiver:
    """Ask until cancelled; every failure is said and asked again."""

    interval = 0.0
    ready = False

    def __init__(self, settings: TelegramSettings, exchange: Exchange, health: Health) -> None:
        """Hand updates to an exchange; it has written one down when it returns."""
        self._settings, self._exchange, self._health = settings, exchange, health
        self._bot, self._drop = exchange.application.bot, settings.drop_pending

    async def run(self) -> None:
        """Receive for ever."""
        pause = 0.0
        while True:
            try:
                if not self.ready:
                    await self._exchange.start()
                    self._health.username = self._bot.username
                    await self._begin()
                    self.ready, self._drop = True, False
                await self._once()
                pause, wait = 0.0, self.interval
            except FAILURES as error:
                pause = wait = self._failed(error, pause)
            await asyncio.sleep(wait)

    def take(self, raw: object) -> bool:
        """Take what was received; false if it does not have the shape of an update."""
        if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
            return False
        self._health.last_update = time.monotonic()
        self._exchange.receive(raw)
        return True

    async def _begin(self) -> None:
        raise NotImplementedError

    async def _once(self) -> None:
        raise NotImplementedError

    def _failed(self, error: Exception, pause: float) -> float:
        """Say why nothing comes in, and return how long to wait, longer after each failure."""
        if isinstance(error, Conflict):
            state, problem, shortest = State.CONFLICT, CONFLICT, _CONFLICT_PAUSE
        elif isinstance(error, (InvalidToken, EndPointNotFound)):
            state, problem, shortest = State.UNAUTHORIZED, TOKEN_REFUSED, 1.0
        elif isinstance(error, RetryAfter):
            state, problem, shortest = State.UNREACHABLE, SLOW_DOWN, seconds(error)
        elif isinstance(error, BadRequest):
            state, problem, shortest = State.STOPPED, REFUSED.format(error.message), _SHORTEST
        else:
            state, problem, shortest = State.UNREACHABLE, UNREACHABLE, _SHORTEST
            logger.debug("Asking for updates failed: %s", error)
        # A single lost connection is ordinary and mended by the next request.
        if pause or problem is not UNREACHABLE:
            self._health.failing(state, problem)
        return max(min(pause * 2, LONGEST_PAUSE), shortest)


class Poller(Receiver):
    """Ask for updates."""

    _offset = 0
    _answered = _contested = False
    _last_news = 0.0

    async def _begin(self) -> None:
        """Remove a webhook, without which Telegram answers no poll; other servers need not know."""
        try:
            await self._bot.delete_webhook(drop_pending_updates=self._drop)
        except (BadRequest, EndPointNotFound, *UNREADABLE) as error:
            logger.debug("The webhook was not removed: %s", error)

    async def _once(self) -> None:
        begin = time.monotonic()
        # As JSON: PTB would read the whole batch or nothing of it.
        poll = self._bot.do_api_request(
            "getUpdates",
            api_kwargs={
                "offset": self._offset,
                # The first answer, also after a failure, comes at once: all is well.
                "timeout": POLL if self._answered else 0,
                "allowed_updates": ALLOWED,
            },
            read_timeout=POLL + _ANSWER,
        )
        # An answer that trickles in ends as well.
        found = await asyncio.wait_for(poll, POLL + 2 * _ANSWER)
        now = time.monotonic()
        # A short poll always gets through and throws another program out: only a long one that was
        # left alone shows that we are alone again.
        if found or (self._answered and now - begin >= _LEFT_ALONE):
            self._contested = False
        self._answered = True
        if not self._contested:
            self._health.receiving()
        for raw in found if isinstance(found, list) else []:
            self._last_news = now
            if self.take(raw):
                self._offset = max(self._offset, raw["update_id"] + 1)
        if not found and now - begin < _AT_ONCE:
            # The server does not hold the request until there is news.
            quiet = now - self._last_news
            await asyncio.sleep(min(max(quiet / 100, _SHORTEST_PAUSE), _IDLE_PAUSE))

    def _failed(self, error: Exception, pause: float) -> float:
        if pause or isinstance(error, (Conflict, InvalidToken, EndPointNotFound)):
            self._answered = False
        if isinstance(error, Conflict):
            self._contested = True
            # A webhook that somebody set meanwhile gives the same answer.
            self.ready = "webhook" not in error.message.lower()
        return super()._failed(error, pause)


class Webhook(Receiver):
    """Keep the webhook registered, and take what is posted to it."""

    interval = _CHECK

    def post(self, secret: str | None, body: bytes) -> int:
        """Take what was posted; return the HTTP status, 200 once the update is written down."""
        if not self.ready:
            return 503  # Telegram delivers it again
        expected = self._settings.webhook_secret.encode()
        if not hmac.compare_digest((secret or "").encode("utf-8", "replace"), expected):
            return 403
        try:
            return 200 if len(body) <= MAX_BODY and self.take(json.loads(body)) else 400
        except (ValueError, RecursionError):
            return 400

    async def _begin(self) -> None:
        """Set the webhook, also where it stands: its secret cannot be read back."""
        await self._bot.set_webhook(
            self._settings.webhook_url,
            allowed_updates=list(ALLOWED),
            secret_token=self._settings.webhook_secret,
            drop_pending_updates=self._drop,
            max_connections=40,
        )

    async def _once(self) -> None:
        """Set the webhook where it differs; setting it again and again leads to a 429."""
        info = await self._bot.get_webhook_info()
        stands = info.url == self._settings.webhook_url
        if not stands or {*info.allowed_updates} != {*ALLOWED}:
            await self._begin()
        self._health.receiving()
