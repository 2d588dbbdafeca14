"""The REST channel: JSON in, a list of messages out, pictures beside it.

Who accepts ``application/x-ndjson`` gets each message on a line of its own, with its text as HTML
beside the Markdown. Nothing is answered before it is stored: who reads an answer is remembered.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from actions import pictures
from bot import privacy
from bot.assistant import with_text
from bot.channels import gate
from bot.channels.intake import clean, is_sender
from bot.channels.output import WholeMessages
from bot.channels.page.markdown import to_html
from bot.channels.wording import sentences
from bot.store import StoreError
from bot.turns import BusyError, LockAwayError

logger = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
LINES = "application/x-ndjson"


class EnvelopeError(ValueError):
    """The request is not a message; the text says what a message looks like."""

    def __init__(self, problem: str, status: int = 400) -> None:
        """Keep the HTTP status beside the problem."""
        super().__init__(problem)
        self.status = status


def read_envelope(body: bytes) -> tuple[str, str]:
    """Return the sender and the text of a request body.

    Raises:
        EnvelopeError: if it is too large, not UTF-8 JSON, or lacks a usable sender or message.
    """
    if len(body) > MAX_BODY:
        raise EnvelopeError(f"the body is larger than {MAX_BODY} bytes", 413)
    try:
        envelope = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # a number of too many digits among them
        raise EnvelopeError("the body must be JSON in UTF-8") from error
    if not isinstance(envelope, dict):
        raise EnvelopeError('the body must be {"sender": ..., "message": ...}')
    if not is_sender(envelope.get("sender")):
        raise EnvelopeError("sender must be 1 to 64 letters, digits, '-' or '_'")
    if not isinstance(envelope.get("message"), str):
        raise EnvelopeError("message must be a string")
    return envelope["sender"], envelope["message"]


class RestChannel(InputChannel):
    """Serve ``POST /webhooks/rest/webhook`` and ``GET /webhooks/rest/pictures/<name>``."""

    def __init__(self, public_url: str | None = None, token: str | None = None) -> None:
        """Remember the address that a proxy gives the server, for that of the pictures.

        Where there is a token only who knows it is answered.
        """
        self._token = token
        self._public_url = public_url

    @classmethod
    def name(cls) -> str:
        """Return the name in the route and in stored conversations."""
        return "rest"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of the channel."""
        blueprint = Blueprint("fathom_rest", __name__)

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            gate.check_token(request, self._token)
            try:
                sender, text = read_envelope(request.body)
            except EnvelopeError as error:
                return response.json({"error": str(error)}, status=error.status)
            output = WholeMessages()
            agent = request.app.ctx.agent
            message = UserMessage(clean(text), output, sender, input_channel=self.name())
            try:
                await on_new_message(message)
                output.messages = await privacy.carry_out(agent, sender, output.messages)
            except BusyError as error:
                return refusal("busy", 429, error.seconds)
            except (StoreError, LockAwayError) as error:
                logger.error("A message was not answered: %s", error)
                return refusal("away", 503, 2)
            except asyncio.CancelledError:
                logger.error("A turn was cut off: its sender left, or it took too long")
            except Exception:
                # Whatever broke, the person gets an answer and the log gets the reason.
                logger.exception("A turn failed")
            messages = with_text(output.messages, agent)
            origin = self._origin(request)
            shown = [_public(message, origin) for message in messages]
            return _lines(shown) if _wants_lines(request) else response.json(shown)

        @blueprint.route("/pictures/<name:str>", methods=["GET"])
        async def picture(request: Request, name: str) -> HTTPResponse:
            path = pictures.find(name)
            if path is None:
                return response.json({"error": "there is no such picture"}, status=404)
            return await response.file(path, mime_type="image/png")

        return blueprint

    def _origin(self, request: Request) -> str:
        return self._public_url or f"{request.scheme}://{request.host}"


def refusal(name: str, status: int, seconds: int) -> HTTPResponse:
    """Return why there is no answer now, and when to ask again."""
    return response.json(
        {"error": sentences()[name]}, status=status, headers={"retry-after": str(seconds)}
    )


def _lines(messages: list[dict[str, Any]]) -> HTTPResponse:
    """Return each message on a line of its own, its text as HTML too."""
    told = [
        {**shown, "html": to_html(shown["text"])} if "text" in shown else shown
        for shown in messages
    ]
    return response.text(
        "".join(json.dumps(shown) + "\n" for shown in told),
        headers={"cache-control": "no-store"},
        content_type=LINES,
    )


def _wants_lines(request: Request) -> bool:
    return bool(request.headers.getone("accept", "") == LINES)


def _public(message: dict[str, Any], origin: str) -> dict[str, Any]:
    shown = {
        key: message[key]
        for key in ("text", "buttons", "image", "alt", "file", "deleted")
        if message.get(key)
    }
    if "image" in shown:
        shown["image"] = f"{origin}/webhooks/rest/pictures/{shown['image']}"
    return shown
