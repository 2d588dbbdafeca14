"""The addresses of the page: its files, and the figures of the playground and the desk."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.page import desk, flower
from models.review import ReviewModelError

logger = logging.getLogger(__name__)

_FOLDER = Path(__file__).resolve().parent
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Nothing but this server's own files: no code or style inside the page, no other host.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
        *(f"{what} 'none'" for what in ("base-uri", "form-action", "frame-ancestors")),
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}
# So many may wait for the models at a time; a page asks again by itself.
_MOST_WAITING = 8


class _FullError(Exception):
    """Too many are waiting already."""


class _Turnstile:
    """Let one in at a time, so that the page takes no more of the machine than one thread."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def run(self, work: Callable[..., Any], *given: Any) -> Any:
        """Do some work beside the event loop.

        Raises:
            _FullError: if too many are waiting for theirs.
        """
        if self._waiting >= _MOST_WAITING:
            raise _FullError
        self._waiting += 1
        try:
            async with self._lock:
                return await asyncio.to_thread(work, *given)
        finally:
            self._waiting -= 1


def blueprint() -> Blueprint:
    """Return the routes ``/`` and ``/page/...``."""
    blueprint = Blueprint("fathom_page")

    @functools.lru_cache(maxsize=1)
    def turnstile() -> _Turnstile:  # made in the loop that it belongs to
        return _Turnstile()

    async def figures(work: Callable[..., Any], *given: Any) -> HTTPResponse:
        try:
            return response.json(await turnstile().run(work, *given))
        except _FullError:
            return _refused("too many are asking; try again in a second", 429)
        except ReviewModelError:
            logger.exception("A review model cannot be used")
            return _refused("the review models cannot be used at present", 503)

    @blueprint.route("/", methods=["GET", "HEAD"])
    async def page(request: Request) -> HTTPResponse:
        return _file(request, "index.html")

    @blueprint.route("/page/<name:str>", methods=["GET", "HEAD"])
    async def file(request: Request, name: str) -> HTTPResponse:
        return _file(request, name)

    @blueprint.route("/page/flowers", methods=["GET"])
    async def all_flowers(request: Request) -> HTTPResponse:
        return await figures(flower.everything)

    @blueprint.route("/page/flower", methods=["GET"])
    async def one_flower(request: Request) -> HTTPResponse:
        try:
            given, recipe = flower.asked({name: request.args.get(name) for name in request.args})
        except (ValueError, OverflowError) as error:
            return _refused(str(error))
        return await figures(flower.answer, given, recipe)

    @blueprint.route("/page/review", methods=["POST"])
    async def review(request: Request) -> HTTPResponse:
        try:
            text = json.loads(request.body)["text"]
        except (ValueError, RecursionError, KeyError, TypeError):
            text = None
        if not isinstance(text, str):
            return _refused('the body must be {"text": ...}')
        return await figures(desk.judged, text)

    return blueprint


def _refused(problem: str, status: int = 400) -> HTTPResponse:
    headers = {"retry-after": "1"} if status == 429 else None
    return response.json({"error": problem}, status=status, headers=headers)


@functools.lru_cache(maxsize=1)
def _files() -> dict[str, tuple[bytes, str, str]]:
    """Return content, type and mark of each file of the page, by name."""
    found = {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            mark = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
            found[path.name] = content, _TYPES[path.suffix], mark
    return found


def _file(request: Request, name: str) -> HTTPResponse:
    if name not in _files():
        return _refused("there is no such file", 404)
    content, kind, mark = _files()[name]
    headers = {**_HEADERS, "etag": mark}
    if request.headers.get("if-none-match") == mark:
        return HTTPResponse(status=304, headers=headers)
    return HTTPResponse(content, headers=headers, content_type=kind)
