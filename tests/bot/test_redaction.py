"""No channel's secret stands in a log record."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot import serving
from bot.settings import Settings


def test_the_tokens_of_rest_and_of_the_actions_are_masked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TELEGRAM_BOT_TOKEN", "TELEGRAM_BOT_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    secrets = {"REST_TOKEN": "rest-4f1c9b7e2a60", "ACTION_TOKEN": "actions-8d3e5a1b7c92"}
    serving.channels(Settings.from_environment({"FATHOM_HOME": str(tmp_path), **secrets}))
    for secret in secrets.values():
        logging.getLogger("anything").error("refused: %s", secret)
    assert caplog.text.count("refused: ***") == 2
    assert not any(secret in caplog.text for secret in secrets.values())
