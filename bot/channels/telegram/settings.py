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
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> TelegramSettings:
        """Read the settings; SettingsError, without a secret, if one cannot be used."""

        def read(name: str) -> str:
            return environment.get(f"TELEGRAM_{name}", "").strip()

        def need(fulfilled: object, name: str, problem: str) -> None:
            if not fulfilled:
                raise SettingsError(f"TELEGRAM_{name} {problem}")

        token = read("BOT_TOKEN") or _from_file(read("BOT_TOKEN_FILE"))
        need(token, "BOT_TOKEN", "is not set; BotFather gives you one")
        need(_TOKEN.fullmatch(token), "BOT_TOKEN", "does not look like a token from BotFather")
        mode, drop = read("MODE").lower() or Mode.POLLING, read("DROP_PENDING").lower()
        need(mode in [*Mode], "MODE", f"must be polling or webhook, not {mode!r}")
        need(drop in _TRUE + _FALSE, "DROP_PENDING", f"must be yes or no, not {drop!r}")
        base = read("API_BASE_URL").rstrip("/")
        parts = urlsplit(base or OFFICIAL_API)
        server = parts.scheme in ("http", "https") and parts.hostname and not parts.path
        need(server, "API_BASE_URL", "must be scheme, host and port, like http://127.0.0.1:8081")
        chats = read("ALLOWED_CHATS").replace(",", " ").split()
        ids = all(word == "groups" or word.removeprefix("-").isdecimal() for word in chats)
        need(ids, "ALLOWED_CHATS", "must be chat ids separated by commas, or the word groups")
        secret = url = ""
        if mode == Mode.WEBHOOK:
            secret, url = read("WEBHOOK_SECRET"), read("WEBHOOK_URL").rstrip("/")
            usual = "must be 1 to 256 letters, digits, '_' or '-' in webhook mode"
            need(_SECRET.fullmatch(secret), "WEBHOOK_SECRET", usual)
            parts = urlsplit(url)
            public = parts.scheme in ("http", "https") and parts.hostname
            need(public, "WEBHOOK_URL", "must be the public https address of this server")
            posted_to = parts.scheme == "https" and (parts.port or 443) in _WEBHOOK_PORTS
            usual = "must use https on port 443, 80, 88 or 8443"
            need(base or posted_to, "WEBHOOK_URL", usual)
            url = url if parts.path else url + ROUTE
        listed = frozenset(word if word == "groups" else int(word) for word in chats)
        api = base or OFFICIAL_API
        return cls(token, Mode(mode), url, secret, api, listed, drop_pending=drop in _TRUE)

    def welcomes(self, chat: int, private: bool) -> bool:
        """Whether the bot talks in a chat."""
        people = any(isinstance(listed, int) and listed > 0 for listed in self.chats)
        return chat in self.chats or (not people if private else "groups" in self.chats)


def is_configured(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a token is set at all."""
    return any(environment.get(f"TELEGRAM_BOT_TOKEN{end}") for end in ("", "_FILE"))


def _from_file(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("TELEGRAM_BOT_TOKEN_FILE cannot be read") from error
