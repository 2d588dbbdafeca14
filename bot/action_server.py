"""The actions as a server of their own, for ``ACTION_ENDPOINT_URL``.

rasa_sdk's own server asks nobody who they are, takes compressed bodies of any size and repeats a
body in its errors.
"""

from __future__ import annotations

import json

from rasa.core.actions.action import ClientResponseError
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.action_endpoint import InProcessActions
from bot.channels import gate
from bot.settings import Settings, SettingsError

MAX_BODY = 2 * 1024 * 1024


def create_app(settings: Settings) -> Sanic:
    """Return the application, which answers ``POST /webhook`` as Rasa asks it.

    Raises:
        SettingsError: if others than this machine could ask and no secret is set.
    """
    if not gate.is_loopback(settings.host) and not settings.action_token:
        raise SettingsError(f"ACTION_TOKEN must be set to serve actions on HOST {settings.host}")
    app = gate.create("fathom_actions", settings.host, settings.names)
    app.config.REQUEST_MAX_SIZE = MAX_BODY
    app.ctx.ready = True
    actions = InProcessActions()

    @app.route("/webhook", methods=["POST"])
    async def webhook(request: Request) -> HTTPResponse:
        gate.check_token(request, settings.action_token)
        if "content-encoding" in request.headers:
            return response.json({"error": "the body must not be compressed"}, status=415)
        try:
            call = json.loads(request.body)
        except (ValueError, RecursionError):
            return response.json({"error": "the body must be JSON"}, status=400)
        if not isinstance(call, dict) or not {"next_action", "tracker"} <= set(call):
            return response.json({"error": "the body must be a call of an action"}, status=400)
        try:
            return response.json(await actions.request(json=call))
        except ClientResponseError as rejection:  # a form wants another action first
            return response.json(json.loads(rejection.text), status=rejection.status)

    return app
