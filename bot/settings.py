"""Everything that the environment decides, read in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


class FathomError(RuntimeError):
    """Something that ends the program in one line for a person, not in a stack trace."""


class SettingsError(FathomError):
    """A setting has a value that cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Settings:
    """Where things are kept, where the server listens, where the actions run.

    Attributes:
        home: folder for everything that is made while running (``FATHOM_HOME``).
        host: address the server binds (``HOST``), loopback unless told otherwise.
        port: port the server listens on (``PORT``).
        action_endpoint_url: a separate action server (``ACTION_ENDPOINT_URL``), if any.
        tracker_store_url: SQLAlchemy URL of the conversations (``TRACKER_STORE_URL``).
        public_url: address that a proxy gives the server (``PUBLIC_URL``), if any.
        names: hosts that a request may ask for beside local ones: those of ``PUBLIC_URL`` and of
            ``TELEGRAM_WEBHOOK_URL``.
    """

    home: Path
    host: str
    port: int
    action_endpoint_url: str | None
    tracker_store_url: str
    public_url: str | None = None
    names: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Raises:
            SettingsError: if ``PORT`` is not a port number or ``PUBLIC_URL`` no web address.
        """
        values = os.environ if environment is None else environment
        home = Path(values.get("FATHOM_HOME") or ROOT / "var").resolve()
        port = values.get("PORT") or "5005"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise SettingsError(f"PORT must be a number from 1 to 65535, not {port!r}")
        public = (values.get("PUBLIC_URL") or "").rstrip("/")
        if public and not _host_of(public):
            raise SettingsError(f"PUBLIC_URL must be like https://bot.example.org, not {public!r}")
        return cls(
            home=home,
            host=values.get("HOST") or "127.0.0.1",
            port=int(port),
            action_endpoint_url=values.get("ACTION_ENDPOINT_URL") or None,
            tracker_store_url=values.get("TRACKER_STORE_URL")
            or f"sqlite:///{home / 'conversations.db'}",
            public_url=public or None,
            names=frozenset(map(_host_of, (public, values.get("TELEGRAM_WEBHOOK_URL") or "")))
            - {""},
        )

    def __repr__(self) -> str:
        """Leave out the database URL, which may hold a password."""
        return f"Settings(home={str(self.home)!r}, host={self.host!r}, port={self.port})"


def _host_of(address: str) -> str:
    """Return host and port of a web address, as a request names them; empty if it is none."""
    try:
        parts = urlsplit(address.strip().lower())
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in ("http", "https") else ""
