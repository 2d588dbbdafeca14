"""Fathom on Telegram.

Start at ``TelegramInput``, which puts the parts together. An update goes from ``polling`` or
``webhook`` through ``exchange`` (written down in ``journal``, put in order by ``dispatcher``) and
``updates`` (what is it?) to ``answers`` (``turns`` asks the assistant, ``tables`` reads files), and
back through ``parts`` and ``render`` to ``delivery``. ``supervisor`` keeps it alive and ``health``
tells.
"""

from __future__ import annotations

from bot.channels.telegram.input import TelegramInput
from bot.channels.telegram.launch import channel, check, username
from bot.channels.telegram.settings import Mode, TelegramSettings, is_configured

__all__ = [
    "Mode",
    "TelegramInput",
    "TelegramSettings",
    "channel",
    "check",
    "is_configured",
    "username",
]
