"""Webhook mode and the health route, on a real Sanic server."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from bot.channels.telegram import TelegramInput, TelegramSettings
from tests.bot.telegram.conftest import Brain
from tests.bot.telegram.fake_api import TOKEN, FakeTelegram

ADA = 7
HEADER = {"X-Telegram-Bot-Api-Secret-Token": "correct-horse"}


@pytest.fixture
async def server(
    api: FakeTelegram, brain: Brain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    monkeypatch.setattr(Sanic, "test_mode", True)
    settings = TelegramSettings.from_environment(
        {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE_URL": api.url,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_URL": "https://example.org",
            "TELEGRAM_WEBHOOK_SECRET": "correct-horse",
        }
    )
    channel = TelegramInput(settings, tmp_path, lambda: tmp_path)
    app = Sanic("telegram_webhook_test", configure_logging=False)
    app.blueprint(channel.blueprint(brain), url_prefix="/webhooks/telegram")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running: Any = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
    await running.startup()
    await running.after_start()
    await api.until(lambda: channel.health.state.value == "receiving")
    yield f"http://127.0.0.1:{port}/webhooks/telegram"
    await running.before_stop()
    await running.close()
    Sanic._app_registry.pop("telegram_webhook_test", None)


async def test_updates_need_the_secret_and_are_confirmed_before_the_turn(
    server: str, api: FakeTelegram, brain: Brain
) -> None:
    gate = brain.hold("hi")
    update = {"update_id": 1, "message": api.message(ADA, text="hi")}
    async with aiohttp.ClientSession() as client:
        for headers in (
            {},
            {"X-Telegram-Bot-Api-Secret-Token": "wrong"},
            {"X-Telegram-Bot-Api-Secret-Token": "ä"},
        ):
            async with client.post(f"{server}/webhook", json=update, headers=headers) as answer:
                assert answer.status == 403
        assert not brain.asked
        for _ in range(3):
            async with client.post(f"{server}/webhook", json=update, headers=HEADER) as answer:
                assert answer.status == 200
            assert not api.sent[ADA]
        for body in (b"{", b"[]", b'{"update_id": "x"}', b"\xff"):
            async with client.post(f"{server}/webhook", data=body, headers=HEADER) as answer:
                assert answer.status == 400
        gate.set()
        assert await api.answered(ADA) == ["You said: hi"]
        assert brain.texts() == ["hi"]
        async with client.get(f"{server}/health") as answer:
            report = await answer.json()
            assert answer.status == 200
    assert report["status"] == "receiving" and report["mode"] == "webhook"
    assert api.webhook["url"] == "https://example.org/webhooks/telegram/webhook"
    assert len(api.called("setWebhook")) == 1 and not api.called("getUpdates")
