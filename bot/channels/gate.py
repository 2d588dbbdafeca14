"""Which requests the server lets in: well-formed ones, and none that another website sends.

Sanic 21.12 takes a body's length as it is claimed, and a negative one keeps it busy for ever; so
requests are looked at as soon as their head is read. A web page that its visitor's browser lets
talk to this machine is told apart by the headers that browsers add and no page can change.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from sanic import Sanic, response
from sanic.exceptions import Forbidden, InvalidUsage, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

_LENGTH = re.compile(r"[0-9]{1,15}")


def install(app: Sanic, host: str, names: Collection[str] = ()) -> None:
    """Have every request looked at before it is routed, and every error told as JSON.

    Args:
        app: the server.
        host: the address that it binds; on loopback only local names may be asked for.
        names: hosts, with a port where it is not the usual one, that a proxy makes it known by.
    """
    local = is_loopback(host)

    @app.signal("http.lifecycle.request")
    async def look(request: Request) -> None:
        check_length(request)
        check_origin(request, names, local)

    @app.exception(SanicException)
    async def refused(request: Request, error: SanicException) -> HTTPResponse:
        return response.json(
            {"error": str(error) or "the request cannot be answered"},
            status=error.status_code,
            headers=getattr(error, "headers", None),
        )

    @app.route("/", methods=["GET"])
    async def greet(request: Request) -> HTTPResponse:
        return response.json({"status": "ok"})


def check_length(request: Request) -> None:
    """Refuse a request whose body has no clear end.

    Raises:
        InvalidUsage: if it claims two lengths, a length that is no number, or a transfer that
            is not plainly chunked.
    """
    lengths = request.headers.getall("content-length", [])
    transfers = request.headers.getall("transfer-encoding", [])
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
        InvalidUsage: if it names several hosts.
        Forbidden: if it comes from another origin, or asks for a host that is not this one.
    """
    hosts = request.headers.getall("host", [])
    if len(hosts) > 1:
        raise InvalidUsage("Host must stand alone")
    host = hosts[0].strip().lower() if hosts else ""
    if local and host and host not in names and not is_loopback(_name(host)):
        raise Forbidden("this server goes by another name; PUBLIC_URL can tell it")
    origins = {_origin(origin) for origin in request.headers.getall("origin", [])}
    if origins - {host, *names} or "cross-site" in request.headers.getall("sec-fetch-site", []):
        raise Forbidden("requests from other websites are not answered")


def _origin(value: str) -> str:
    """Return host and port of an origin, as a Host header would name them."""
    try:
        return urlsplit(value.strip().lower()).netloc or value
    except ValueError:
        return value


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(name: str) -> bool:
    """Whether a name or an address means this machine alone."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
