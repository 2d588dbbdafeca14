"""Run the assistant as a server with its channels."""

from __future__ import annotations

import os
import sys

import rasa.core.run
from rasa.core.channels.channel import InputChannel, register
from rasa.core.constants import DEFAULT_KEEP_ALIVE_TIMEOUT
from sanic import Sanic

from bot import logs, warm_up
from bot.assistant import load
from bot.channels import gate, page, probes, telegram
from bot.channels.rest import MAX_BODY, RestChannel
from bot.settings import Settings
from bot.training import ensure_trained
from bot.watchdog import Watchdog


def channels(settings: Settings) -> list[InputChannel]:
    """Return the channels to serve: REST, and Telegram where the environment holds a token."""
    served: list[InputChannel] = [RestChannel(settings.public_url)]
    if telegram.is_configured():
        served.append(telegram.channel(settings))
    return served


def create_app(settings: Settings) -> Sanic:
    """Return the Sanic application: our channels only, without Rasa's own routes."""
    ensure_trained(settings)
    watchdog = Watchdog()
    app = gate.create("fathom", settings.host, settings.names)
    register(channels(settings), app, route="/webhooks/")
    app.blueprint(page.blueprint())
    app.blueprint(probes.blueprint())
    app.config.KEEP_ALIVE_TIMEOUT = DEFAULT_KEEP_ALIVE_TIMEOUT
    app.config.REQUEST_MAX_SIZE = 2 * MAX_BODY

    async def start(app: Sanic, _: object) -> None:
        app.ctx.agent = await load(settings)

    async def say_ready(app: Sanic, _: object) -> None:
        app.ctx.ready = True

    app.register_listener(start, "before_server_start")
    # Before anything is answered, what waits in Telegram's journal among it.
    app.register_listener(lambda *_: warm_up.start().join(), "before_server_start")
    app.register_listener(lambda *_: watchdog.start(), "before_server_start")
    app.register_listener(say_ready, "before_server_start")
    app.register_listener(lambda *_: _tell(settings), "after_server_start")
    app.register_listener(rasa.core.run.close_resources, "after_server_stop")
    app.register_listener(lambda *_: watchdog.stop(), "after_server_stop")
    logs.configure(os.environ.get("LOG_LEVEL", "WARNING"))
    return app


def address(settings: Settings) -> str:
    """Return where a browser on this machine, or behind the proxy, finds the page."""
    if settings.public_url:
        return f"{settings.public_url}/"
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _tell(settings: Settings) -> None:
    print(f"fathom: ready at {address(settings)}; Ctrl-C stops", file=sys.stderr, flush=True)


def serve(settings: Settings) -> None:
    """Serve until interrupted."""
    app = create_app(settings)
    app.run(host=settings.host, port=settings.port, access_log=False, motd=False)
