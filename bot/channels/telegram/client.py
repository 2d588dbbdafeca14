"""The Bot API client: PTB's, with a hidden token and this channel's limits."""

from __future__ import annotations

from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.channels.telegram.limiter import ChatLimiter
from bot.channels.telegram.settings import TelegramSettings

POOL = 64


class TelegramBot(ExtBot[int]):
    """A bot that does not show its token."""

    def __repr__(self) -> str:
        """Return the name without the token, which PTB would show."""
        return f"TelegramBot({self._bot_user.name if self._bot_user else 'not started'})"


def create(settings: TelegramSettings) -> TelegramBot:
    """Return a client that has not connected yet.

    A send waits long for its answer, because after a time-out nobody knows whether it arrived.
    """
    return TelegramBot(
        token=settings.token.reveal(),
        base_url=f"{settings.api_base_url}/bot",
        base_file_url=f"{settings.api_base_url}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=POOL,
            connect_timeout=10,
            read_timeout=30,
            write_timeout=30,
            pool_timeout=30,
        ),
        get_updates_request=HTTPXRequest(connection_pool_size=2, connect_timeout=10),
        rate_limiter=ChatLimiter(),
    )
