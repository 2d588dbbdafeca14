"""What is found out before the server starts, and what can go wrong when it does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from bot.channels.telegram import TelegramInput, TelegramSettings, check, health
from bot.settings import SettingsError
from tests.bot.telegram.conftest import Brain
from tests.bot.telegram.fake_api import TOKEN
from tests.bot.telegram.phone import Phone


@pytest.fixture
def phone() -> Iterator[Phone]:
    phone = Phone()
    phone.start()
    yield phone
    phone.stop()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEGRAM_BOT_TOKEN_FILE", "TELEGRAM_MODE", "SANIC_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", "http://127.0.0.1:9")


def test_a_token_that_works_tells_the_bots_name(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", phone.api.url)
    check()
    assert "@fathom_test_bot" in capsys.readouterr().err


@pytest.mark.parametrize("token", [TOKEN.replace("A", "B"), ""])
def test_a_wrong_or_missing_token_ends_with_one_line_and_status_1(
    phone: Phone, token: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", phone.api.url)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", token)
    monkeypatch.setattr(sys, "argv", ["bot", "telegram"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    said = capsys.readouterr().err
    assert caught.value.code == 1
    assert said.count("\n") == 1 and "TELEGRAM_BOT_TOKEN" in said
    assert not token or token not in said


def test_a_server_that_cannot_be_reached_is_no_reason_to_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check()
    assert "cannot be reached" in capsys.readouterr().err


def test_polling_with_several_workers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANIC_WORKERS", "2")
    with pytest.raises(SettingsError, match="SANIC_WORKERS"):
        check()


async def test_a_store_that_cannot_be_opened_leaves_the_other_channels_alone(
    tmp_path: Path, brain: Brain
) -> None:
    (tmp_path / "telegram.db").write_text("this is no database, whatever its name says")
    channel = TelegramInput(TelegramSettings.from_environment(), tmp_path, lambda: tmp_path)
    channel.start(brain)
    assert channel.health.state is health.State.STOPPED
