"""A message that stalls the server is tried twice, then given up, and the person is told."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from bot.channels.telegram import wording
from bot.settings import ROOT
from tests.bot.telegram.phone import Phone


def test_a_message_that_stalls_the_server_is_given_up_after_two_tries(tmp_path: Path) -> None:
    phone = Phone()
    phone.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def start() -> subprocess.Popen[bytes]:
        module = [sys.executable, "-m", "tests.bot.telegram.stalling"]
        return subprocess.Popen(
            [*module, str(tmp_path), phone.api.url, str(port)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    ada, bert = phone.new_chat(), phone.new_chat()
    server = start()
    try:
        assert phone.say(ada, "hello") == "HELLO"
        phone.api.say(ada, "stall")
        for _ in range(2):
            _, errors = server.communicate(timeout=120)
            assert server.returncode == -signal.SIGKILL
            assert errors.decode().count("stood still") == 1
            server = start()
        (told,) = phone.replies(ada, lambda: None)
        assert told["text"] == wording.say("given_up")
        assert phone.say(ada, "again") == "AGAIN"
        assert phone.say(bert, "hello") == "HELLO"
    finally:
        server.terminate()
        server.wait(60)
        phone.stop()
