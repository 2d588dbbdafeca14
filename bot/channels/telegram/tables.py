"""Files that people send: a review as text, or a table of them, labelled beside everything else."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from telegram.error import BadRequest

from bot.channels.telegram import reply, wording
from bot.channels.telegram.attempts import (
    FAILURES,
    Delivery,
    UncertainError,
    attempt,
    carry_out,
)
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.reply import Origin, Part
from bot.files import sheet
from bot.files.bulk import judge
from bot.files.encodings import encoding_of
from bot.files.errors import TableError
from bot.files.sheet import Sheet

logger = logging.getLogger(__name__)

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
# In the table that goes back every row is as wide as the widest.
MAX_CELLS = 1_000_000
_CHUNK = 25
# Telegram wants few edits of one message.
_BETWEEN_EDITS = 3.0


class FileError(Exception):
    """The file cannot be used; the part, of a sentence by its name, says why."""

    def __init__(self, sentence: str, **values: int) -> None:
        super().__init__(wording.say(sentence, **values))
        self.part = reply.say(sentence, **values)


async def fetch(bot: TelegramBot, file: str, size: int | None) -> str:
    """Return the text of an uploaded file, of a size that Telegram may have said beforehand.

    FileError if it cannot be fetched, is too large, empty or not text.
    """
    _check_size(size)
    try:
        found = await bot.get_file(file)
        _check_size(found.file_size)
        content = await carry_out(found.download_as_bytearray, reading=True)
    except (*FAILURES, RuntimeError) as error:
        logger.warning("A file could not be fetched: %s", type(error).__name__)
        if isinstance(error, BadRequest) and "too big" in error.message.lower():
            _check_size(MAX_BYTES + 1)
        raise FileError("file_unreadable") from error
    return decode(bytes(content))


def decode(content: bytes) -> str:
    """Return the text of a file; FileError if it is too large, empty or not text."""
    _check_size(len(content))
    text = content.decode(encoding_of(io.BytesIO(content)), "replace")
    if text.strip() and "\0" not in text:
        return text
    raise FileError("file_empty")


def _check_size(size: int | None) -> None:
    if (size or 0) > MAX_BYTES:
        raise FileError("file_too_large", limit_mb=MAX_BYTES // 2**20)


def table(text: str) -> Sheet:
    """Read a table of reviews; FileError if there are none or too many."""
    try:
        found = sheet.read(text)
    except TableError as error:
        raise FileError("csv_no_reviews") from error
    if len(found.rows) > MAX_ROWS:
        raise FileError("csv_too_many", rows=len(found.rows), limit=MAX_ROWS)
    if (width := len(found.header)) * len(found.rows) > MAX_CELLS:
        raise FileError("csv_too_wide", cells=width)
    if not any(map(str.strip, found.reviews())):
        raise FileError("csv_no_reviews")
    return found


def classifier() -> Callable[[str], tuple[str, float]]:
    """Return the review model as a function of one text."""
    return lambda text: judge([text])[0][:2]


class Tables:
    """The tables that are being labelled, one at a time for each person."""

    def __init__(self, bot: TelegramBot, delivery: Delivery) -> None:
        self._bot, self._delivery = bot, delivery
        self._tasks: dict[str, asyncio.Task[Any] | None] = {}

    async def label(self, origin: Origin, file: str, size: int | None) -> list[Part]:
        """Return an uploaded table with label and probability, as a document with a caption.

        The model runs beside the event loop, a few reviews at a time.
        """
        owner = origin.conversation
        if owner in self._tasks:
            return [reply.say("csv_busy")]
        self._tasks[owner] = asyncio.current_task()
        try:
            found = await asyncio.to_thread(table, await fetch(self._bot, file, size))
            labels = await self._labels(origin, found.reviews())
        except FileError as error:
            return [error.part]
        except Exception:
            # The model has its own errors; whichever it is, the person is told.
            logger.exception("A table could not be labelled")
            return [reply.say("csv_unavailable")]
        finally:
            del self._tasks[owner]
        counts = Counter(positive=0, negative=0, unsure=0)
        counts.update(label for label, _ in labels)
        caption = reply.say("csv_result", total=len(labels), **counts)
        content = found.with_labels(labels)
        return [replace(caption, document="labelled.csv", content=content, source=file)]

    def cancel(self, owner: str | None = None) -> bool:
        """Stop a person's table, or all; false if there is none."""
        tasks = [task for name, task in self._tasks.items() if task and owner in (None, name)]
        return any([task.cancel() for task in tasks])

    async def _labels(self, origin: Origin, reviews: list[str]) -> list[tuple[str, str]]:
        """Return label and probability of each review; a message shows how far it is."""
        classify, labels = classifier(), list[tuple[str, str]]()
        progress, shown = partial(wording.say, "csv_progress", total=len(reviews)), None
        with suppress(UncertainError):
            shown = await self._delivery.send(
                reply.say("csv_progress", done=0, total=len(reviews)), origin
            )
        told = time.monotonic()
        while len(labels) < len(reviews):
            some = reviews[len(labels) : len(labels) + _CHUNK]
            judged = await asyncio.to_thread(list, map(classify, some))
            labels += ((label, f"{probability:.3f}") for label, probability in judged)
            done = len(labels)
            if shown and (time.monotonic() - told >= _BETWEEN_EDITS or done == len(reviews)):
                told = time.monotonic()
                await attempt(shown.edit_text(progress(done=done)))
        return labels
