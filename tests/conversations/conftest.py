"""The trained assistant behind its real REST interface, started once for all conversations."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.telegram.fake_api import TOKEN
from tests.bot.telegram.phone import Phone

ROOT = Path(__file__).resolve().parents[2]
START_UP_SECONDS = 3000  # training included, on a slow machine
STOP_SECONDS = 120
HOME = os.environ.get("FATHOM_HOME") or str(ROOT / "var")
TRAINING = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Train beside the tests that come before the conversations."""
    needed = any("server" in getattr(item, "fixturenames", ()) for item in session.items)
    if needed and not session.config.option.collectonly:
        session.config.stash[TRAINING] = subprocess.Popen(
            [sys.executable, "-m", "bot", "train"],
            cwd=ROOT,
            env={**os.environ, "FATHOM_HOME": HOME},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # a failure comes again, and is told, when the server starts
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    training = config.stash.get(TRAINING, None)
    if training and training.poll() is None:
        training.terminate()


class Server:
    """A running server: post bodies, or talk in a conversation of one's own."""

    def __init__(self, origin: str, log: Path, database: Path, process: int) -> None:
        self.origin, self.log, self.database, self.process = origin, log, database, process

    def post(self, body: bytes) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"{self.origin}/webhooks/rest/webhook",
            data=body,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def cpu_seconds(self) -> float:
        """Return the CPU time that the server has taken so far, seen from outside."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def messages(self) -> Callable[[str], list[dict[str, Any]]]:
        """Return how to say something in a new conversation and get all that is answered."""
        sender = uuid.uuid4().hex

        def send(message: str) -> list[dict[str, Any]]:
            body = json.dumps({"sender": sender, "message": message}, ensure_ascii=False)
            status, messages = self.post(body.encode())
            assert status == 200
            return list(messages)

        return send

    def conversation(self) -> Callable[[str], str]:
        send = self.messages()

        def say(message: str) -> str:
            messages = send(message)
            texts = [item["text"] for item in messages if item.get("text")]
            assert texts
            assert all(len(text) <= 4096 for text in texts)
            return "\n".join(texts)

        return say


@pytest.fixture(scope="session")
def phone() -> Iterator[Phone]:
    phone = Phone()
    phone.start()
    yield phone
    phone.stop()


@pytest.fixture(scope="session")
def server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, phone: Phone
) -> Iterator[Server]:
    pytestconfig.stash[TRAINING].wait()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    database = folder / "conversations.db"
    environment = {
        **os.environ,
        "FATHOM_HOME": HOME,
        "TRACKER_STORE_URL": f"sqlite:///{database}",
        "PORT": str(port),
    }
    environment |= {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE_URL": phone.api.url,
        "TELEGRAM_ALLOWED_CHATS": "groups",
    }
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Server(f"http://127.0.0.1:{port}", log, database, process.pid)
    try:
        _wait(running, process, log)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_UP_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{server.origin}/webhooks/rest/", timeout=5).close()
            return
        except OSError:
            time.sleep(1)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def say(server: Server) -> Callable[[str], str]:
    return server.conversation()
