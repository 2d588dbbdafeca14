"""The Bot API client: PTB's, with a hidden token, this channel's limits and a tolerant reader."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import ssl
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from telegram.error import EndPointNotFound, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Defaults, ExtBot
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram import redaction
from bot.channels.telegram.attempts import FAILURES, ChatLimiter, Note
from bot.channels.telegram.settings import OFFICIAL_API, SINGLE_WORKER, Mode, TelegramSettings
from bot.settings import SettingsError

# Many servers close an idle connection after five seconds; ours must be given up before.
_KEPT_ALIVE = 3.0
# How long an answer may take: after a time-out nobody knows what arrived.
_CONNECT, _ANSWER = 10.0, 30.0
# Later than any date in seconds, so it is in milliseconds.
_MILLISECONDS = 10**11
# Seconds to wait for an answer at the start; the channel itself is more patient.
_PATIENCE = 8.0


class TelegramBot(ExtBot[Note]):
    """A bot that does not show its token."""

    def __repr__(self) -> str:
        """Return the name without the token, which PTB would show."""
        return f"TelegramBot({self._bot_user.name if self._bot_user else 'not started'})"


class TolerantRequest(BaseRequest):
    """Requests by aiohttp, whose answers may be those of other Bot API servers.

    They leave out what PTB takes for granted. PTB's own requests, by httpx, take three to four
    times the CPU, which twenty people who write at once would feel.
    """

    read_timeout = _ANSWER

    def __init__(self, connections: int, local: bool) -> None:
        """Keep so many connections; a ``local`` server is not asked by way of a proxy."""
        self._connections, self._local = connections, local
        self._session: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        """Get ready to connect."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=_KEPT_ALIVE, ssl=_certificates()
            )
            self._session = aiohttp.ClientSession(connector=connector, trust_env=not self._local)

    async def shutdown(self) -> None:
        """Disconnect."""
        if self._session:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        *_: Any,
        **__: Any,
    ) -> tuple[int, bytes]:
        """Return status and payload; the status in the payload counts where it says failure."""
        assert self._session, "the client has not been started"
        sent = request_data or RequestData()
        form = aiohttp.FormData(sent.json_parameters)
        for name, (file, content, kind) in sent.multipart_data.items():
            form.add_field(name, content, filename=file, content_type=kind)
        wait = read_timeout if isinstance(read_timeout, int | float) else _ANSWER
        timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT, sock_read=wait)
        request = self._session.request(
            method, url, data=form, timeout=timeout, allow_redirects=False
        )
        async with request as answer:
            code, payload = answer.status, await answer.read()
        if code == HTTPStatus.OK and payload.startswith(b"{") and b"false" in payload[:40]:
            # A downloaded file may begin so and be anything.
            with suppress(TelegramError):
                found = self.parse_json_payload(payload)
                if found.get("ok") is False:
                    code = max(int(found.get("error_code") or 0), HTTPStatus.BAD_REQUEST)
        if code == HTTPStatus.NOT_FOUND:
            raise EndPointNotFound("the server has no such method")  # PTB would blame the token
        if code == HTTPStatus.TOO_MANY_REQUESTS and b"retry_after" not in payload:
            raise RetryAfter(1)
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return an answer with everything in it that PTB needs; TelegramError if it is no JSON."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except ValueError as error:
            raise TelegramError("the answer of the server is not JSON") from error
        complete(answer)
        return answer if isinstance(answer, dict) else {}


def complete(found: Any) -> None:
    """Fill in what PTB requires of messages, people and presses and a server may leave out."""
    if isinstance(found, list):
        for entry in found:
            complete(entry)
    if not isinstance(found, dict):
        return
    complete([*found.values()])
    if isinstance(chat := found.get("chat"), dict) and isinstance(chat.get("id"), int):
        chat.setdefault("type", "private" if chat["id"] > 0 else "supergroup")
        found.setdefault("message_id", 0)
        date = found.setdefault("date", 0)
        if isinstance(date, int) and date > _MILLISECONDS:
            found["date"] = date // 1000
    if "first_name" in found and "type" not in found:
        found.setdefault("is_bot", False)
    if "from" in found and "data" in found:
        found.setdefault("chat_instance", "")


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Return whom to trust, which takes half a second to read, for every connection."""
    return httpx.create_ssl_context()


def create(settings: TelegramSettings) -> TelegramBot:
    """Return a client that has not connected yet."""
    local = urlsplit(settings.api_base_url).hostname in ("127.0.0.1", "::1", "localhost")
    return TelegramBot(
        token=settings.token,
        base_url=f"{settings.api_base_url}/bot",
        base_file_url=f"{settings.api_base_url}/file/bot",
        request=TolerantRequest(64, local),
        get_updates_request=TolerantRequest(2, local),
        defaults=Defaults(allow_sending_without_reply=True),
        rate_limiter=ChatLimiter(),
    )


def check() -> None:
    """Look at the settings and try the token, before minutes of loading.

    A server that cannot be reached is no error: the channel will go on trying.

    Raises:
        SettingsError: if Telegram refuses the token, or a setting cannot be used.
    """
    settings = TelegramSettings.from_environment()
    if settings.mode is Mode.POLLING and int(os.environ.get("SANIC_WORKERS") or 1) > 1:
        raise SettingsError(SINGLE_WORKER)
    redaction.install(settings.token)
    # asyncio.run would leave the thread without the loop that Sanic and Rasa ask for later.
    loop = asyncio.new_event_loop()
    try:
        name = loop.run_until_complete(asyncio.wait_for(_username(settings), _PATIENCE))
        print(f"fathom: the bot is @{name}", file=sys.stderr)
    except (InvalidToken, EndPointNotFound):
        also = "" if settings.api_base_url == OFFICIAL_API else " and TELEGRAM_API_BASE_URL"
        # PTB's own text holds the token.
        raise SettingsError(f"Telegram refuses the token; check TELEGRAM_BOT_TOKEN{also}") from None
    except (*FAILURES, asyncio.TimeoutError):
        print("fathom: Telegram cannot be reached yet; trying again", file=sys.stderr)
    finally:
        loop.close()


async def _username(settings: TelegramSettings) -> str:
    async with create(settings) as bot:
        return bot.username
