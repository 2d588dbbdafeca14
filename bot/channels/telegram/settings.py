"""What the environment says about the Telegram channel."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from bot.settings import SettingsError

ROUTE = "/webhooks/telegram/webhook"
OFFICIAL_API = "https://api.telegram.org"
SINGLE_WORKER = "polling needs a single worker; set SANIC_WORKERS=1 or use a webhook"
_WEBHOOK_PORTS = (443, 80, 88, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[A-Za-z0-9:_-]{3,128}")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


class Mode(str, Enum):
    """How updates arrive."""

    POLLING = "polling"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class TelegramSettings:
    """Token, transport and who may talk to the bot; docs/telegram.md says what each means."""

    token: str = field(repr=False)
    mode: Mode = Mode.POLLING
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    api_base_url: str = OFFICIAL_API
    # Ids of people and groups, and the word "groups" for any group.
    chats: frozenset[int | str] = frozenset()
    drop_pending: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> TelegramSettings:
        """Read and check the settings.

        Raises:
            SettingsError: if one is missing or cannot be used; no message holds a secret.
        """
        values = os.environ if environment is None else environment
        mode, drop = values.get("TELEGRAM_MODE", ""), values.get("TELEGRAM_DROP_PENDING", "")
        if mode.strip().lower() not in ("", *(known.value for known in Mode)):
            raise SettingsError(f"TELEGRAM_MODE must be polling or webhook, not {mode!r}")
        if drop.strip().lower() not in _TRUE + _FALSE:
            raise SettingsError(f"TELEGRAM_DROP_PENDING must be yes or no, not {drop!r}")
        base = values.get("TELEGRAM_API_BASE_URL", "").strip().rstrip("/")
        parts = urlsplit(base)
        if base and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
            raise SettingsError(
                "TELEGRAM_API_BASE_URL must be scheme, host and port, like http://127.0.0.1:8081"
            )
        settings = cls(
            token=_token(values),
            api_base_url=base or OFFICIAL_API,
            chats=_chats(values.get("TELEGRAM_ALLOWED_CHATS", "")),
            drop_pending=drop.strip().lower() in _TRUE,
        )
        if mode.strip().lower() != Mode.WEBHOOK.value:
            return settings
        secret = values.get("TELEGRAM_WEBHOOK_SECRET", "")
        if not _SECRET.fullmatch(secret):
            raise SettingsError(
                "TELEGRAM_WEBHOOK_SECRET must be 1 to 256 letters, digits, '_' or '-' "
                "in webhook mode"
            )
        url = _webhook_url(values.get("TELEGRAM_WEBHOOK_URL", ""), official=not base)
        return replace(settings, mode=Mode.WEBHOOK, webhook_url=url, webhook_secret=secret)

    def welcomes(self, chat: int, private: bool) -> bool:
        """Whether the bot talks in a chat."""
        people = any(isinstance(listed, int) and listed > 0 for listed in self.chats)
        return chat in self.chats or (not people if private else "groups" in self.chats)


def is_configured(environment: Mapping[str, str] | None = None) -> bool:
    """Whether a token is set at all."""
    values = os.environ if environment is None else environment
    return bool(values.get("TELEGRAM_BOT_TOKEN") or values.get("TELEGRAM_BOT_TOKEN_FILE"))


def _token(values: Mapping[str, str]) -> str:
    token = values.get("TELEGRAM_BOT_TOKEN", "").strip()
    path = values.get("TELEGRAM_BOT_TOKEN_FILE", "")
    if not token and path:
        try:
            token = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError("TELEGRAM_BOT_TOKEN_FILE cannot be read") from error
    if not token:
        raise SettingsError("TELEGRAM_BOT_TOKEN is not set; BotFather gives you one")
    if not _TOKEN.fullmatch(token):
        raise SettingsError("TELEGRAM_BOT_TOKEN does not look like a token from BotFather")
    return token


def _webhook_url(value: str, official: bool) -> str:
    value = value.strip().rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("TELEGRAM_WEBHOOK_URL must be the public https address of this server")
    if official and (parts.scheme != "https" or (parts.port or 443) not in _WEBHOOK_PORTS):
        raise SettingsError("TELEGRAM_WEBHOOK_URL must use https on port 443, 80, 88 or 8443")
    return value if parts.path else value + ROUTE


def _chats(value: str) -> frozenset[int | str]:
    words = value.replace(",", " ").split()
    try:
        return frozenset(word if word == "groups" else int(word) for word in words)
    except ValueError as error:
        raise SettingsError(
            "TELEGRAM_ALLOWED_CHATS must be chat ids separated by commas, or the word groups"
        ) from error
