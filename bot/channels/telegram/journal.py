"""Which updates arrived and which are still to be answered.

Telegram forgets an update as soon as the next poll confirms it. Writing it down first makes
a crash lose nothing, and the same table recognises an update that is delivered twice.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

MAX_ATTEMPTS = 2
# Telegram delivers an update for 24 hours at most.
_REMEMBERED = 2 * 24 * 3600.0
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


def connect(path: Path | None) -> sqlite3.Connection:
    """Open what the channel remembers across a restart; in memory without a path.

    The file is readable by its owner alone. Writes are one row each in write-ahead mode, about
    0.1 ms, so they happen on the event loop.
    """
    if path is None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        # Deleted text must not stay in free pages.
        connection.execute("PRAGMA secure_delete=ON")
    connection.executescript(_SCHEMA)
    return connection


class Journal:
    """Updates from arrival to answer.

    An update is open while it has a body. Once its turn is over, the reply stands beside it, part
    by part removed as it is sent; so neither the turn nor a sent part is repeated after a restart.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use an open store."""
        self._db = connection
        self._added = 0

    def add(self, update_id: int, body: str) -> int | None:
        """Write down an update and return its number here; None if it is known already.

        The contents count beside the id, because Telegram numbers anew after a quiet week.
        """
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO updates (id, digest, body, received) VALUES (?, ?, ?, ?)",
            (update_id, hashlib.sha256(body.encode()).digest(), body, time.time()),
        )
        self._added += 1
        if self._added % 1000 == 1:
            self._forget_old()
        return cursor.lastrowid if cursor.rowcount == 1 else None

    def begin(self, number: int) -> bool:
        """Count an attempt; false, and closed, if it has already failed too often."""
        self._db.execute("UPDATE updates SET attempts = attempts + 1 WHERE number = ?", (number,))
        query = "SELECT attempts FROM updates WHERE number = ?"
        row = self._db.execute(query, (number,)).fetchone()
        if row and row[0] > MAX_ATTEMPTS:
            self.close(number)
            return False
        return True

    def forgive(self, number: int) -> None:
        """Take back an attempt that was stopped on purpose."""
        self._db.execute("UPDATE updates SET attempts = attempts - 1 WHERE number = ?", (number,))

    def answer(self, number: int, reply: str) -> None:
        """Keep what is left to send."""
        self._db.execute("UPDATE updates SET reply = ? WHERE number = ?", (reply, number))

    def close(self, number: int) -> None:
        """Forget the contents of an update, but not that it was here."""
        self._db.execute("UPDATE updates SET body = NULL, reply = NULL WHERE number = ?", (number,))

    def open_updates(self) -> Iterator[tuple[int, str, str | None]]:
        """Yield number, body and unsent reply of what a former run left over, oldest first."""
        yield from self._db.execute(
            "SELECT number, body, reply FROM updates WHERE body IS NOT NULL ORDER BY number"
        ).fetchall()

    def waiting(self) -> int:
        """Return how many updates are open."""
        query = "SELECT count(*) FROM updates WHERE body IS NOT NULL"
        return int(self._db.execute(query).fetchone()[0])

    def scrub(self) -> None:
        """Remove from the disk what was forgotten, which the log of writes still holds."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def moved(self, old: int, new: int) -> None:
        """Write down that a group became a supergroup."""
        self._db.execute("INSERT OR REPLACE INTO moved VALUES (?, ?)", (old, new))

    def moves(self) -> dict[int, int]:
        """Return the new id of each group that became a supergroup."""
        return dict(self._db.execute("SELECT old, new FROM moved").fetchall())

    def _forget_old(self) -> None:
        self._db.execute(
            "DELETE FROM updates WHERE body IS NULL AND received < ?",
            (time.time() - _REMEMBERED,),
        )
