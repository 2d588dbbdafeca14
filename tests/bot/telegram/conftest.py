from __future__ import annotations

import asyncio
import logging
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.telegram import TelegramInput, TelegramSettings
from bot.channels.telegram.quiz import Subject
from bot.channels.telegram.redaction import install
from tests.bot.telegram.fake_api import TOKEN, FakeTelegram

SUBJECTS = tuple(
    Subject(f"topic_{n}", f"Title {n}", f"The clue of number {n}.", f"Because {n}.", "ml")
    for n in range(6)
)


def png(width: int = 3, height: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = (
        struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    return b"\x89PNG\r\n\x1a\n" + chunk


class Brain:
    """An assistant that says what a test wants, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.outputs: list[Any] = []
        self.agent: Any = None

    async def __call__(self, message: UserMessage) -> None:
        text = message.text or ""
        self.asked.append((message.sender_id, text))
        self.outputs.append(message.output_channel)
        if text in self.gates:
            await self.gates[text].wait()
        if text == "fail":
            raise RuntimeError("broken on purpose")
        for answer in self.answers.get(text, [{"text": f"You said: {text}"}]):
            await message.output_channel.send_response(message.sender_id, dict(answer))

    def hold(self, text: str) -> asyncio.Event:
        """Let turns on a text wait until the event is set."""
        return self.gates.setdefault(text, asyncio.Event())

    def texts(self) -> list[str]:
        return [text for _, text in self.asked]


@pytest.fixture
async def api() -> AsyncIterator[FakeTelegram]:
    server = FakeTelegram()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def brain() -> Brain:
    return Brain()


Connect = Callable[..., Any]


@pytest.fixture
async def connect(api: FakeTelegram, brain: Brain, tmp_path: Path) -> AsyncIterator[Connect]:
    """Start the connector, with settings on top of the usual ones."""
    running: list[TelegramInput] = []

    async def start(ready: bool = True, **environment: str) -> TelegramInput:
        settings = TelegramSettings.from_environment(
            {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": api.url, **environment}
        )
        channel = TelegramInput(
            settings,
            tmp_path,
            lambda: tmp_path / "pictures",
            lambda: SUBJECTS,
        )
        channel._agent = brain.agent
        channel.start(brain)
        running.append(channel)
        if ready:
            await api.until(lambda: channel.health.state.value == "receiving")
        return channel

    yield start
    for channel in running:
        await channel.stop()


@pytest.fixture(autouse=True)
def no_token_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Scan everything that any test of the connector logs, at debug level."""
    install(TOKEN)
    for name in ("httpx", "telegram", "bot"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        yield
    # As it was written at the time: formatting a record again would show objects as they are now.
    assert TOKEN.split(":")[1] not in caplog.text
