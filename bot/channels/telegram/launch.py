"""Make the channel of the environment, and look at it before a server starts."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram import client, redaction
from bot.channels.telegram.attempts import UNREADABLE
from bot.channels.telegram.input import TelegramInput
from bot.channels.telegram.settings import OFFICIAL_API, Mode, TelegramSettings
from bot.settings import Settings, SettingsError

# Seconds to wait for an answer at the start; the channel itself is more patient.
_PATIENCE = 8.0


def channel(settings: Settings) -> TelegramInput:
    """Return the channel as the environment describes it.

    Raises:
        SettingsError: if a setting is missing or cannot be used.
    """
    from actions import feedback, pictures
    from bot.channels.telegram.quiz import subjects

    # Whether it is receiving is worth a line, and no line of this package holds people's words.
    logging.getLogger("bot.channels.telegram").setLevel(logging.INFO)
    # PTB's debug lines do hold them.
    logging.getLogger("telegram").setLevel(logging.WARNING)
    return TelegramInput(
        TelegramSettings.from_environment(),
        settings.home,
        pictures.folder,
        subjects,
        feedback.record_thumb,
    )


def check() -> None:
    """Look at the settings and try the token, before minutes of loading.

    A server that cannot be reached is no error: the channel will go on trying.

    Raises:
        SettingsError: if Telegram refuses the token, or a setting cannot be used.
    """
    settings = TelegramSettings.from_environment()
    if settings.mode is Mode.POLLING and int(os.environ.get("SANIC_WORKERS") or 1) > 1:
        raise SettingsError("polling needs a single worker; set SANIC_WORKERS=1 or use a webhook")
    # asyncio.run would leave the thread without the loop that Sanic and Rasa ask for later.
    loop = asyncio.new_event_loop()
    try:
        name = loop.run_until_complete(asyncio.wait_for(username(settings), _PATIENCE))
        print(f"fathom: the bot is @{name}", file=sys.stderr)
    except InvalidToken as error:
        also = "" if settings.api_base_url == OFFICIAL_API else " and TELEGRAM_API_BASE_URL"
        raise SettingsError(
            f"Telegram refuses the token; check TELEGRAM_BOT_TOKEN{also}"
        ) from error
    except (TelegramError, asyncio.TimeoutError, *UNREADABLE):
        print("fathom: Telegram cannot be reached yet; trying again", file=sys.stderr)
    finally:
        loop.close()


async def username(settings: TelegramSettings) -> str:
    """Return the bot's name, which proves the token.

    Raises:
        telegram.error.InvalidToken: if Telegram refuses the token.
        telegram.error.NetworkError: if it cannot be reached.
    """
    redaction.install(settings.token.reveal())
    bot = client.create(settings)
    try:
        await bot.initialize()
        return bot.username
    except TelegramError as error:
        # PTB's own text holds the token.
        error.message = redaction.redact(error.message)
        error.args = (error.message,)
        raise error from None
    finally:
        await bot.shutdown()
