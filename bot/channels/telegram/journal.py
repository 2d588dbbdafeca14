"""Which updates arrived and which are still to be answered.

Telegram forgets an update as soon as the next poll confirms it. Writing it down first makes
a crash lose nothing, and the same table recognises an update that is delivered twice.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

MAX_ATTEMPTS = 2
_REMEMBERED = 20_000


class Journal:
    """Updates from arrival to answer.

    An update is open while it has a body. Once its turn is over, the reply stands beside it, part
    by part removed as it is sent; so neither the turn nor a sent part is repeated after a restart.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use an open store."""
        self._db = connection
        self._added = 0

    def add(self, update_id: int, chat: int, body: str) -> bool:
        """Write down an update; false if it is known already."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO updates (id, chat, body, received) VALUES (?, ?, ?, ?)",
            (update_id, chat, body, time.time()),
        )
        self._added += 1
        if self._added % 1000 == 0:
            self._forget_old()
        return cursor.rowcount == 1

    def begin(self, update_id: int) -> bool:
        """Count an attempt; false, and closed, if it has already failed too often."""
        self._db.execute("UPDATE updates SET attempts = attempts + 1 WHERE id = ?", (update_id,))
        row = self._db.execute("SELECT attempts FROM updates WHERE id = ?", (update_id,)).fetchone()
        if row and row[0] > MAX_ATTEMPTS:
            self.close(update_id)
            return False
        return True

    def answer(self, update_id: int, reply: str) -> None:
        """Keep what is left to send."""
        self._db.execute("UPDATE updates SET reply = ? WHERE id = ?", (reply, update_id))

    def close(self, update_id: int) -> None:
        """Forget the contents of an update, but not that it was here."""
        self._db.execute("UPDATE updates SET body = NULL, reply = NULL WHERE id = ?", (update_id,))

    def open_updates(self) -> Iterator[tuple[int, str, str | None]]:
        """Yield id, body and unsent reply of what a former run left over, oldest first."""
        yield from self._db.execute(
            "SELECT id, body, reply FROM updates WHERE body IS NOT NULL ORDER BY id"
        ).fetchall()

    def waiting(self) -> int:
        """Return how many updates are open."""
        query = "SELECT count(*) FROM updates WHERE body IS NOT NULL"
        return int(self._db.execute(query).fetchone()[0])

    def _forget_old(self) -> None:
        self._db.execute(
            "DELETE FROM updates WHERE body IS NULL AND id < (SELECT max(id) FROM updates) - ?",
            (_REMEMBERED,),
        )
