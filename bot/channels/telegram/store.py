"""What outlives a restart: updates that are not answered, and what buttons mean.

Telegram forgets an update as soon as the next poll confirms it. Writing it down first makes a crash
lose nothing, and the same table recognises an update that is delivered twice. PTB's persistence
saves every minute, and its callback data lives in memory: a crash would lose both.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.channels.telegram.reply import Button, Kind, Origin

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 2
LIFETIME = 7 * 24 * 3600.0
# Telegram delivers an update for 24 hours at most.
_REMEMBERED = 2 * 24 * 3600.0
_ROW_WIDTH, _ROW_LENGTH = 30, 3
_SCHEMA = """
CREATE TABLE IF NOT EXISTS updates (
    id INTEGER NOT NULL, digest BLOB NOT NULL, body TEXT, reply TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, received REAL NOT NULL,
    number INTEGER PRIMARY KEY, UNIQUE (id, digest));
CREATE INDEX IF NOT EXISTS updates_open ON updates (number) WHERE body IS NOT NULL;
CREATE INDEX IF NOT EXISTS updates_received ON updates (received);
CREATE TABLE IF NOT EXISTS buttons (
    token TEXT PRIMARY KEY, keyboard TEXT NOT NULL, chat INTEGER NOT NULL, user INTEGER,
    kind TEXT NOT NULL, payload TEXT NOT NULL, expires REAL NOT NULL);
CREATE INDEX IF NOT EXISTS buttons_keyboard ON buttons (keyboard);
CREATE INDEX IF NOT EXISTS buttons_expires ON buttons (expires);
CREATE TABLE IF NOT EXISTS moved (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);
"""


class Store:
    """Updates from arrival to answer, buttons, and groups that moved.

    An update is open while it has a body. Once its turn is over, the reply stands beside it, part
    by part removed as it is sent; so neither the turn nor a sent part is repeated after a restart.
    Writes are one row each in write-ahead mode, about 0.1 ms, so they happen on the event loop.
    """

    def __init__(self, path: Path | None, lifetime: float = LIFETIME) -> None:
        """Open a file that its owner alone can read; without one, all is kept in memory."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        # Deleted text must not stay in free pages.
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.executescript(_SCHEMA)
        self._lifetime = lifetime
        self._added = 0
        self._pressed: deque[str] = deque(maxlen=500)
        self.moves: dict[int, int] = dict(self._db.execute("SELECT old, new FROM moved").fetchall())

    def add(self, update_id: int, body: str) -> int | None:
        """Write down an update and return its number here; None if it is known already.

        The contents count beside the id, because Telegram numbers anew after a quiet week.
        """
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO updates (id, digest, body, received) VALUES (?, ?, ?, ?)",
            (update_id, hashlib.sha256(body.encode()).digest(), body, time.time()),
        )
        self._added += 1
        if self._added % 100 == 1:
            now = time.time()
            old = now - _REMEMBERED
            self._db.execute("DELETE FROM updates WHERE body IS NULL AND received < ?", (old,))
            self._db.execute("DELETE FROM buttons WHERE expires < ?", (now,))
        return cursor.lastrowid if cursor.rowcount == 1 else None

    def begin(self, number: int) -> tuple[int, str | None]:
        """Count an attempt; return which it is, and what is left to send of an answer."""
        self._db.execute("UPDATE updates SET attempts = attempts + 1 WHERE number = ?", (number,))
        query = "SELECT attempts, reply FROM updates WHERE number = ?"
        found: tuple[int, str | None] = self._db.execute(query, (number,)).fetchone()
        return found

    def forgive(self, number: int) -> None:
        """Take back an attempt that was stopped on purpose."""
        self._db.execute("UPDATE updates SET attempts = attempts - 1 WHERE number = ?", (number,))

    def answer(self, number: int | None, reply: str) -> None:
        """Keep what is left to send; without a number nothing is kept."""
        self._db.execute("UPDATE updates SET reply = ? WHERE number = ?", (reply, number))

    def close(self, number: int | None) -> None:
        """Forget the contents of an update, but not that it was here."""
        self._db.execute("UPDATE updates SET body = NULL, reply = NULL WHERE number = ?", (number,))

    def open_updates(self) -> list[tuple[int, str]]:
        """Return number and body of what a former run left over, oldest first."""
        query = "SELECT number, body FROM updates WHERE body IS NOT NULL ORDER BY number"
        return self._db.execute(query).fetchall()

    def waiting(self) -> int:
        """Return how many updates are open."""
        query = "SELECT count(*) FROM updates WHERE body IS NOT NULL"
        return int(self._db.execute(query).fetchone()[0])

    def move(self, old: int, new: int) -> None:
        """Write down that a group became a supergroup; its buttons follow."""
        if self.moves.get(old) != new:
            logger.warning("Telegram: the group %d is now %d", old, new)
            self.moves[old] = new
            self._db.execute("INSERT OR REPLACE INTO moved VALUES (?, ?)", (old, new))
            self._db.execute("UPDATE buttons SET chat = ? WHERE chat = ?", (new, old))

    def keyboard(
        self, buttons: Sequence[Button], origin: Origin, chat: int
    ) -> dict[str, Any] | None:
        """Return buttons laid out for a chat, each with a new token for what it does.

        They are what Telegram reads: PTB's objects take long to become that. Telegram carries at
        most 64 bytes. In a group only the person who asked may press, except for an anonymous
        admin, who presses under a name of their own.
        """
        if not buttons:
            return None
        keyboard, expires = secrets.token_urlsafe(8), time.time() + self._lifetime
        user = None if origin.private or origin.anonymous else origin.user
        rows: list[list[dict[str, str]]] = []
        kept: list[Any] = []
        width, last = 0, None
        for button in buttons:
            token, kind = secrets.token_urlsafe(12), button.kind.value
            kept += (token, keyboard, chat, user, kind, button.payload, expires)
            width += len(button.title)
            # What is about the answer itself stands apart from where to go next.
            apart = (button.kind is Kind.TEXT) != (last is Kind.TEXT)
            if not rows or apart or width > _ROW_WIDTH or len(rows[-1]) == _ROW_LENGTH:
                rows.append([])
                width = len(button.title)
            rows[-1].append({"text": button.title, "callback_data": token})
            last = button.kind
        # One statement: each would be a transaction of its own.
        values = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(buttons))
        self._db.execute(f"INSERT INTO buttons VALUES {values}", kept)
        return {"inline_keyboard": rows}

    def look(self, token: str, chat: int, user: int) -> Button:
        """Return what a token stands for, or a refusal that names the sentence to say."""
        query = "SELECT chat, user, kind, payload, expires FROM buttons WHERE token = ?"
        row = self._db.execute(query, (token,)).fetchone()
        if row and (row[0] != chat or row[1] not in (None, user)):
            return Button("", "pressed_foreign", Kind.REFUSED)
        if not row or row[4] < time.time():
            return Button("", "pressed_old", Kind.REFUSED)
        return Button("", row[3], Kind(row[2]))

    def is_first(self, token: str) -> bool:
        """Whether a token is pressed for the first time; a quick finger presses twice."""
        first = token not in self._pressed
        self._pressed.append(token)
        return first

    def use(self, token: str) -> None:
        """Use up a token and every button of its keyboard.

        Thumbs stand on their own: they do not use up the rest, nor the rest them.
        """
        self._db.execute(
            "DELETE FROM buttons WHERE (keyboard, kind = :thumb) IN "
            "(SELECT keyboard, kind = :thumb FROM buttons WHERE token = :token)",
            {"token": token, "thumb": Kind.FEEDBACK.value},
        )

    def forget(self, chat: int, user: int) -> None:
        """Drop a person's buttons in a chat, and what the log of writes still holds of others."""
        self._db.execute(
            "DELETE FROM buttons WHERE chat = ? AND (user IS NULL OR user = ?)", (chat, user)
        )
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
