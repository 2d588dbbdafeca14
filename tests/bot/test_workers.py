"""Several servers on one port: through kills and restarts nothing is lost, and it ends well.

The first tests use small stand-ins for a server; the last ones real servers and stores.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import psycopg2
import pytest

from bot import workers
from bot.settings import ROOT, Settings, SettingsError
from bot.workers import Worker, Workers
from tests.stores import Postgres, RedisServer, free_port

SHARED = {"TRACKER_STORE_URL": "postgresql://me:pw@db/x", "LOCK_STORE_URL": "redis://lock:6379"}
STAND_IN = """
import os, signal, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from bot import ports, workers

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ready = workers.report_to(int(sys.argv[2]))
if {fails}:
    sys.exit(3)

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *_): pass

taken = ports.listen("127.0.0.1", int(sys.argv[1]), shared=True)
server = HTTPServer(("", 0), Handler, bind_and_activate=False)
server.socket = taken
ready()
server.serve_forever()
"""


class StandIn(Worker):
    command: list[str]

    def __init__(self, port: int, fails: bool, environment: Mapping[str, str]) -> None:
        script = STAND_IN.format(fails=fails)
        self.command = [sys.executable, "-c", script, str(port)]
        super().__init__(environment)


class Parent(threading.Thread):
    """The parent in a thread of the test; it stops as on SIGTERM."""

    def __init__(
        self, port: int, number: int, monkeypatch: pytest.MonkeyPatch, fails: bool = False
    ):
        super().__init__(daemon=True)
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        monkeypatch.setattr(workers, "_PAUSE", 0.2)
        settings = Settings.from_environment({"PORT": str(port), "FATHOM_HOME": "/nowhere"})
        self.parent = Workers(settings, number, partial(StandIn, port, fails))
        self.status: int | None = None

    def run(self) -> None:
        self.status = self.parent.run()

    def pids(self) -> set[int]:
        return {worker.process.pid for worker in self.parent._running if worker.ready}

    def until(self, number: int, beside: frozenset[int] = frozenset()) -> set[int]:
        end = time.monotonic() + 20
        while len(self.pids() - beside) < number:
            assert time.monotonic() < end
            time.sleep(0.05)
        return self.pids()


def test_workers_share_a_port_and_a_killed_one_is_started_again(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    parent = Parent(port, 2, monkeypatch)
    parent.start()
    first = parent.until(2)
    heard = {int(httpx.get(f"http://127.0.0.1:{port}/").text) for _ in range(60)}
    assert heard == first
    os.kill(min(first), signal.SIGKILL)
    second = parent.until(2, beside=frozenset({min(first)}))
    assert max(first) in second
    parent.parent.stop()
    parent.join(10)
    assert parent.status == 0
    for pid in second:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert "ended with status 137; another one starts" in capfd.readouterr().err


def test_while_no_worker_is_ready_the_parent_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    parent = Parent(port, 1, monkeypatch)
    monkeypatch.setattr(workers, "_PAUSE", 3)
    parent.start()
    (pid,) = parent.until(1)
    os.kill(pid, signal.SIGKILL)
    seen = set()
    while (answer := _get(port, "/readyz")) != 200:
        seen.add(answer)
        if answer == 503:
            assert _get(port, "/livez") in (200, None)
        time.sleep(0.02)
    assert 503 in seen
    parent.parent.stop()
    parent.join(10)


def test_what_is_wrong_at_the_start_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = Parent(free_port(), 2, monkeypatch, fails=True)
    parent.start()
    parent.join(20)
    assert parent.status == 3


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ("TRACKER_STORE_URL", "LOCK_STORE_URL")),
        ({"TRACKER_STORE_URL": SHARED["TRACKER_STORE_URL"]}, ("LOCK_STORE_URL",)),
        ({"LOCK_STORE_URL": SHARED["LOCK_STORE_URL"]}, ("TRACKER_STORE_URL",)),
        ({**SHARED, "TRACKER_STORE_URL": "sqlite:////tmp/x.db"}, ("TRACKER_STORE_URL",)),
    ],
)
def test_workers_that_could_not_share_are_refused(
    given: dict[str, str], missing: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError) as caught:
        workers.check(Settings.from_environment(given), 2)
    names = {name for name in SHARED if name in str(caught.value)}
    assert names == set(missing) and "pw" not in str(caught.value)
    workers.check(Settings.from_environment(given), 1)


def test_workers_that_share_are_let_in_but_not_each_with_telegram(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    workers.check(Settings.from_environment(SHARED), 2)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:a")
    with pytest.raises(SettingsError, match="Telegram"):
        workers.check(Settings.from_environment(SHARED), 2)


# From here on: real servers.


class Servers:
    """``python -m bot serve --workers 2`` with stores of its own."""

    def __init__(self, postgres: Postgres, redis: RedisServer) -> None:
        self.database, self.port = postgres.url, free_port()
        environment = {
            **os.environ,
            "TRACKER_STORE_URL": postgres.url,
            "LOCK_STORE_URL": redis.url,
            "PORT": str(self.port),
        }
        command = [sys.executable, "-m", "bot", "serve", "--workers", "2"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def until_ready(self, number: int, seconds: float = 240) -> None:
        """Wait until so many workers listen; before all but the first start, the parent leaves."""
        end = time.monotonic() + seconds
        while {len(self.workers()), _listening(self.port)} != {number} or _get(
            self.port, "/readyz"
        ) != 200:
            assert time.monotonic() < end and self.process.poll() is None
            time.sleep(0.3)

    def heard(self, sender: str) -> list[str]:
        with psycopg2.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT data FROM events WHERE sender_id = %s AND type_name = 'user' ORDER BY id",
                (sender,),
            )
            return [json.loads(row[0])["text"] for row in cursor.fetchall()]


def _listening(port: int) -> int:
    """Return how many sockets listen on a port of this machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(f":{port:04X} 00000000:0000 0A" in line for line in lines)


def _get(port: int, path: str) -> int | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code
    except httpx.TransportError:
        return None


def _waiting(port: int) -> bool:
    """Return whether a worker is at a message; the figures are those of all workers."""
    figures = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    return any(float(n) > 0 for n in re.findall(r"^fathom_waiting(?:{.*})? (\S+)$", figures, re.M))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("who listens is read from /proc, which Linux has")
    postgres, redis = Postgres(tmp_path_factory.mktemp("workers")), RedisServer()
    started = Servers(postgres, redis)
    try:
        started.until_ready(2)
        yield started
    finally:
        started.process.kill()
        started.process.wait()
        redis.stop()
        postgres.stop()


async def _send(port: int, sender: str, text: str) -> list[dict[str, str]]:
    """Send a message on a connection of its own, as a double tap may come."""
    async with httpx.AsyncClient(timeout=60, verify=False) as client:
        answer = await client.post(
            f"http://127.0.0.1:{port}/webhooks/rest/webhook",
            json={"sender": sender, "message": text},
        )
    answer.raise_for_status()
    return list(answer.json())


async def test_200_double_taps_are_all_stored_and_in_order(servers: Servers) -> None:
    for number in range(0, 200, 2):
        first = asyncio.create_task(_send(servers.port, "tap", f"what is dropout? {number}"))
        await asyncio.sleep(0.02)
        await asyncio.gather(first, _send(servers.port, "tap", f"what is dropout? {number + 1}"))
    wanted = [f"what is dropout? {number}" for number in range(200)]
    heard = servers.heard("tap")
    assert sorted(heard) == sorted(wanted)
    # Two that come within 20 ms may change places, on their way to two processes; no others.
    assert all(abs(wanted.index(text) - place) <= 1 for place, text in enumerate(heard))


async def test_who_talks_while_a_worker_is_killed_goes_on(servers: Servers) -> None:
    before = servers.workers()
    asked = await _send(servers.port, "kill", "classify an iris flower")
    await _send(servers.port, "kill", "5.1")
    talking = asyncio.create_task(_send(servers.port, "other", "what is overfitting?"))
    os.kill(before[0], signal.SIGKILL)
    with suppress(httpx.TransportError, httpx.HTTPStatusError):
        await talking
    answers = [message for text in ("3.5", "1.4", "0.2") for message in await _again(servers, text)]
    assert "setosa" in json.dumps(answers).lower(), (asked, answers)
    await asyncio.to_thread(servers.until_ready, 2)
    assert len(servers.workers()) == 2 and before[0] not in servers.workers()


async def _again(servers: Servers, text: str) -> list[dict[str, str]]:
    """Send a message; where its connection ended in a kill the person sends it again."""
    try:
        return await _send(servers.port, "kill", text)
    except httpx.TransportError:
        return await _send(servers.port, "kill", text)


async def test_sigterm_finishes_stores_and_ends_well(servers: Servers) -> None:
    talking = [
        asyncio.create_task(_send(servers.port, f"last-{number}", "what is a random forest?"))
        for number in range(20)
    ]
    while not await asyncio.to_thread(_waiting, servers.port):
        await asyncio.sleep(0.01)
        assert not all(task.done() for task in talking)
    begin = time.monotonic()
    servers.process.terminate()
    done = await asyncio.gather(*talking, return_exceptions=True)
    assert await asyncio.to_thread(servers.process.wait, 30) == 0
    assert time.monotonic() - begin < 20
    answered = [n for n, answer in enumerate(done) if not isinstance(answer, BaseException)]
    assert answered
    for number in answered:
        assert servers.heard(f"last-{number}") == ["what is a random forest?"]
    assert _listening(servers.port) == 0
