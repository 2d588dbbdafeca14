"""The channel as Rasa sees it: put together, started, kept alive, stopped.

Whatever happens here is never a reason for the server to fail.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.telegram import client, redaction
from bot.channels.telegram.assistant import NAME, Assistant, TelegramOutput
from bot.channels.telegram.attempts import Delivery
from bot.channels.telegram.exchange import Exchange, cancelled
from bot.channels.telegram.handlers import Handlers
from bot.channels.telegram.health import Health, State
from bot.channels.telegram.polling import Poller, Webhook
from bot.channels.telegram.quiz import Subject
from bot.channels.telegram.settings import SINGLE_WORKER, Mode, TelegramSettings
from bot.channels.telegram.store import Store

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
STORE = "telegram.db"
_WATCH = 5.0
_DRAIN = 6.0
OnMessage = Callable[[UserMessage], Awaitable[Any]]


class TelegramInput(InputChannel):
    """Serve ``/webhooks/telegram/health`` and, in webhook mode, ``/webhooks/telegram/webhook``.

    Nothing connects before the server has started; the assistant is loaded by then.
    """

    def __init__(
        self,
        settings: TelegramSettings,
        home: Path,
        pictures: Callable[[], Path],
        subjects: Callable[[], Sequence[Subject]] = lambda: (),
    ) -> None:
        """Remember the settings; the store is kept in ``home``.

        ``pictures`` is their folder, and ``subjects`` are what a quiz can be about.
        """
        redaction.install(settings.token, settings.webhook_secret)
        self._settings, self._home = settings, home
        self._pictures, self._subjects = pictures, subjects
        self._output = TelegramOutput()
        self._agent: Any = None
        self._store: Store | None = None
        self._exchange: Exchange | None = None
        self._receiver: Poller | Webhook | None = None
        self._stopping = AsyncExitStack()
        self.health = Health(settings.mode.value)

    @classmethod
    def name(cls) -> str:
        """Return the name in the route, in stored conversations and in ``channel:``."""
        return NAME

    def get_output_channel(self) -> TelegramOutput:
        """Return the one output channel, for reminders and external intents."""
        return self._output

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """Return the routes and listeners of the channel."""
        blueprint = Blueprint("fathom_telegram", __name__)

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
            self._agent = getattr(app.ctx, "agent", None)
            self.start(on_new_message)

        @blueprint.listener("before_server_stop")
        async def stop(_: Sanic, __: asyncio.AbstractEventLoop) -> None:
            await self.stop()

        @blueprint.route("/health", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            waiting = len(self._store.open_updates()) if self._store else 0
            well = self.health.state is State.RECEIVING
            return response.json(self.health.report(waiting), status=200 if well else 503)

        if self._settings.mode is Mode.WEBHOOK:

            @blueprint.route("/webhook", methods=["POST"])
            async def webhook(request: Request) -> HTTPResponse:
                secret, receiver = request.headers.get(SECRET_HEADER), self._receiver
                taken = isinstance(receiver, Webhook) and receiver.post(secret, request.body)
                return response.text("", status=taken or 503)

        return blueprint

    def start(self, on_new_message: OnMessage, workers: int | None = None) -> None:
        """Put the parts together and start receiving, beside the server.

        Raising would take the other channels down.
        """
        settings, bot = self._settings, client.create(self._settings)
        workers = workers or int(os.environ.get("SANIC_WORKERS") or 1)
        try:
            store = self._store = Store(self._home / STORE)
        except (OSError, sqlite3.Error) as error:
            self.health.failing(State.STOPPED, f"{self._home}/{STORE} cannot be used: {error}")
            return
        assistant = Assistant(on_new_message, self._output, self._agent)
        delivery = Delivery(bot, store, self._pictures)
        handlers = Handlers(bot, assistant, store, delivery, self._subjects)
        exchange = Exchange(settings, bot, store, delivery, handlers, alone=workers == 1)
        self._output.send_now = exchange.send_now
        kind = Webhook if settings.mode is Mode.WEBHOOK else Poller
        receiver = kind(settings, exchange, self.health)
        self._exchange, self._receiver = exchange, receiver
        if kind is Poller and workers > 1:
            self.health.failing(State.STOPPED, SINGLE_WORKER)
            return
        self._stopping.push_async_callback(exchange.stop, _DRAIN)
        watch = asyncio.create_task(self._watch(receiver))
        self._stopping.push_async_callback(cancelled, watch, again=5.0)

    async def stop(self) -> None:
        """Stop receiving, finish what is under way, disconnect; each step whatever the others."""
        if self._receiver:
            self._receiver.ready = False
        try:
            await self._stopping.aclose()
        except Exception:
            logger.exception("Telegram: a step of stopping failed")

    async def idle(self) -> None:
        """Wait until every update taken in is answered."""
        if self._exchange:
            await self._exchange.application.update_queue.join()

    async def _watch(self, receiver: Poller | Webhook) -> None:
        """Notice within seconds that the receiver died, and within a minute that it hangs."""
        while True:
            task = asyncio.create_task(receiver.run(), name="telegram-receiver")
            try:
                # It hangs if it believes that it receives although nothing was heard for a minute.
                while not task.done() and not self.health.stale:
                    await asyncio.wait({task}, timeout=_WATCH)
            finally:
                await cancelled(task)
            logger.error("Telegram: receiving broke off and is started again")
            self.health.failing(State.STARTING, "starting again")
            await asyncio.sleep(1)
