"""What a button does, kept here under a short token: Telegram carries at most 64 bytes."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections import deque
from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.reply import Button, Kind, Origin

LIFETIME = 7 * 24 * 3600.0
_REMEMBERED = 500
_ROW_WIDTH, _ROW_LENGTH = 30, 3


class ForeignError(LookupError):
    """The button belongs to another person or chat."""


class ExpiredError(LookupError):
    """The button was pressed before, is too old, or was never ours."""


class ButtonStore:
    """Issue tokens and accept each once."""

    def __init__(self, connection: sqlite3.Connection, lifetime: float = LIFETIME) -> None:
        """Use an open store; ``lifetime`` is in seconds."""
        self._db = connection
        self._lifetime = lifetime
        self._pressed: deque[str] = deque(maxlen=_REMEMBERED)

    def issue(self, chat: int, user: int | None, buttons: Sequence[Button]) -> list[str]:
        """Return one token a button, for this chat and, where given, this person only."""
        now, keyboard = time.time(), secrets.token_urlsafe(8)
        self._db.execute("DELETE FROM buttons WHERE expires < ?", (now,))
        tokens = [secrets.token_urlsafe(12) for _ in buttons]
        self._db.executemany(
            "INSERT INTO buttons VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    token,
                    keyboard,
                    chat,
                    user,
                    button.kind.value,
                    button.payload,
                    now + self._lifetime,
                )
                for token, button in zip(tokens, buttons, strict=True)
            ],
        )
        return tokens

    def look(self, token: str, chat: int, user: int) -> Button:
        """Return what a token stands for.

        Raises:
            ForeignError: if another person or chat presses.
            ExpiredError: if it cannot be used any more.
        """
        row = self._db.execute(
            "SELECT chat, user, kind, payload, expires FROM buttons WHERE token = ?", (token,)
        ).fetchone()
        if row is None:
            raise ExpiredError(token)
        owner_chat, owner, kind, payload, expires = row
        if owner_chat != chat or owner not in (None, user):
            raise ForeignError(token)
        if expires < time.time():
            raise ExpiredError(token)
        return Button("", payload, Kind(kind))

    def is_first(self, token: str) -> bool:
        """Whether a token is pressed for the first time; a quick finger presses twice."""
        if token in self._pressed:
            return False
        self._pressed.append(token)
        return True

    def use(self, token: str) -> None:
        """Use up a token and every button of its keyboard.

        Thumbs stand on their own: they do not use up the rest, nor the rest them.
        """
        self._db.execute(
            "DELETE FROM buttons WHERE (keyboard, kind = :thumb) IN "
            "(SELECT keyboard, kind = :thumb FROM buttons WHERE token = :token)",
            {"token": token, "thumb": Kind.FEEDBACK.value},
        )

    def move(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup."""
        self._db.execute("UPDATE buttons SET chat = ? WHERE chat = ?", (new, old))

    def forget(self, chat: int, user: int) -> None:
        """Drop the buttons of a person in a chat."""
        self._db.execute(
            "DELETE FROM buttons WHERE chat = ? AND (user IS NULL OR user = ?)", (chat, user)
        )


def markup(
    store: ButtonStore, buttons: Sequence[Button], origin: Origin, chat: int
) -> InlineKeyboardMarkup | None:
    """Return buttons laid out for a chat, in a group for its person only."""
    if not buttons:
        return None
    # An anonymous admin presses under their own name.
    free = origin.private or origin.anonymous
    user = None if free else origin.user
    tokens = store.issue(chat, user, buttons)
    rows: list[list[InlineKeyboardButton]] = []
    width, last = 0, None
    for button, token in zip(buttons, tokens, strict=True):
        width += len(button.title)
        # What is about the answer itself stands apart from where to go next.
        apart = (button.kind is Kind.TEXT) != (last is Kind.TEXT)
        if not rows or apart or width > _ROW_WIDTH or len(rows[-1]) == _ROW_LENGTH:
            rows.append([])
            width = len(button.title)
        rows[-1].append(InlineKeyboardButton(button.title, callback_data=token))
        last = button.kind
    return InlineKeyboardMarkup(rows)
