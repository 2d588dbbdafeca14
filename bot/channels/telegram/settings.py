"""What the environment says about the Telegram channel."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Token, transport and who may talk to the bot.

    Attributes:
        token: the bot's token (``TELEGRAM_BOT_TOKEN``, or a file: ``TELEGRAM_BOT_TOKEN_FILE``).
        mode: polling unless ``TELEGRAM_MODE=webhook``.
        webhook_url: public address of the route, path included.
        webhook_secret: what Telegram must send along; mandatory in webhook mode.
        api_base_url: scheme, host and port of the Bot API server.
        users: private chats that may talk; empty means everybody.
        groups: groups that the bot answers in.
        all_groups: whether it answers in any group it is added to.
        drop_pending: forget the updates that arrived while the bot was down.
    """

    token: str = field(repr=False)
    mode: Mode = Mode.POLLING
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    api_base_url: str = OFFICIAL_API
    users: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    all_groups: bool = False
    drop_pending: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> TelegramSettings:
        """Read and check the settings.

        Raises:
            SettingsError: if one is missing or cannot be used; no message holds a secret.
        """
        values = os.environ if environment is None else environment
        mode = _mode(values.get("TELEGRAM_MODE", ""))
        base = _address("TELEGRAM_API_BASE_URL", values.get("TELEGRAM_API_BASE_URL", ""))
        users, groups, all_groups = _chats(values.get("TELEGRAM_ALLOWED_CHATS", ""))
        url, secret = "", ""
        if mode is Mode.WEBHOOK:
            url = _webhook_url(values.get("TELEGRAM_WEBHOOK_URL", ""), official=not base)
            secret = values.get("TELEGRAM_WEBHOOK_SECRET", "")
            if not _SECRET.fullmatch(secret):
                raise SettingsError(
                    "TELEGRAM_WEBHOOK_SECRET must be 1 to 256 letters, digits, '_' or '-' "
                    "in webhook mode"
                )
        return cls(
            token=_token(values),
            mode=mode,
            webhook_url=url,
            webhook_secret=secret,
            api_base_url=base or OFFICIAL_API,
            users=users,
            groups=groups,
            all_groups=all_groups,
            drop_pending=_flag("TELEGRAM_DROP_PENDING", values.get("TELEGRAM_DROP_PENDING", "")),
        )

    def welcomes(self, chat_id: int, private: bool) -> bool:
        """Whether the bot talks in a chat."""
        if private:
            return not self.users or chat_id in self.users
        return self.all_groups or chat_id in self.groups


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


def _mode(value: str) -> Mode:
    try:
        return Mode(value.strip().lower() or "polling")
    except ValueError as error:
        raise SettingsError(f"TELEGRAM_MODE must be polling or webhook, not {value!r}") from error


def _address(name: str, value: str) -> str:
    value = value.strip().rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
        raise SettingsError(f"{name} must be scheme, host and port, like http://127.0.0.1:8081")
    return value


def _webhook_url(value: str, official: bool) -> str:
    value = value.strip().rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("TELEGRAM_WEBHOOK_URL must be the public https address of this server")
    if official and (parts.scheme != "https" or (parts.port or 443) not in _WEBHOOK_PORTS):
        raise SettingsError("TELEGRAM_WEBHOOK_URL must use https on port 443, 80, 88 or 8443")
    return value if parts.path else value + ROUTE


def _chats(value: str) -> tuple[frozenset[int], frozenset[int], bool]:
    words = value.replace(",", " ").split()
    try:
        ids = [int(word) for word in words if word != "groups"]
    except ValueError as error:
        raise SettingsError(
            "TELEGRAM_ALLOWED_CHATS must be chat ids separated by commas, or the word groups"
        ) from error
    users = frozenset(number for number in ids if number > 0)
    return users, frozenset(number for number in ids if number < 0), "groups" in words


def _flag(name: str, value: str) -> bool:
    value = value.strip().lower()
    if value not in _TRUE + _FALSE:
        raise SettingsError(f"{name} must be yes or no, not {value!r}")
    return value in _TRUE
