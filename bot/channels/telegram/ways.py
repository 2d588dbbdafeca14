"""The ways to send a part: the best one, and simpler ones for when that is refused."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from telegram import InputFile, Message
from telegram.constants import ParseMode

from bot.channels.telegram import pictures
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.reply import Part, Poll

logger = logging.getLogger(__name__)

# Takes where to send to, and whether to format.
Way = Callable[[dict[str, Any], bool], Awaitable[Message]]


class Ways:
    """Requests for parts, not sent yet."""

    def __init__(self, bot: TelegramBot, folder: Callable[[], Path]) -> None:
        """Use a started bot; ``folder`` names where pictures are."""
        self._bot = bot
        self._folder = folder
        self._files: dict[str, str] = {}

    def remember(self, picture: str, file: str) -> None:
        """Note under which id Telegram keeps a picture, so that it is uploaded once."""
        self._files[picture] = file

    def forget(self, picture: str) -> bool:
        """Forget a kept picture, which Telegram may have dropped; false if it was not kept."""
        return self._files.pop(picture, None) is not None

    def of(self, part: Part) -> list[Way]:
        """Return how a part can be sent, the best way first."""
        caption = bool(part.html or part.buttons)
        if part.poll:
            return [self._poll(part.poll), self._text(part)]
        if part.document:
            content = part.content.encode("utf-8")
            document = self._document(part, content, part.document)
            return [document, self._text(part)] if caption else [document]
        if part.picture:
            try:
                picture = pictures.load(part.picture, self._folder())
            except pictures.PictureError as error:
                logger.error("A picture cannot be sent: %s", error)
                return [self._text(part)]
            ways = [self._photo(part, picture.content)] if picture.photo else []
            ways.append(self._document(part, picture.content, picture.name))
            return [*ways, self._text(part)] if caption else ways
        return [self._text(part)]

    def _text(self, part: Part) -> Way:
        question = "\n".join((part.poll.question, *part.poll.options)) if part.poll else "…"

        async def send(where: dict[str, Any], formatted: bool) -> Message:
            words = (part.html if formatted else part.plain) or question
            mode = ParseMode.HTML if formatted and part.html else None
            return await self._bot.send_message(text=words, parse_mode=mode, **where)

        return send

    def _photo(self, part: Part, content: bytes) -> Way:
        async def send(where: dict[str, Any], formatted: bool) -> Message:
            known = self._files.get(part.picture) if formatted else None
            return await self._bot.send_photo(
                photo=known or InputFile(content, filename=part.picture),
                **_caption(part, formatted),
                **where,
            )

        return send

    def _document(self, part: Part, content: bytes, name: str) -> Way:
        async def send(where: dict[str, Any], formatted: bool) -> Message:
            file = InputFile(content, filename=name)
            return await self._bot.send_document(
                document=file, **_caption(part, formatted), **where
            )

        return send

    def _poll(self, poll: Poll) -> Way:
        async def send(where: dict[str, Any], formatted: bool) -> Message:
            return await self._bot.send_poll(
                question=poll.question,
                options=poll.options,
                type="quiz",
                correct_option_ids=[poll.correct],  # type: ignore[list-item]
                explanation=poll.explanation,
                is_anonymous=True,
                # Servers older than Bot API 9.6 know only one right answer.
                api_kwargs={"correct_option_id": poll.correct},
                **where,
            )

        return send


def _caption(part: Part, formatted: bool) -> dict[str, Any]:
    words = part.html if formatted else part.plain
    return {"caption": words or None, "parse_mode": ParseMode.HTML if formatted else None}
