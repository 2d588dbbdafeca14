"""Which requests the server lets in: well-formed ones, and none that another website sends.

Sanic 21.12 takes a body's length as it is claimed, and a negative one keeps it busy for ever; so
requests are looked at as soon as their head is read. A web page that its visitor's browser lets
talk to this machine is told apart by the headers that browsers add and no page can change.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sanic import Sanic, response
from sanic.exceptions import (
    Forbidden,
    InvalidUsage,
    PayloadTooLarge,
    SanicException,
    Unauthorized,
)
from sanic.http import Http
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.server import HttpProtocol

from bot import logs

_METHOD = re.compile(r"[A-Za-z]{1,20}")
_ADDRESS = re.compile(r"/[!-~]*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
# No control characters, and no bytes that are not UTF-8, which Sanic hands over as surrogates.
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")
_LENGTH = re.compile(r"[0-9]{1,15}")
_HOST = re.compile(r"(?:\[[0-9a-f:.]{2,45}\]|[0-9a-z_.-]{1,253})(?::[0-9]{1,5})?")
_NO_PATH = "the address must be a path"
# A message fits into a few; more of them cost more than the message.
_MOST_CHUNKS = 1_000


class WellFormed(Request):
    """A request whose faults can be told: Sanic's own ends the connection without a word."""

    __slots__ = ("fault",)

    def __init__(self, url_bytes: bytes, *args: Any, **kwargs: Any) -> None:
        """Take an address that is no path for the root, and remember that."""
        self.fault = not _ADDRESS.fullmatch(url_bytes.decode("latin-1"))
        super().__init__(b"/" if self.fault else url_bytes, *args, **kwargs)

    async def receive_body(self) -> None:
        """Read the body, and nothing behind what is wrong with it.

        Raises:
            PayloadTooLarge: if it comes in very many pieces or is too large.
            InvalidUsage: if its pieces are not marked off as they must be.
        """
        chunks = 0
        try:
            async for chunk in self.stream:
                self.body += chunk
                chunks += 1
                if chunks > _MOST_CHUNKS:
                    raise PayloadTooLarge("the body comes in too many pieces")
        except (SanicException, asyncio.CancelledError):  # cancelled when it takes too long
            self.stream.request_body, self.stream.keep_alive = None, False
            raise


class Connection(HttpProtocol):
    """A connection on which every head is answered, whatever its bytes are."""

    def _setup_connection(self) -> None:
        super()._setup_connection()
        self._http = _Exchange(self)


class _Exchange(Http):
    url: str | None

    async def error_response(self, exception: Exception) -> None:
        """Answer what is wrong; Sanic's own way stumbles over an address that is no UTF-8."""
        if not (self.url or "").isascii():
            self.url, exception = None, InvalidUsage(_NO_PATH)
        await super().error_response(exception)


def create(name: str, host: str, names: Collection[str] = ()) -> Sanic:
    """Return a server that looks at every request before it is routed and tells errors as JSON.

    Args:
        name: of the server.
        host: the address that it binds; on loopback only local names may be asked for.
        names: hosts, with a port where it is not the usual one, that a proxy makes it known by.
    """
    app = Sanic(name, configure_logging=False, request_class=WellFormed)
    app.config.FALLBACK_ERROR_FORMAT = "json"
    local = is_loopback(host)

    @app.signal("http.lifecycle.request")
    async def look(request: WellFormed) -> None:
        check_head(request)
        check_origin(request, names, local)

    @app.on_request
    async def name_it(request: Request) -> None:
        request.ctx.id = logs.begin(request.headers.getone("x-request-id", ""))

    @app.on_response
    async def tell_name(request: Request, answer: HTTPResponse) -> None:
        answer.headers["x-request-id"] = getattr(request.ctx, "id", "-")

    @app.exception(SanicException)
    async def refused(request: Request, error: SanicException) -> HTTPResponse:
        return response.json(
            {"error": str(error) or "the request cannot be answered"},
            status=error.status_code,
            headers=getattr(error, "headers", None),
        )

    @app.route("/health", methods=["GET"])
    async def health(request: Request) -> HTTPResponse:
        ready = getattr(request.app.ctx, "ready", False)
        status = "ok" if ready else "starting"
        return response.json({"status": status}, status=200 if ready else 503)

    return app


def run(app: Sanic, **where: Any) -> None:
    """Serve until interrupted, at ``host`` and ``port`` or on a ``sock``."""
    app.run(protocol=Connection, access_log=False, motd=False, **where)


def check_head(request: WellFormed) -> None:
    """Refuse a request that can be read in two ways, or whose body has no clear end.

    Raises:
        InvalidUsage: if its method, its address, a header or its host is malformed, or it claims
            two lengths, a length that is no number, or a transfer that is not plainly chunked.
    """
    hosts = request.headers.getall("host", [])
    lengths = request.headers.getall("content-length", [])
    transfers = request.headers.getall("transfer-encoding", [])
    if request.fault:
        raise InvalidUsage(_NO_PATH)
    if not _METHOD.fullmatch(request.method):
        raise InvalidUsage("the method is malformed")
    if not all(map(_NAME.fullmatch, request.headers)):
        raise InvalidUsage("a header has a malformed name")
    if not all(map(_VALUE.fullmatch, request.headers.values())):
        raise InvalidUsage("a header has a malformed value")
    if len(hosts) != 1 and (hosts or request.version != "1.0"):
        raise InvalidUsage("there must be one Host")
    if not all(_HOST.fullmatch(host.strip().lower()) for host in hosts):
        raise InvalidUsage("Host is malformed")
    if len(lengths) + len(transfers) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise InvalidUsage("Content-Length must be one number, and stand alone")
    if any(transfer != "chunked" for transfer in transfers):
        raise InvalidUsage("Transfer-Encoding can only be chunked")


def check_origin(request: Request, names: Collection[str], local: bool) -> None:
    """Refuse what a browser sends on behalf of another website.

    Args:
        request: the request.
        names: hosts that are this server.
        local: whether no other than these and the local ones may be asked for.

    Raises:
        Forbidden: if it comes from another origin, or asks for a host that is not this one.
    """
    host = request.headers.getone("host", "").strip().lower()
    if local and host and host not in names and not is_loopback(urlsplit(f"//{host}").hostname):
        raise Forbidden("this server goes by another name; PUBLIC_URL can tell it")
    origins = {_origin(origin) for origin in request.headers.getall("origin", [])}
    sites = [site.strip().lower() for site in request.headers.getall("sec-fetch-site", [])]
    if origins - {host, *names} or ("cross-site" in sites and not _is_link(request)):
        raise Forbidden("requests from other websites are not answered")


def check_token(request: Request, token: str | None) -> None:
    """Refuse who does not know the token, where there is one.

    Raises:
        Unauthorized: if ``Authorization: Bearer ...`` does not hold it.
    """
    given = request.headers.getone("authorization", "")
    if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Unauthorized("this server needs a token", scheme="Bearer")


def _is_link(request: Request) -> bool:
    """Whether somebody follows a link to the page: the website that holds it learns nothing."""
    kinds = [request.headers.getone(f"sec-fetch-{name}", "") for name in ("mode", "dest")]
    return (request.method, request.path, kinds) == ("GET", "/", ["navigate", "document"])


def _origin(value: str) -> str:
    """Return host and port of an origin, as a Host header would name them."""
    try:
        return urlsplit(value.strip().lower()).netloc or value
    except ValueError:
        return value


def is_loopback(name: str | None) -> bool:
    """Whether a name or an address means this machine alone."""
    try:
        return ip_address(name or "").is_loopback
    except ValueError:
        return name == "localhost"
