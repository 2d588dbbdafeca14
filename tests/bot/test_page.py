"""The page's addresses on a real server without an assistant: files, figures, and who may ask."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sanic import Sanic

from bot.channels import gate, page
from bot.channels.page import desk, routes
from bot.channels.rest import LINES, RestChannel
from bot.serving import address
from bot.settings import ROOT, Settings
from bot.store import StoreError
from bot.turns import BusyError, LockAwayError
from models.review import ReviewModelError

FOLDER = ROOT / "bot" / "channels" / "page"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".html", ".css", ".js"))


class Server:
    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._pool = ThreadPoolExecutor(20)  # not the one that the server works in

    async def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, bytes, Any]:
        """Return status, body and headers; an underscore in a header's name is a hyphen."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._asked, path, data, names)

    def _asked(self, path: str, data: bytes | None, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(self.origin + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers


@contextlib.asynccontextmanager
async def running(name: str, answer: Any) -> AsyncIterator[Server]:
    app = gate.create(name, "127.0.0.1")
    app.ctx.agent, app.ctx.ready = None, True
    app.blueprint(RestChannel().blueprint(answer), url_prefix="/webhooks/rest")
    app.blueprint(page.blueprint())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serving: Any = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
    await serving.startup()
    try:
        yield Server(port)
    finally:
        await serving.before_stop()
        await serving.close()


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    async def twice(message: Any) -> None:
        await message.output_channel.send_text_message("a", f"**{message.text}**")
        await message.output_channel.send_image_url("a", "x.png")

    monkeypatch.setattr(Sanic, "test_mode", True)
    async with running("page", twice) as found:
        yield found


async def test_the_page_lies_at_the_root_and_lets_nothing_else_in(server: Server) -> None:
    status, body, headers = await server.ask("/")
    assert status == 200 and b"<title>Fathom</title>" in body
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
async def test_every_file_of_the_page_is_served_once(server: Server, path: Path) -> None:
    status, body, headers = await server.ask(f"/page/{path.name}")
    assert (status, body) == (200, path.read_bytes())
    again, body, _ = await server.ask(f"/page/{path.name}", if_none_match=headers["etag"])
    assert (again, body) == (304, b"")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_another_host_or_needs_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert "//" not in re.sub(r"// .*$", "", text, flags=re.MULTILINE)
    assert not re.search(r"""\sstyle=|\son\w+=["']|<style|<script(?! type="module" src)""", text)
    assert not re.search(r"\beval\(|insertAdjacentHTML|document\.write|outerHTML", text)
    assert text.count("innerHTML") == (path.name == "chat.js")


@pytest.mark.parametrize("name", ["routes.py", "..%2froutes.py", "none", "%2e%2e/rest.py"])
async def test_nothing_else_is_served(server: Server, name: str) -> None:
    assert (await server.ask(f"/page/{name}"))[0] == 404


async def test_health_has_an_address_of_its_own(server: Server) -> None:
    assert (await server.ask("/health"))[1] == b'{"status":"ok"}'


async def test_a_link_on_another_website_leads_to_the_page_and_to_nothing_else(
    server: Server,
) -> None:
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert (await server.ask("/", sec_fetch_dest="document", **link))[0] == 200
    assert (await server.ask("/", sec_fetch_dest="iframe", **link))[0] == 403
    assert (await server.ask("/page/flowers", sec_fetch_dest="document", **link))[0] == 403
    assert (await server.ask("/", sec_fetch_site="cross-site", sec_fetch_mode="no-cors"))[0] == 403
    assert (await server.ask("/", {}, sec_fetch_dest="document", **link))[0] == 403


async def test_who_takes_lines_gets_each_message_on_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(message: Any) -> None:
        said = {"text": f"**one** {message.text}", "image": "x.png", "metadata": {"alt": "an x"}}
        await message.output_channel.send_response("a", said)

    monkeypatch.setattr(Sanic, "test_mode", True)
    async with running("lines", talk) as server:
        body = {"sender": "a", "message": "<b>"}
        _, answer, headers = await server.ask("/webhooks/rest/webhook", body, accept=LINES)
    text, image = map(json.loads, answer.decode().splitlines())
    assert headers["content-type"].startswith(LINES)
    assert text == {
        "text": "**one** <b>",
        "html": "<p><strong>one</strong> &lt;b&gt;</p>\n",
    }
    assert image["image"].endswith("/webhooks/rest/pictures/x.png")
    assert image["alt"] == "an x"


@pytest.mark.parametrize("accept", [LINES, "*/*"])
@pytest.mark.parametrize(
    ("error", "status"),
    [(BusyError(5), 429), (StoreError("a: secret"), 503), (LockAwayError("a: secret"), 503)],
)
async def test_a_message_that_is_not_stored_is_told_so_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, accept: str, error: Exception, status: int
) -> None:
    async def lost(message: Any) -> None:
        await message.output_channel.send_text_message("a", "I have noted it")
        raise error

    monkeypatch.setattr(Sanic, "test_mode", True)
    async with running(f"lost_{status}", lost) as server:
        body = {"sender": "a", "message": "hi"}
        told, answer, headers = await server.ask("/webhooks/rest/webhook", body, accept=accept)
    assert told == status and int(headers["retry-after"])
    assert list(json.loads(answer)) == ["error"]
    assert b"noted" not in answer and b"secret" not in answer


async def test_everybody_else_gets_a_list_without_html(server: Server) -> None:
    body = {"sender": "a", "message": "hi"}
    _, answer, _ = await server.ask("/webhooks/rest/webhook", body, accept="*/*")
    assert json.loads(answer)[0] == {"text": "**hi**"}


async def test_figures_are_answered(server: Server) -> None:
    assert len(json.loads((await server.ask("/page/flowers"))[1])["flowers"]) == 150
    _, body, _ = await server.ask("/page/flower?flower=5.1,3.5,1.4,0.2&k=5&scaled=1&train=60")
    answer = json.loads(body)
    assert (answer["species"], answer["votes"], answer["most_k"]) == ("setosa", [5, 0, 0], 90)
    _, body, _ = await server.ask("/page/review", {"text": "A joy."})
    assert [model["name"] for model in json.loads(body)["models"]] == ["default", "article"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "flower=1,2,3",
        "flower=1,2,3,4,5",
        "flower=a,b,c,d",
        "flower=nan,1,1,1",
        "flower=inf,1,1,1",
        "flower=-1,1,1,1",
        "flower=1,1,1,31",
        "flower=1,1,1,1&k=0",
        "flower=1,1,1,1&k=x",
        "flower=1,1,1,1&k=nan",
        "flower=1,1,1,1&k=1.5",
        "flower=1,1,1,1&train=0",
        "flower=1,1,1,1&train=nan",
        "flower=1,1,1,1&train=1e999",
        "flower=" + "9" * 6_000,
    ],
)
async def test_what_is_no_flower_is_refused(server: Server, query: str) -> None:
    status, body, _ = await server.ask(f"/page/flower?{query}")
    assert status == 400 and json.loads(body)["error"]


@pytest.mark.parametrize("body", [[], {}, {"text": 1}, "x", 0])
async def test_what_is_no_review_is_refused(server: Server, body: Any) -> None:
    assert (await server.ask("/page/review", body))[0] == 400


async def test_too_many_at_a_time_are_sent_away(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    monkeypatch.setattr(desk, "judged", lambda text: done.wait(20))
    asking = [
        asyncio.create_task(server.ask("/page/review", {"text": ""}))
        for _ in range(routes._MOST_WAITING + 3)
    ]
    while sum(task.done() for task in asking) < 3:
        await asyncio.sleep(0.02)
    done.set()
    answers = [(await task)[0] for task in asking]
    assert sorted(answers) == [200] * routes._MOST_WAITING + [429] * 3


async def test_a_damaged_review_model_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(text: str) -> None:
        raise ReviewModelError("a path of this machine")

    monkeypatch.setattr(desk, "judged", damaged)
    status, body, _ = await server.ask("/page/review", {"text": "a"})
    assert status == 503 and b"path" not in body


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "http://127.0.0.1:5005/"),
        ({"HOST": "0.0.0.0", "PORT": "80"}, "http://localhost:80/"),
        ({"HOST": "::1"}, "http://[::1]:5005/"),
        ({"PUBLIC_URL": "https://bot.example.org/"}, "https://bot.example.org/"),
    ],
)
def test_the_address_that_is_told_can_be_opened(values: dict[str, str], expected: str) -> None:
    assert address(Settings.from_environment(values)) == expected
