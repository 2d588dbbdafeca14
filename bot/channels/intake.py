"""What happens to a person's text before it reaches the assistant, in every channel."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 10_000

# Everything in Unicode's "Other" category except line breaks, tabs and the joiners of emoji.
_KEPT = {"\n", "\t", "\u200d", "\ufe0f"}
_SENDER = re.compile(r"[A-Za-z0-9_-]{1,64}")


def clean(text: str) -> str:
    """Return text that can be stored and understood.

    Control characters, NUL and lone surrogates go (a database may refuse them), letters are
    composed (NFC), and anything far over the limit is cut: one character over it is left, so
    that the assistant can tell and say so.
    """
    text = text[: MAX_CHARACTERS * 4].replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(
        character
        for character in text
        if character in _KEPT or not unicodedata.category(character).startswith("C")
    )
    return unicodedata.normalize("NFC", text).strip()[: MAX_CHARACTERS + 1]


def is_sender(value: object) -> bool:
    """Whether a value can name a conversation."""
    return isinstance(value, str) and _SENDER.fullmatch(value) is not None
