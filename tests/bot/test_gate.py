"""Requests as bytes on a real connection: what is no message is refused, the server goes on."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sanic import Sanic

from bot.channels import gate
from bot.channels.rest import MAX_BODY, RestChannel

BODY = b'{"sender": "a", "message": "hi"}'


class Server:
    """The REST channel without an assistant: it says what it hears."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def send(self, request: bytes) -> tuple[int, Any, bytes]:
        """Return the status, the body and the whole of an answer."""
        whole = await asyncio.to_thread(self._exchanged, request)
        return int(whole.split(b" ", 2)[1]), json.loads(whole.split(b"\r\n\r\n", 1)[1]), whole

    async def ended(self, request: bytes) -> bytes:
        """Return all that comes until the server ends the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(request)
        try:
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()

    def _exchanged(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._port), timeout=10) as connection:
            connection.sendall(request)
            whole = b""
            while b"\r\n\r\n" not in whole or len(whole) < _end(whole):
                part = connection.recv(65_536)
                if not part:
                    break
                whole += part
        return whole


@contextlib.asynccontextmanager
async def running(name: str, host: str) -> AsyncIterator[Server]:
    app = gate.create(name, host, frozenset({"bot.example.org"}))
    app.config.REQUEST_MAX_SIZE = 2 * MAX_BODY
    app.config.REQUEST_TIMEOUT = app.config.RESPONSE_TIMEOUT = 1

    async def echo(message: Any) -> None:
        await message.output_channel.send_text_message(message.sender_id, message.text)

    app.ctx.agent, app.ctx.ready = None, True
    app.blueprint(RestChannel().blueprint(echo), url_prefix="/webhooks/rest")

    @app.route("/broken")
    async def broken(_: Any) -> Any:
        raise RuntimeError("a secret")

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serving: Any = await app.create_server(
        "127.0.0.1", port, protocol=gate.Connection, return_asyncio_server=True
    )
    await serving.startup()
    try:
        yield Server(port)
    finally:
        await serving.before_stop()
        await serving.close()


def _end(whole: bytes) -> int:
    head, _, _ = whole.partition(b"\r\n\r\n")
    length = next(
        line.split(b":")[1] for line in head.split(b"\r\n") if line.startswith(b"content-length")
    )
    return len(head) + 4 + int(length)


def post(*headers: bytes, body: bytes = BODY, host: bytes = b"localhost") -> bytes:
    lines = [b"POST /webhooks/rest/webhook HTTP/1.1", b"Host: " + host, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def sized(*headers: bytes, body: bytes = BODY, host: bytes = b"localhost") -> bytes:
    return post(b"Content-Length: %d" % len(body), *headers, body=body, host=host)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(Sanic, "test_mode", True)
    async with running("gate_on_loopback", "127.0.0.1") as found:
        yield found


@pytest.fixture
async def public(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(Sanic, "test_mode", True)
    async with running("gate_for_all", "0.0.0.0") as found:
        yield found


LENGTH = b"Content-Length: %d" % len(BODY)


@pytest.mark.parametrize(
    "request_",
    [
        post(b"Content-Length: -5"),
        post(b"Content-Length: abc"),
        post(b"Content-Length: "),
        post(b"Content-Length: +32"),
        post(b"Content-Length: 3_2"),
        post(b"Content-Length: 32.0"),
        post(b"Content-Length: 0x20"),
        post("Content-Length: ٣٢".encode()),
        post(b"Content-Length: " + b"9" * 4_000),
        post(b"Content-Length: 32, 32"),
        post(LENGTH, LENGTH),
        post(LENGTH, b"Content-Length: 5"),
        post(LENGTH, b"Transfer-Encoding: chunked"),
        post(b"Transfer-Encoding: chunked", LENGTH),
        post(b"Transfer-Encoding: gzip"),
        post(b"Transfer-Encoding: gzip, chunked"),
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        post(b"Transfer-Encoding: chunked", body=b"-5\r\nhello\r\n0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n0\r\n\r\n"),
        post(b"Content-Length: 999999999"),
        post(b"Transfer-Encoding: chunked", body=b"5\r\n" + BODY + b"\r\n0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", body=b"\r\n" + BODY + b"\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", body=b"1\r\na\r\n" * 20_000 + b"0\r\n\r\n"),
        post(LENGTH, b"Transfer-Encoding : chunked"),
        sized(b": nameless"),
        sized(b"Expect: something"),
        sized(b"Host: other"),
        sized(b"no colon here"),
        sized(body=b'{"sender": "a", "message": %s}' % (b"9" * 5_000)),
        sized(body=b'{"sender": "a", "message": "hi", "number": -%s}' % (b"9" * 5_000)),
        sized(body=b"[" * 60_000),
        sized(body=b'{"a":' * 12_000),
        sized(body=b'{"sender": "a", "message": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
        b"POST /webhooks/rest/webhook HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /health HTTP/1.1\nHost: localhost\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        sized(b"X: folded\r\n line"),
        sized(b"Content-Encoding: gzip", body=gzip.compress(BODY)),
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET none HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /ÿ HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /health?\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/\xff\r\nHost: localhost\r\n\r\n",
        b"G\xff /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        sized(b"X: \xff"),
        sized(b"X: \xed\xa0\x80"),
        sized(b"X\xff: x"),
        sized(b"Authorization: Bearer \xff"),
        sized(b"X: a\0b"),
        sized(b"X: a\rb"),
        sized(b"X: a\nTransfer-Encoding: chunked"),
        sized(host=b"\xff"),
        b"GET http://[::1/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        sized(host=b""),
        sized(host=b"me@localhost"),
        sized(host=b"localhost:123456"),
        sized(host=b"[::1"),
        b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PUT /webhooks/rest/webhook HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_an_envelope_without_a_message_is_refused_and_the_next_is_answered(
    server: Server, request_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    begin = time.process_time()
    status, answer, whole = await server.send(request_)
    assert time.process_time() - begin < 0.5
    assert "sender" not in caplog.text
    assert 400 <= status < 500
    assert answer["error"]
    assert b"rasa" not in whole.lower() and b"sanic" not in whole.lower()
    assert (await server.send(sized()))[1] == [{"text": "hi"}]


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ([b"Origin: http://evil.example"], b"localhost"),
        ([b"Origin: null"], b"localhost"),
        ([b"Origin: http://localhost:8080"], b"localhost"),
        ([b"Origin: http://[bad"], b"localhost"),
        ([b"Origin: http://localhost", b"Origin: http://evil.example"], b"localhost"),
        ([b"Sec-Fetch-Site: cross-site"], b"localhost"),
        ([b"Sec-Fetch-Site: CROSS-SITE"], b"localhost"),
        ([], b"evil.example"),
        ([b"Origin: http://evil.example"], b"evil.example"),
        ([], b"127.0.0.1.evil.example"),
    ],
)
async def test_other_websites_are_not_answered(
    server: Server, headers: list[bytes], host: bytes
) -> None:
    status, answer, _ = await server.send(sized(*headers, host=host))
    assert status == 403
    assert answer["error"]


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ([], b"127.0.0.1:5005"),
        ([], b"[::1]:5005"),
        ([b"Origin: http://localhost:5005", b"Sec-Fetch-Site: same-origin"], b"localhost:5005"),
        ([b"Origin: https://bot.example.org"], b"bot.example.org"),
        ([b"Origin: https://bot.example.org"], b"127.0.0.1:5005"),
        ([b"Sec-Fetch-Site: none"], b"LOCALHOST"),
    ],
)
async def test_the_server_itself_is_no_other_website(
    server: Server, headers: list[bytes], host: bytes
) -> None:
    assert (await server.send(sized(*headers, host=host)))[0] == 200


async def test_a_server_for_all_goes_by_any_name_but_answers_no_other_website(
    public: Server,
) -> None:
    assert (await public.send(sized(host=b"fathom.lan:5005")))[0] == 200
    assert (await public.send(sized(b"Origin: http://evil.example", host=b"fathom.lan")))[0] == 403


async def test_what_breaks_inside_stays_inside(server: Server) -> None:
    status, _, whole = await server.send(b"GET /broken HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert status == 500
    assert b"secret" not in whole


async def test_health_says_that_the_server_runs_and_no_version(server: Server) -> None:
    status, answer, _ = await server.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (status, answer) == (200, {"status": "ok"})


async def test_an_old_client_is_answered(server: Server) -> None:
    assert (await server.send(b"GET /health HTTP/1.0\r\n\r\n"))[0] == 200


async def test_a_body_in_chunks_is_read(server: Server) -> None:
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    assert (await server.send(post(b"Transfer-Encoding: chunked", body=body)))[0] == 200


@pytest.mark.parametrize(
    "half",
    [
        b"GET /hea",
        b"GET /health HTTP/1.1\r\nHost: local",
        sized()[:-5],
        post(b"Transfer-Encoding: chunked", body=b"2"),
        post(b"Transfer-Encoding: chunked", body=b"20\r\n" + BODY[:5]),
        post(b"Transfer-Encoding: chunked", body=b"20\r\n" + BODY + b"\r\n0\r\n"),
    ],
)
async def test_half_a_request_gets_an_answer_and_ends(server: Server, half: bytes) -> None:
    whole = await server.ended(half)
    assert whole.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 503 "))
    assert (await server.send(sized()))[1] == [{"text": "hi"}]
