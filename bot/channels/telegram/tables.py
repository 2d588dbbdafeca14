"""Label uploaded tables, one at a time for each chat and beside everything else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import TelegramError

from bot.channels.telegram import bulk, files, parts, wording
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.parts import Part
from bot.channels.telegram.updates import Origin, Upload

logger = logging.getLogger(__name__)

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
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._refusals: set[asyncio.Task[None]] = set()

    def start(self, upload: Upload, finish: Finish) -> None:
        """Label a table and hand the answer to ``finish``."""
        chat = upload.origin.chat
        if chat in self._tasks:
            task = asyncio.create_task(_finished(finish, [parts.text(wording.say("csv_busy"))]))
            self._refusals.add(task)
            task.add_done_callback(self._refusals.discard)
            return
        self._tasks[chat] = asyncio.create_task(self._label(upload, finish))
        self._tasks[chat].add_done_callback(lambda _: self._tasks.pop(chat, None))

    def cancel(self) -> None:
        """Stop; what is not done is taken up at the next start."""
        for task in [*self._tasks.values(), *self._refusals]:
            task.cancel()

    async def idle(self) -> None:
        """Wait until every table is done."""
        while tasks := [*self._tasks.values(), *self._refusals]:
            await asyncio.wait(tasks)

    async def _label(self, upload: Upload, finish: Finish) -> None:
        try:
            content = await self._download(upload)
            table = await asyncio.to_thread(lambda: files.table(files.decode(content)))
            progress = await self._progress(upload.origin, len(table.rows))
            answer = [await bulk.labelled(table, bulk.classifier(), progress)]
        except files.FileError as error:
            answer = [parts.text(wording.say(error.sentence, **error.values))]
        except Exception:
            # The model has its own errors; whichever it is, the person is told.
            logger.exception("A table could not be labelled")
            answer = [parts.text(wording.say("csv_unavailable"))]
        await finish(answer)

    async def _progress(self, origin: Origin, total: int) -> Callable[[str], Awaitable[None]]:
        """Send the progress message and return what changes it."""
        said = wording.say("csv_progress", done=0, total=total)
        receipt = await self._delivery.send(parts.text(said), origin)

        async def change(words: str) -> None:
            try:
                if receipt.message is not None:
                    await self._bot.edit_message_text(
                        words, chat_id=origin.chat, message_id=receipt.message
                    )
            except TelegramError as error:
                logger.debug("The progress message was not changed: %s", error.message)

        return change


async def _finished(finish: Finish, answer: list[Part]) -> None:
    await finish(answer)
