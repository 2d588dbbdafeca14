"""Everything that the environment decides, read in one place."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_ESCAPE = "the signs @ : / ? # % in a password are written %40 %3A %2F %3F %23 %25"
_HALF_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TOKEN = re.compile(r"[!-~]{16,256}")
_AMOUNT = re.compile(r"[1-9][0-9]{0,5}")
_STORES = {
    "TRACKER_STORE_URL": ("postgresql", "postgresql+psycopg2"),
    "LOCK_STORE_URL": ("redis", "rediss"),
}
_LIKE = {
    "TRACKER_STORE_URL": "postgresql://name:password@host/database or sqlite:////folder/file.db",
    "LOCK_STORE_URL": "redis://:password@host:6379/0",
    "ACTION_ENDPOINT_URL": "http://127.0.0.1:5055/webhook",
}

ROOT = Path(__file__).resolve().parent.parent


class FathomError(RuntimeError):
    """Something that ends the program in one line for a person, not in a stack trace."""


class SettingsError(FathomError):
    """A setting has a value that cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Keep:
    """How long things are kept; None is until they are deleted.

    Attributes:
        conversations: days (``KEEP_CONVERSATIONS_DAYS``).
        feedback: days (``KEEP_FEEDBACK_DAYS``).
        pictures: days since one was last shown (``KEEP_PICTURES_DAYS``).
        picture_megabytes: the most that all pictures take (``KEEP_PICTURES_MB``).
    """

    conversations: int | None = None
    feedback: int | None = None
    pictures: int | None = 30
    picture_megabytes: int | None = 500

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Keep:
        """Read the limits.

        Raises:
            SettingsError: if one is no whole number.
        """
        names = {
            "conversations": "KEEP_CONVERSATIONS_DAYS",
            "feedback": "KEEP_FEEDBACK_DAYS",
            "pictures": "KEEP_PICTURES_DAYS",
            "picture_megabytes": "KEEP_PICTURES_MB",
        }
        given = {key: values[name].strip() for key, name in names.items() if values.get(name)}
        for key, value in given.items():
            if not _AMOUNT.fullmatch(value):
                raise SettingsError(
                    f"{names[key]} must be a whole number from 1 to 999999, not {value[:20]!r}"
                )
        return cls(**{key: int(value) for key, value in given.items()})


@dataclass(frozen=True)
class Settings:
    """Where things are kept, where the server listens, where the actions run.

    Attributes:
        home: folder for everything that is made while running (``FATHOM_HOME``).
        host: address the server binds (``HOST``), loopback unless told otherwise.
        port: port the server listens on (``PORT``).
        action_endpoint_url: a separate action server (``ACTION_ENDPOINT_URL``), if any.
        tracker_store_url: SQLAlchemy URL of the conversations (``TRACKER_STORE_URL``).
        lock_store_url: Redis that several processes share (``LOCK_STORE_URL``), if any.
        rest_token: what who talks over REST must know (``REST_TOKEN``), if anything.
        action_token: the secret of a separate action server (``ACTION_TOKEN``).
        public_url: address that a proxy gives the server (``PUBLIC_URL``), if any.
        keep: how long things are kept.
        names: hosts that a request may ask for beside local ones: those of ``PUBLIC_URL`` and of
            ``TELEGRAM_WEBHOOK_URL``.
    """

    home: Path
    host: str
    port: int
    action_endpoint_url: str | None
    tracker_store_url: str
    lock_store_url: str | None = None
    rest_token: str | None = None
    action_token: str | None = None
    public_url: str | None = None
    keep: Keep = field(default_factory=lambda: Keep())
    names: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Raises:
            SettingsError: if a value cannot be used; the text holds no part of a password.
        """
        values = os.environ if environment is None else environment
        home = Path(values.get("FATHOM_HOME") or ROOT / "var").resolve()
        port = values.get("PORT") or "5005"
        if not port.isdecimal() or len(port) > 5 or not 0 < int(port) < 65536:
            raise SettingsError(f"PORT must be a number from 1 to 65535, not {port[:20]!r}")
        public = (values.get("PUBLIC_URL") or "").rstrip("/")
        if public and not _host_of(public):
            raise SettingsError(f"PUBLIC_URL must be like https://bot.example.org, not {public!r}")
        actions = values.get("ACTION_ENDPOINT_URL") or None
        if actions and not _host_of(actions):
            raise SettingsError(_wrong("ACTION_ENDPOINT_URL"))
        return cls(
            home=home,
            host=values.get("HOST") or "127.0.0.1",
            port=int(port),
            action_endpoint_url=actions,
            tracker_store_url=_store(values, "TRACKER_STORE_URL")
            or f"sqlite:///{home / 'conversations.db'}",
            lock_store_url=_store(values, "LOCK_STORE_URL"),
            rest_token=_token(values, "REST_TOKEN"),
            action_token=_token(values, "ACTION_TOKEN"),
            public_url=public or None,
            keep=Keep.of(values),
            names=frozenset(map(_host_of, (public, values.get("TELEGRAM_WEBHOOK_URL") or "")))
            - {""},
        )

    @property
    def unshared(self) -> list[str]:
        """Return the settings that several servers would have to share and that are not given."""
        both = {
            "TRACKER_STORE_URL (PostgreSQL)": self.tracker_store_url.startswith("postgresql"),
            "LOCK_STORE_URL (Redis)": self.lock_store_url,
        }
        return [name for name, given in both.items() if not given]

    def __repr__(self) -> str:
        """Leave out the database URL, which may hold a password."""
        return f"Settings(home={str(self.home)!r}, host={self.host!r}, port={self.port})"


def check_workers(values: Mapping[str, str]) -> None:
    """Refuse Sanic's own workers: Rasa would run one all the same and say nothing.

    Raises:
        SettingsError: if a setting asks for another number than one.
    """
    for name in ("SANIC_WORKERS", "WEB_CONCURRENCY"):
        if (values.get(name) or "1").strip() != "1":
            raise SettingsError(
                f"{name} must be 1; for more, `serve --workers N` or several servers behind a "
                "proxy, TRACKER_STORE_URL (PostgreSQL) and LOCK_STORE_URL (Redis) alike"
            )


def _token(values: Mapping[str, str], name: str) -> str | None:
    token = values.get(name) or ""
    if token and not _TOKEN.fullmatch(token):
        raise SettingsError(
            f"{name} must be 16 to 256 letters, digits and signs; `openssl rand -hex 32` makes one"
        )
    return token or None


def _store(values: Mapping[str, str], name: str) -> str | None:
    """Return the address of a store, if one is given and can be read in one way only."""
    url = (values.get(name) or "").strip()
    scheme, _, rest = url.partition("://")
    if not url or (name == "TRACKER_STORE_URL" and scheme == "sqlite" and rest[1:]):
        return url or None
    if scheme not in _STORES[name] or not rest:
        raise SettingsError(_wrong(name))
    place = rest.partition("?")[0]
    try:
        odd = not 0 < (urlsplit(url).port or 1) < 65536
    except ValueError:
        odd = True
    odd = odd or place.count("@") > 1 or place.count("/") > 1 or "#" in rest
    if odd or _HALF_ESCAPED.search(place) or any(sign.isspace() for sign in url):
        raise SettingsError(f"{_wrong(name)}; {_ESCAPE}")
    number = place.rpartition("@")[2].partition("/")[2]
    if "redis" in scheme and number and not number.isdecimal():
        raise SettingsError(_wrong(name))
    return url


def _wrong(name: str) -> str:
    return f"{name} must be like {_LIKE[name]}"


def _host_of(address: str) -> str:
    """Return host and port of a web address, as a request names them; empty if it is none."""
    try:
        parts = urlsplit(address.strip().lower())
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in ("http", "https") else ""
