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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.channels.telegram import wording
from bot.channels.telegram.reply import Button, Origin

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

    def __init__(self, path: Path) -> None:
        """Open a file that its owner alone can read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5)
        # Deleted text must not stay in free pages.
        for setting in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.executescript(_SCHEMA)
        self._added = 0
        self.moves: dict[int, int] = dict(self._db.execute("SELECT old, new FROM moved").fetchall())

    def add(self, update_id: int, body: str) -> int | None:
        """Write down an update and return its number here; None if it is known already.

        The contents count beside the id, because Telegram numbers anew after a quiet week.
        """
        now = time.time()
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO updates (id, digest, body, received) VALUES (?, ?, ?, ?)",
            (update_id, hashlib.sha256(body.encode()).digest(), body, now),
        )
        self._added += 1
        if self._added % 100 == 1:
            old = now - _REMEMBERED
            self._db.execute("DELETE FROM updates WHERE body IS NULL AND received < ?", (old,))
            self._db.execute("DELETE FROM buttons WHERE expires < ?", (now,))
        return cursor.lastrowid if cursor.rowcount == 1 else None

    def begin(self, number: int) -> tuple[int, str | None]:
        """Count an attempt; return which it is, and what is left to send of an answer."""
        self._db.execute("UPDATE updates SET attempts = attempts + 1 WHERE number = ?", (number,))
        query = "SELECT attempts, reply FROM updates WHERE number = ?"
        return self._db.execute(query, (number,)).fetchone() or (0, None)

    def forgive(self, number: int) -> None:
        """Take back an attempt that was stopped on purpose."""
        self._db.execute("UPDATE updates SET attempts = attempts - 1 WHERE number = ?", (number,))

    def answer(self, number: int, reply: str) -> None:
        """Keep what is left to send."""
        self._db.execute("UPDATE updates SET reply = ? WHERE number = ?", (reply, number))

    def close(self, number: int) -> None:
        """Forget the contents of an update, but not that it was here."""
        self._db.execute("UPDATE updates SET body = NULL, reply = NULL WHERE number = ?", (number,))

    def open_updates(self) -> list[tuple[int, str]]:
        """Return number and body of what is not answered, oldest first."""
        query = "SELECT number, body FROM updates WHERE body IS NOT NULL ORDER BY number"
        return self._db.execute(query).fetchall()

    def move(self, old: int, new: int) -> None:
        """Write down that a group became a supergroup; its buttons follow."""
        if self.moves.get(old) != new:
            logger.warning("Telegram: the group %d is now %d", old, new)
            self.moves[old] = new
            self._db.execute("INSERT OR REPLACE INTO moved VALUES (?, ?)", (old, new))
            self._db.execute("UPDATE buttons SET chat = ? WHERE chat = ?", (new, old))

    def keyboard(self, buttons: Sequence[Button], origin: Origin) -> dict[str, Any] | None:
        """Return buttons laid out, each with a new token for what it does.

        They are what Telegram reads: PTB's objects take long to become that. Telegram carries at
        most 64 bytes. In a group only the person who asked may press, except for an anonymous
        admin, who presses under a name of their own.
        """
        if not buttons:
            return None
        keyboard, expires = secrets.token_urlsafe(8), time.time() + LIFETIME
        chat = self.moves.get(origin.chat, origin.chat)
        user = None if origin.private or origin.anonymous else origin.user
        kept, rows = list[Any](), [list[dict[str, str]]()]
        last = buttons[0].kind
        for button in buttons:
            token = secrets.token_urlsafe(12)
            kept += (token, keyboard, chat, user, button.kind, button.payload, expires)
            # What is about the answer itself stands apart from where to go next.
            apart, last = (button.kind == "say") != (last == "say"), button.kind
            width = sum(len(beside["text"]) for beside in rows[-1]) + len(button.title)
            if rows[-1] and (apart or width > _ROW_WIDTH or len(rows[-1]) == _ROW_LENGTH):
                rows.append([])
            rows[-1].append({"text": button.title, "callback_data": token})
        # One statement: each would be a transaction of its own.
        values = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(buttons))
        self._db.execute(f"INSERT INTO buttons VALUES {values}", kept)
        return {"inline_keyboard": rows}

    def look(self, token: str | None, origin: Origin) -> Button:
        """Return what a token stands for, or a refusal in words."""
        query = "SELECT chat, user, kind, payload, expires FROM buttons WHERE token = ?"
        row = self._db.execute(query, (token,)).fetchone()
        if row and (row[0] != origin.chat or row[1] not in (None, origin.user)):
            return Button("", wording.say("pressed_foreign"), "refused")
        if not row or row[4] < time.time():
            return Button("", wording.say("pressed_old"), "refused")
        return Button("", row[3], row[2])

    def use(self, token: str | None) -> None:
        """Use up a token and every button of its keyboard.

        Thumbs stand on their own: they do not use up the rest, nor the rest them.
        """
        self._db.execute(
            "DELETE FROM buttons WHERE (keyboard, kind = 'feedback') IN "
            "(SELECT keyboard, kind = 'feedback' FROM buttons WHERE token = ?)",
            (token,),
        )

    def forget(self, origin: Origin) -> None:
        """Drop a person's buttons in a chat, and what the log of writes still holds of others."""
        self._db.execute(
            "DELETE FROM buttons WHERE chat = ? AND (user IS NULL OR user = ?)",
            (origin.chat, origin.user),
        )
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
