"""While the assistant is loaded the port answers, and a damaged archive is trained anew."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot import assistant, ports
from bot.channels.wording import sentences
from bot.early import Early
from bot.settings import ROOT, Settings
from tests.stores import free_port


def test_the_port_lives_and_is_not_ready_and_nobody_is_cut_off_when_the_server_takes_over() -> None:
    taken = ports.listen("127.0.0.1", 0)
    at = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with taken:
        with closing(Early(taken)):
            assert httpx.get(f"{at}/livez").status_code == 200
            for path in ("/readyz", "/health"):
                assert httpx.get(f"{at}{path}").status_code == 503
            answer = httpx.post(f"{at}/webhooks/rest/webhook", json={"message": "x" * 50_000})
            assert (answer.status_code, answer.json()) == (503, {"error": sentences()["starting"]})
            assert answer.headers["retry-after"] and "python" not in str(answer.headers).lower()
        with socket.create_connection(taken.getsockname()) as waiting:
            waiting.sendall(b"hello")
            answering, _ = taken.accept()
            with answering:
                assert answering.recv(5) == b"hello"


ENDED_WHILE_COLLECTING = """
import gc, os, signal, sys, time
from bot import cli

signal.signal(signal.SIGTERM, cli._end)

def ended(phase, info):
    gc.callbacks.clear()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.1)

gc.callbacks.append(ended)
gc.collect()
time.sleep(20)
sys.exit(7)
"""


def test_a_start_that_is_ended_while_garbage_is_collected_ends_all_the_same() -> None:
    command = [sys.executable, "-c", ENDED_WHILE_COLLECTING]
    begin = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)
    assert b"ignored" in done.stderr  # the exception was lost
    assert (done.returncode, time.monotonic() - begin < 15) == (0, True)


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\xff\r\n\r\n",
        b"GET /livez HTTP/\xff\r\n\r\n",
        b"G\xff /livez HTTP/1.1\r\n\r\n",
        b"TRACE / HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n" + b"X: x\r\n" * 200 + b"\r\n",
    ],
)
def test_nonsense_gets_an_error_without_a_version_while_the_port_is_not_ready(
    request_: bytes,
) -> None:
    with ports.listen("127.0.0.1", 0) as taken, closing(Early(taken)):
        with socket.create_connection(taken.getsockname(), timeout=5) as connection:
            connection.sendall(request_)
            with connection.makefile("rb") as stream:
                status, *headers = stream.read().partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert status.split(b" ")[1][:1] in (b"4", b"5")
        assert b"content-type: application/json" in [header.lower() for header in headers]
        assert b"python" not in b"".join(headers).lower()
        at = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert httpx.get(f"{at}/livez").status_code == 200


def test_a_port_in_use_is_not_taken() -> None:
    with ports.listen("127.0.0.1", 0) as taken, pytest.raises(OSError):
        ports.listen("127.0.0.1", taken.getsockname()[1])


def test_a_server_that_has_just_started_answers_and_ends_well_when_it_is_told_to(
    tmp_path: Path,
) -> None:
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "FATHOM_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "bot", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        end, status = time.monotonic() + 15, None
        while status is None and time.monotonic() < end:
            try:
                status = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10).status_code
            except httpx.TransportError:
                time.sleep(0.1)
        assert status == 503
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"\x1f\x8b\x08\x00" + b"cut short" * 50], ids=["empty", "no", "cut"]
)
@pytest.mark.parametrize("mended", [True, False])
async def test_a_damaged_archive_is_trained_anew_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    mended: bool,
) -> None:
    archive, trained = tmp_path / "a.tar.gz", []
    archive.write_bytes(content)
    load = assistant.Agent.load_model

    def ensure_trained(_: Settings, force: bool = False) -> Path:
        if force:
            trained.append(archive)
            archive.write_bytes(b"good" if mended else content)
        return archive

    def load_model(self: Any, path: str) -> None:
        if Path(path).read_bytes() != b"good":
            return load(self, path)
        self.processor = SimpleNamespace()

    monkeypatch.setattr(assistant, "ensure_trained", ensure_trained)
    monkeypatch.setattr(assistant.Agent, "load_model", load_model)
    settings = Settings.from_environment({"FATHOM_HOME": str(tmp_path)})
    if mended:
        assert await assistant.load(settings)
    else:
        with pytest.raises(assistant.AssistantError, match=r"a\.tar\.gz") as caught:
            await assistant.load(settings)
        assert "\n" not in str(caught.value)
    assert trained == [archive]
    (line,) = capsys.readouterr().err.splitlines()
    assert str(archive) in line
