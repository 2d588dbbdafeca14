"""Run the assistant as a server with its channels."""

from __future__ import annotations

import asyncio
import os
import socket
import sys

import rasa.core.run
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, register
from rasa.core.constants import DEFAULT_KEEP_ALIVE_TIMEOUT
from sanic import Sanic

from bot import logs, metrics, ports, redaction, retention, warm_up, workers
from bot.assistant import check_stores, load
from bot.channels import gate, page, probes, telegram
from bot.channels.rest import MAX_BODY, RestChannel
from bot.early import Early
from bot.settings import Settings
from bot.terminal.training import train_assistant
from bot.training import fingerprint
from bot.watchdog import Watchdog


def channels(settings: Settings) -> list[InputChannel]:
    """Return the channels to serve: REST, and Telegram where the environment holds a token."""
    redaction.install(settings.rest_token, settings.action_token)
    served: list[InputChannel] = [RestChannel(settings.public_url, settings.rest_token)]
    if telegram.is_configured():
        served.append(telegram.channel(settings))
    return served


def create_app(settings: Settings, agent: Agent) -> Sanic:
    """Return the Sanic application: our channels only, without Rasa's own routes."""
    watchdog = Watchdog()
    app = gate.create("fathom", settings.host, settings.names)
    app.ctx.agent, app.ctx.ready = agent, True
    register(channels(settings), app, route="/webhooks/")
    metrics.watch(agent, fingerprint(), fingerprint(sources=("models/review",)))
    app.blueprint(page.blueprint())
    app.blueprint(probes.blueprint())
    app.config.KEEP_ALIVE_TIMEOUT = DEFAULT_KEEP_ALIVE_TIMEOUT
    app.config.REQUEST_MAX_SIZE = 2 * MAX_BODY
    app.register_listener(lambda *_: watchdog.start(), "before_server_start")
    app.add_task(retention.keep(settings.keep, agent.tracker_store))
    app.register_listener(rasa.core.run.close_resources, "after_server_stop")
    app.register_listener(lambda *_: watchdog.stop(), "after_server_stop")
    return app


def address(settings: Settings) -> str:
    """Return where a browser on this machine, or behind the proxy, finds the page."""
    if settings.public_url:
        return f"{settings.public_url}/"
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _tell(settings: Settings) -> None:
    print(f"fathom: ready at {address(settings)}; Ctrl-C stops", file=sys.stderr, flush=True)


def serve(settings: Settings, taken: socket.socket, early: Early) -> None:
    """Serve until interrupted, in place of what has answered on the port so far."""
    app = _loaded(settings)
    app.register_listener(lambda *_: early.close(), "before_server_start")
    app.register_listener(lambda *_: _tell(settings), "after_server_start")
    gate.run(app, sock=taken)


def work(settings: Settings, parent: int) -> None:
    """Serve as one of several workers: the port is taken once there is an assistant to answer."""
    ready = workers.report_to(parent)
    app = _loaded(settings)
    app.register_listener(lambda *_: ready(), "after_server_start")
    with ports.listen(settings.host, settings.port, shared=True) as taken:
        gate.run(app, sock=taken)


def _loaded(settings: Settings) -> Sanic:
    check_stores(settings)
    train_assistant(settings)
    loop = asyncio.new_event_loop()
    agent = loop.run_until_complete(load(settings))
    loop.close()
    # Before anything is answered, what waits in Telegram's journal among it.
    warm_up.start().join()
    logs.configure(os.environ.get("LOG_LEVEL", "WARNING"))
    return create_app(settings, agent)
