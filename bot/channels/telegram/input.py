"""The channel as Rasa sees it: routes, listeners, and the parts put together."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from telegram.error import TelegramError

from bot.channels.telegram import client, files, journal, redaction
from bot.channels.telegram.answers import Answers
from bot.channels.telegram.attempts import MissingMethodError, UncertainError, carry_out
from bot.channels.telegram.buttons import ButtonStore
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.exchange import Exchange
from bot.channels.telegram.health import Health, State
from bot.channels.telegram.output import NAME, Message, TelegramOutput
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.quiz import Subject
from bot.channels.telegram.settings import Mode, TelegramSettings
from bot.channels.telegram.supervisor import Supervisor
from bot.channels.telegram.turns import Turns
from bot.channels.telegram.updates import Origin, Upload
from bot.channels.telegram.webhook import Webhook

if TYPE_CHECKING:
    from rasa.core.agent import Agent

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_BODY = 1024 * 1024
STORE = "telegram.db"


class TelegramInput(InputChannel):
    """Serve ``/webhooks/telegram/health`` and, in webhook mode, ``/webhooks/telegram/webhook``.

    Nothing connects before the server has started; the assistant is loaded by then.
    """

    def __init__(
        self,
        settings: TelegramSettings,
        home: Path | None,
        pictures: Callable[[], Path],
        subjects: Callable[[], Sequence[Subject]] = lambda: (),
        feedback: Callable[[str, bool], None] = lambda topic, helpful: None,
    ) -> None:
        """Remember the settings.

        Args:
            settings: token, transport and who may talk.
            home: folder of the channel's own store; none keeps it in memory.
            pictures: where the actions' pictures are.
            subjects: what quiz questions can be about.
            feedback: keeps a topic and whether an answer on it was helpful.
        """
        redaction.install(settings.token.reveal(), settings.webhook_secret.reveal())
        self._settings = settings
        self._home = home
        self._pictures = pictures
        self._subjects = subjects
        self._feedback = feedback
        self._agent: Agent | None = None
        self._output = TelegramOutput(self._send_now)
        self._exchange: Exchange | None = None
        self._supervisor: Supervisor | None = None
        self._webhook: Webhook | None = None
        self.health = Health(settings.mode.value)

    @classmethod
    def name(cls) -> str:
        """Return the name in the route, in stored conversations and in ``channel:``."""
        return NAME

    def get_output_channel(self) -> TelegramOutput:
        """Return the one output channel, for reminders and external intents."""
        return self._output

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes and listeners of the channel."""
        blueprint = Blueprint("fathom_telegram", __name__)

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
            self._agent = getattr(app.ctx, "agent", None)
            self.launch(on_new_message)

        @blueprint.listener("before_server_stop")
        async def stop(_: Sanic, __: asyncio.AbstractEventLoop) -> None:
            await self.stop()

        @blueprint.route("/health", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            waiting = self._exchange.waiting() if self._exchange else 0
            well = self.health.state is State.RECEIVING
            return response.json(self.health.report(waiting), status=200 if well else 503)

        if self._settings.mode is Mode.WEBHOOK:

            @blueprint.route("/webhook", methods=["POST"])
            async def webhook(request: Request) -> HTTPResponse:
                if self._webhook is None or not self._supervisor or not self._supervisor.ready:
                    # Telegram delivers it again.
                    return response.text("starting", status=503)
                if not self._webhook.accepts(request.headers.get(SECRET_HEADER)):
                    return response.text("forbidden", status=403)
                if len(request.body) > MAX_BODY or not self._webhook.take(request.body):
                    return response.text("not an update", status=400)
                return response.text("")

        return blueprint

    def launch(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> None:
        """Start if that is possible; raising would take the other channels down."""
        try:
            self.start(on_new_message, int(os.environ.get("SANIC_WORKERS") or 1))
        except (OSError, sqlite3.Error, TelegramError) as error:
            self.health.failing(State.STOPPED, f"{self._home}/{STORE} cannot be used: {error}")

    def start(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]], workers: int = 1
    ) -> None:
        """Put the parts together and start receiving; needs a running event loop."""
        connection = journal.connect(self._home / STORE if self._home else None)
        notes = journal.Journal(connection)
        bot = client.create(self._settings)
        buttons = ButtonStore(connection)
        delivery = Delivery(bot, buttons, notes, self._pictures)

        async def fetch(upload: Upload) -> bytes:
            try:
                file = await carry_out(lambda: bot.get_file(upload.file), reading=True)
                if file is None:
                    raise files.FileError("file_unreadable")
                content = await carry_out(file.download_as_bytearray, reading=True)
            except (TelegramError, UncertainError, MissingMethodError, RuntimeError) as error:
                logger.warning("A file could not be fetched: %s", type(error).__name__)
                raise files.FileError("file_unreadable") from error
            return bytes(content or b"")

        async def forget(origin: Origin) -> None:
            if self._agent is None:
                raise RuntimeError("there is no assistant whose conversations could be deleted")
            # Rasa's stores take a second to import, and few people delete.
            from bot.channels.telegram.erase import erase

            await erase(self._agent, origin.conversation, self._pictures())
            notes.scrub()

        answers = Answers(
            Turns(on_new_message, self._output, lambda: self._agent),
            buttons,
            self._feedback,
            fetch,
            forget,
            self._subjects,
        )
        exchange = Exchange(self._settings, bot, notes, buttons, delivery, answers)
        receiver: Poller | Webhook
        if self._settings.mode is Mode.WEBHOOK:
            receiver = self._webhook = Webhook(self._settings, bot, exchange.receive, self.health)
        else:
            receiver = Poller(bot, exchange.receive, self.health, self._settings.drop_pending)
        self._exchange = exchange
        self._supervisor = Supervisor(bot, exchange, receiver, self.health, workers)
        self._supervisor.start()

    async def stop(self) -> None:
        """Stop receiving and finish what is under way."""
        if self._supervisor:
            await self._supervisor.stop()

    async def idle(self) -> None:
        """Wait until every update taken in is answered."""
        if self._exchange:
            await self._exchange.idle()

    async def _send_now(self, origin: Origin, messages: list[Message]) -> None:
        if self._exchange is None:
            logger.error("A message cannot be sent before the channel has started")
            return
        await self._exchange.send_now(origin, messages)
