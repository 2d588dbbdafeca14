"""Label uploaded tables, one at a time for each person and beside everything else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from telegram.error import TelegramError

from bot.channels.telegram import files, wording
from bot.channels.telegram import reply as parts
from bot.channels.telegram.attempts import UNREADABLE
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.reply import Part
from bot.channels.telegram.updates import Origin, Upload

logger = logging.getLogger(__name__)

_CHUNK = 25
# Telegram wants few edits of one message.
_BETWEEN_EDITS = 3.0

Classify = Callable[[str], tuple[str, float]]
Progress = Callable[[str], Awaitable[None]]
Finish = Callable[[list[Part]], Awaitable[None]]


class Tables:
    """The tables that are being labelled."""

    def __init__(
        self,
        bot: TelegramBot,
        delivery: Delivery,
        download: Callable[[Upload], Awaitable[bytes]],
    ) -> None:
        """Use a started bot."""
        self._bot = bot
        self._delivery = delivery
        self._download = download
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self, upload: Upload, finish: Finish) -> None:
        """Label a table in a task of its own, which hands the answer to ``finish``."""
        owner = upload.origin.conversation
        if owner in self._tasks:
            await finish([parts.text(wording.say("csv_busy"))])
            return
        self._tasks[owner] = asyncio.create_task(self._label(upload, finish))
        self._tasks[owner].add_done_callback(lambda _: self._tasks.pop(owner, None))

    def cancel(self) -> None:
        """Stop; what is not done is taken up at the next start."""
        for task in self._tasks.values():
            task.cancel()

    async def idle(self) -> None:
        """Wait until every table is done."""
        while tasks := list(self._tasks.values()):
            await asyncio.wait(tasks)

    async def _label(self, upload: Upload, finish: Finish) -> None:
        try:
            content = await self._download(upload)
            table = await asyncio.to_thread(lambda: files.table(files.decode(content)))
            progress = await self._progress(upload.origin, len(table.rows))
            answer = [await labelled(table, classifier(), progress)]
        except files.FileError as error:
            answer = [parts.text(wording.say(error.sentence, **error.values))]
        except Exception:
            # The model has its own errors; whichever it is, the person is told.
            logger.exception("A table could not be labelled")
            answer = [parts.text(wording.say("csv_unavailable"))]
        await finish(answer)

    async def _progress(self, origin: Origin, total: int) -> Progress:
        """Send the progress message and return what changes it."""
        said = wording.say("csv_progress", done=0, total=total)
        receipt = await self._delivery.send(parts.text(said), origin)

        async def change(words: str) -> None:
            try:
                if receipt.message is not None:
                    await self._bot.edit_message_text(
                        words, chat_id=receipt.chat, message_id=receipt.message
                    )
            except (TelegramError, *UNREADABLE) as error:
                logger.debug("The progress message was not changed: %s", error)

        return change


def classifier() -> Classify:
    """Return the review model as a function of one text."""
    from models import review

    def classify(said: str) -> tuple[str, float]:
        verdict = review.classify(said)
        label = "unsure" if verdict.label == "no_opinion" else verdict.label
        return label, verdict.probability

    return classify


async def labelled(table: files.Table, classify: Classify, progress: Progress) -> Part:
    """Return the table with label and probability, as a document with a caption.

    The model runs beside the event loop, a few reviews at a time.
    """
    reviews = table.reviews()
    results: list[tuple[str, str]] = []
    told = time.monotonic()
    for start in range(0, len(reviews), _CHUNK):
        results += await asyncio.to_thread(files.label, reviews[start : start + _CHUNK], classify)
        if time.monotonic() - told >= _BETWEEN_EDITS and len(results) < len(reviews):
            told = time.monotonic()
            await progress(wording.say("csv_progress", done=len(results), total=len(reviews)))
    await progress(wording.say("csv_progress", done=len(reviews), total=len(reviews)))
    counts = Counter(label for label, _ in results)
    positive, negative = counts["positive"], counts["negative"]
    caption = parts.text(
        wording.say(
            "csv_result",
            total=len(results),
            positive=positive,
            negative=negative,
            unsure=len(results) - positive - negative,
        )
    )
    content = table.with_columns(("label", "probability"), results)
    return Part(caption.html, caption.plain, document="labelled.csv", content=content)
