"""From an update to its answer: written down, put in order, answered, sent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from typing import Any, cast

from telegram import BotCommand, CallbackQuery, Update
from telegram.ext import Application, SimpleUpdateProcessor, TypeHandler

from bot.channels.telegram import reply, wording
from bot.channels.telegram.assistant import Message
from bot.channels.telegram.attempts import UNREADABLE, Delivery, UncertainError, attempt
from bot.channels.telegram.client import TelegramBot, complete
from bot.channels.telegram.handlers import MENU, Arrival, Handlers
from bot.channels.telegram.reply import Button, Origin, Part
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.store import MAX_ATTEMPTS, Store

logger = logging.getLogger(__name__)

MOST_WAITING = 500
# Seconds before each offer of an answer that may be lost: the offer may be lost, too.
OFFERS = (0.0, 2.0, 10.0)
# More places than there can be updates: one busy chat could take all of a smaller number.
_PLACES = 2**30
# Seconds that what was broken off has to end.
_LAST = 3.0


class InOrder(SimpleUpdateProcessor):
    """Work on the updates of a chat one after the other, on those of other chats meanwhile.

    PTB's own processors work on all at once, which mixes the order, or on one, and chats wait.
    """

    def __init__(self) -> None:
        super().__init__(_PLACES)
        self._locks: dict[int, asyncio.Lock] = {}
        self.running: set[asyncio.Task[None]] = set()
        self.waiting: Counter[int] = Counter()
        self.closed = False

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the turn of an update, unless it is left for the next start."""
        arrival, job = cast(Arrival, update), cast(Coroutine[Any, Any, Any], coroutine)
        task, chat = cast("asyncio.Task[None]", asyncio.current_task()), arrival.origin.chat
        lock = asyncio.Lock() if arrival.beside else self._locks.setdefault(chat, asyncio.Lock())
        try:
            async with lock:
                if not self.closed:
                    self.running.add(task)
                    await job
        finally:
            self.running.discard(task)
            job.close()
            self.waiting[chat] -= 1
            if self.waiting[chat] <= 0:
                del self.waiting[chat]
                self._locks.pop(chat, None)


class Exchange:
    """Take updates in, from whichever transport, and see each through."""

    def __init__(
        self,
        settings: TelegramSettings,
        bot: TelegramBot,
        store: Store,
        delivery: Delivery,
        handlers: Handlers,
        alone: bool,
    ) -> None:
        """Send with ``delivery`` what ``handlers`` answer.

        Where no other process receives this bot's updates, it goes on with those of the last run.
        """
        self._settings, self._bot, self._store = settings, bot, store
        self._delivery, self._handlers, self._alone = delivery, handlers, alone
        self._order = InOrder()
        builder = Application.builder().bot(bot).updater(None).job_queue(None)
        self.application = builder.concurrent_updates(self._order).build()
        self.application.add_handler(TypeHandler(Arrival, self._see_through))

    async def start(self) -> None:
        """Learn the bot's own name, which says whether a group's message is for it, and begin."""
        await self.application.initialize()
        if self.application.running:
            return
        await self.application.start()
        left = self._store.open_updates() if self._alone else []
        for number, body in left:
            if arrival := self._read(json.loads(body)):
                self._queue(replace(arrival, number=number))
            else:
                self._store.close(number)
        if left:
            logger.info("Telegram: going on with %d updates of the last run", len(left))
        menu = [BotCommand(name, wording.say(f"command_{name}")) for name in MENU]
        self.application.create_task(attempt(self._bot.set_my_commands(menu)))

    async def stop(self, seconds: float) -> None:
        """Finish what is under way; what is not is taken up at the next start."""
        self._order.closed = True
        self._handlers.tables.cancel()
        if self.application.running:
            # PTB waits for everything, however long it takes.
            stopping = asyncio.create_task(self.application.stop())
            await asyncio.wait({stopping}, timeout=seconds)
            await cancelled(*self._order.running)
            await asyncio.wait({stopping}, timeout=_LAST)
        await self.application.shutdown()

    def receive(self, raw: dict[str, Any]) -> None:
        """Write an update down and queue it, if it is one to answer from one who may talk."""
        arrival = self._read(raw)
        if arrival is None:
            return
        chat, private = arrival.origin.chat, arrival.origin.private
        if not self._settings.welcomes(chat, private) and chat not in self._store.moves.values():
            logger.debug("A chat that is not on the list was ignored")
        elif self._order.waiting[chat] >= MOST_WAITING:
            logger.warning("A chat sends faster than it can be answered; an update is dropped")
        elif number := self._store.add(raw["update_id"], json.dumps(raw, sort_keys=True)):
            self._queue(replace(arrival, number=number))

    def send_now(self, origin: Origin, messages: list[Message]) -> None:
        """Send what comes from outside a turn, behind what its chat still waits for."""
        self._queue(Arrival(messages, origin, self._handlers.outside))

    def _read(self, raw: dict[str, Any]) -> Arrival | None:
        """Return an update if there is somebody to answer it."""
        try:
            complete(raw)
            try:
                update = Update.de_json(raw, self._bot)
            except UNREADABLE:
                # Something around the words has an unknown form; the words may do.
                update = Update.de_json(_bare(raw), self._bot)
            message = update.message
            if message and message.migrate_to_chat_id:
                self._store.move(message.chat.id, message.migrate_to_chat_id)
            return self._handlers.read(update)
        except Exception as error:
            # Whatever one update holds, the next must be read.
            logger.error("An update could not be read: %s", type(error).__name__)
            return None

    def _queue(self, arrival: Arrival) -> None:
        self._order.waiting[arrival.origin.chat] += 1
        if isinstance(arrival.what, CallbackQuery):
            self.application.create_task(self._handlers.notice(arrival.origin, arrival.what))
        self.application.update_queue.put_nowait(arrival)

    async def _see_through(self, arrival: Arrival, _: object) -> None:
        try:
            parts = await self._answer(arrival)
        except asyncio.CancelledError:
            if not self._order.closed:
                self._store.close(arrival.number)  # the person cancelled it
            elif arrival.beside:
                self._store.forgive(arrival.number)
            raise
        await self._deliver(arrival.number, parts, arrival.origin)

    async def _answer(self, arrival: Arrival) -> list[Part]:
        """Make an answer, unless a former run did."""
        attempts, left = self._store.begin(arrival.number)
        if left is not None:
            return reply.load(left)
        if attempts > MAX_ATTEMPTS:
            logger.error("Update %d failed twice and is given up", arrival.number)
            return [reply.say("given_up")]
        try:
            return await self._handlers.answer(arrival)
        except Exception:
            # The person is told, the log has the reason, and the next update is answered.
            logger.exception("An update could not be answered")
            return [reply.say("trouble")]

    async def _deliver(self, number: int, parts: list[Part], origin: Origin) -> None:
        """Send a reply part by part, keeping for after a crash what was not sent.

        A part whose sending was begun is kept as tried: it is offered again, not sent again.
        """
        unclear = [part for part in parts if part.tried]
        left = [part for part in parts if not part.tried]

        def keep(tried: bool = False) -> None:
            now = replace(left[0], tried=tried)
            self._store.answer(number, reply.dump([*unclear, now, *left[1:]]))

        while left:
            keep()
            try:
                await self._delivery.send(left[0], origin, keep)
            except UncertainError:
                unclear.append(replace(left[0], tried=True))
            left.pop(0)
        self._store.close(number)
        if unclear:
            await self._offer_again([replace(part, tried=False) for part in unclear], origin)

    async def _offer_again(self, unclear: list[Part], origin: Origin) -> None:
        """Let the person decide whether an answer is to be sent again: only they can see.

        The offer itself may come twice; an answer never does. A table and a person's own data are
        not kept for that: they are made again.
        """
        button = Button(wording.say("uncertain_button"), reply.dump(unclear), "recall")
        if source := next((part.source for part in unclear if part.source), ""):
            kind: reply.Kind = "say" if source == reply.EXPORT else "table"
            button = replace(button, payload=source, kind=kind)
        for pause in OFFERS:
            await asyncio.sleep(pause)
            try:
                await self._delivery.send(reply.say("uncertain", button), origin)
                return
            except UncertainError:
                continue


async def cancelled(*tasks: asyncio.Task[None], again: float = 0.5) -> None:
    """Cancel tasks for certain: Python 3.10's ``wait_for`` can swallow a cancellation."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=again)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            logger.error("Telegram: %s", error, exc_info=error)


def _bare(raw: dict[str, Any]) -> dict[str, Any]:
    """Return an update with no more than who says what where; KeyError if it is no message."""
    message = raw["message"]
    kept = {name: message[name] for name in ("message_id", "date", "chat") if name in message}
    kept["from"] = {"is_bot": False, "first_name": "", **message["from"]}
    words = message.get("text") or message.get("caption")
    # A die stands for all that has no words and is answered with what can be read.
    said = {"text": words} if isinstance(words, str) else {"dice": {"emoji": "", "value": 1}}
    return {"update_id": raw["update_id"], "message": {**kept, **said}}
