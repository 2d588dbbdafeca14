"""The channel's own sentences, which stand in wording.yml beside this file."""

from __future__ import annotations

from typing import Any

from bot.channels.wording import sentences


def say(name: str, **values: Any) -> str:
    """Return a sentence filled with values; KeyError if there is none or a value is missing."""
    return sentences(__file__)[name].format(**values).strip()
