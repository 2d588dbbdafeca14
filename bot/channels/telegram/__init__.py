"""Fathom on Telegram, built on python-telegram-bot.

The way of an update:

1. ``polling`` asks for it, or is posted it; ``handlers`` tell by PTB's filters what kind of message
   it is, and ``exchange`` has ``store`` write it down.
2. PTB's ``Application`` takes it from its queue; ``exchange.InOrder`` keeps each chat in order.
3. A method of ``handlers`` answers: asks the ``assistant``, reads ``tables``, makes a ``quiz``.
4. ``reply`` makes parts of the answer that Telegram accepts; ``store`` keeps them.
5. ``attempts`` sends part by part, never twice; ``exchange`` offers what may be lost.

``supervisor`` puts this together and keeps it alive, and ``health`` tells.
"""

from __future__ import annotations

import logging

from bot.channels.telegram.client import check
from bot.channels.telegram.settings import Mode, TelegramSettings, is_configured
from bot.channels.telegram.supervisor import TelegramInput
from bot.settings import Settings

__all__ = ["Mode", "TelegramInput", "TelegramSettings", "channel", "check", "is_configured"]


def channel(settings: Settings) -> TelegramInput:
    """Return the channel as the environment describes it.

    Raises:
        SettingsError: if a setting is missing or cannot be used.
    """
    from actions import pictures
    from bot.channels.telegram.quiz import subjects

    # Whether it is receiving is worth a line, and no line of this package holds people's words.
    logging.getLogger("bot.channels.telegram").setLevel(logging.INFO)
    # PTB's debug lines do hold them.
    logging.getLogger("telegram").setLevel(logging.WARNING)
    chosen = TelegramSettings.from_environment()
    return TelegramInput(chosen, settings.home, pictures.folder, subjects)
