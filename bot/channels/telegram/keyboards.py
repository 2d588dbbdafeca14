"""Lay out buttons below a message, each under a token of its own."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.buttons import ButtonStore, Kind
from bot.channels.telegram.parts import Part
from bot.channels.telegram.updates import Origin

_ROW_WIDTH, _ROW_LENGTH = 30, 3


def markup(
    store: ButtonStore, part: Part, origin: Origin, chat: int
) -> InlineKeyboardMarkup | None:
    """Return the keyboard of a part in a chat, in a group for its person only."""
    if not part.buttons:
        return None
    user = None if origin.private else origin.user
    tokens = store.issue(chat, user, list(part.buttons))
    rows: list[list[InlineKeyboardButton]] = []
    width, last = 0, None
    for button, token in zip(part.buttons, tokens, strict=True):
        width += len(button.title)
        # What is about the answer itself stands apart from where to go next.
        apart = (button.kind is Kind.TEXT) != (last is Kind.TEXT)
        if not rows or apart or width > _ROW_WIDTH or len(rows[-1]) == _ROW_LENGTH:
            rows.append([])
            width = len(button.title)
        rows[-1].append(InlineKeyboardButton(button.title, callback_data=token))
        last = button.kind
    return InlineKeyboardMarkup(rows)
