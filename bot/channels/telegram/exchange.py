"""From an update to its answer: written down, put in order, answered, sent."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any

from telegram import Update

from bot.channels.telegram import files, updates, wording
from bot.channels.telegram import reply as parts
from bot.channels.telegram.answers import Answers
from bot.channels.telegram.attempts import UNREADABLE
from bot.channels.telegram.buttons import ButtonStore
from bot.channels.telegram.client import TelegramBot, complete
from bot.channels.telegram.courtesy import acknowledge, typing
from bot.channels.telegram.delivery import Delivery, Outcome
from bot.channels.telegram.dispatcher import Dispatcher
from bot.channels.telegram.journal import Journal
from bot.channels.telegram.output import Message
from bot.channels.telegram.reply import Button, Kind, Part
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.tables import Tables
from bot.channels.telegram.updates import Incoming, Origin, Press, Upload, Words

logger = logging.getLogger(__name__)

MOST_WAITING = 500
_ANSWER_FIRST = 2.0
# Seconds before each offer of an answer that may be lost, as long as it may be lost as well.
OFFERS = (0.0, 2.0, 10.0)


class Exchange:
    """Take updates in, from whichever transport, and see each through."""

    def __init__(
        self,
        settings: TelegramSettings,
        bot: TelegramBot,
        journal: Journal,
        buttons: ButtonStore,
        delivery: Delivery,
        answers: Answers,
    ) -> None:
        """Use the parts of the channel."""
        self._settings = settings
        self._bot = bot
        self._journal = journal
        self._buttons = buttons
        self._delivery = delivery
        self._answers = answers
        self._dispatcher = Dispatcher()
        self._tables = Tables(bot, delivery, answers.download)
        self._read_beside: set[int] = set()

    def receive(self, raw: dict[str, Any]) -> bool:
        """Take an update as Telegram sends it; false if there is nothing to do about it."""
        update, incoming = self._read(raw)
        if update is None or incoming is None or not self._welcome(incoming.origin):
            return False
        key = updates.key(update)
        if self._dispatcher.waiting(key) >= MOST_WAITING:
            logger.warning("A chat sends faster than it can be answered; an update is dropped")
            return False
        number = self._journal.add(update.update_id, json.dumps(raw, sort_keys=True))
        if number is None:
            return False
        self._start(number, key, incoming, None)
        return True

    def resume(self) -> int:
        """Go on with what a former run left over; return how many updates."""
        count = 0
        for number, body, reply in self._journal.open_updates():
            update, incoming = self._read(json.loads(body))
            if update is None or incoming is None:
                self._journal.close(number)
                continue
            self._start(number, updates.key(update), incoming, reply)
            count += 1
        return count

    async def send_now(self, origin: Origin, messages: list[Message]) -> None:
        """Send what comes from outside a turn, behind what its chat still waits for."""
        reply = parts.compose(messages)
        self._dispatcher.put(origin.chat, lambda: self._send_all(reply, origin))

    async def drain(self, seconds: float) -> None:
        """Finish what is under way; what is not is taken up at the next start."""
        await self._dispatcher.drain(seconds)
        self._tables.cancel()
        for number in self._read_beside:
            self._journal.forgive(number)

    async def idle(self) -> None:
        """Wait until everything taken in is answered."""
        await self._dispatcher.idle()
        await self._tables.idle()

    def waiting(self) -> int:
        """Return how many updates are not answered yet."""
        return self._journal.waiting()

    def _read(self, raw: dict[str, Any]) -> tuple[Update | None, Incoming | None]:
        try:
            complete(raw)
            try:
                update = Update.de_json(raw, self._bot)
            except UNREADABLE:
                # Something around the words has an unknown form; the words may do.
                update = Update.de_json(updates.bare(raw), self._bot)
            message = update.message
            if message and message.migrate_to_chat_id:
                self._delivery.moved(message.chat.id, message.migrate_to_chat_id)
            return update, updates.read(update, self._bot.bot)
        except Exception as error:
            # Whatever one update holds, the next must be read.
            logger.error("An update could not be read: %s", type(error).__name__)
            return None, None

    def _welcome(self, origin: Origin) -> bool:
        if self._settings.welcomes(origin.chat, origin.private):
            return True
        if self._delivery.was_moved(origin.chat):
            return True
        logger.debug("A chat that is not on the list was ignored")
        return False

    def _start(self, number: int, key: int, incoming: Incoming, reply: str | None) -> None:
        self._delivery.blocked.discard(incoming.origin.chat)
        first: asyncio.Task[None] | None = None
        if isinstance(incoming, Press):
            # Telegram shows a waiting button until it is answered; the turn may take its time.
            first = asyncio.create_task(acknowledge(self._bot, self._buttons, incoming))
        self._dispatcher.put(key, lambda: self._see_through(number, incoming, reply, first))

    async def _see_through(
        self,
        number: int,
        incoming: Incoming,
        reply: str | None,
        first: asyncio.Task[None] | None,
    ) -> None:
        if reply is not None:
            await self._deliver(number, parts.load(reply), incoming.origin)
            return
        if not self._journal.begin(number):
            logger.error("Update %d failed twice and is given up", number)
            await self._delivery.send(parts.text(wording.say("given_up")), incoming.origin)
            return
        if isinstance(incoming, Upload) and files.kind(incoming.name) == "csv":
            # A table is read beside the chat, which stays free for other messages.
            self._read_beside.add(number)
            await self._tables.start(
                incoming, lambda answer: self._hand_over(number, answer, incoming)
            )
            return
        try:
            answer = await self._answer(incoming)
        except Exception:
            # The person is told, the log has the reason, and the next update is answered.
            logger.exception("An update could not be answered")
            answer = [parts.text(wording.say("trouble"))]
        self._journal.answer(number, parts.dump(answer))
        if first is not None:
            await asyncio.wait({first}, timeout=_ANSWER_FIRST)
        await self._deliver(number, answer, incoming.origin)

    async def _hand_over(self, number: int, answer: list[Part], incoming: Incoming) -> None:
        self._read_beside.discard(number)
        self._journal.answer(number, parts.dump(answer))
        await self._deliver(number, answer, incoming.origin)

    async def _answer(self, incoming: Incoming) -> list[Part]:
        if isinstance(incoming, Press) and not self._answers.can(incoming):
            return []
        if isinstance(incoming, Words | Press | Upload):
            async with typing(self._bot, incoming.origin):
                return await self._answers.to(incoming)
        return await self._answers.to(incoming)

    async def _deliver(self, number: int, reply: list[Part], origin: Origin) -> None:
        """Send a reply part by part, keeping for after a crash what was not sent.

        A part whose sending was begun is kept as tried: it is offered again, not sent again.
        """
        unclear: list[Part] = []
        for index, part in enumerate(reply):
            if part.tried:
                unclear.append(replace(part, tried=False))
                continue

            def note(tried: bool, index: int = index) -> None:
                left = [
                    *map(_tried, unclear),
                    replace(reply[index], tried=tried),
                    *reply[index + 1 :],
                ]
                self._journal.answer(number, parts.dump(left))

            receipt = await self._delivery.send(part, origin, note)
            if receipt.outcome is Outcome.UNCERTAIN:
                unclear.append(part)
            self._journal.answer(number, parts.dump([*map(_tried, unclear), *reply[index + 1 :]]))
        self._journal.close(number)
        if unclear:
            await self._offer_again(unclear, origin)

    async def _send_all(self, reply: list[Part], origin: Origin) -> None:
        for part in reply:
            await self._delivery.send(part, origin)

    async def _offer_again(self, unclear: list[Part], origin: Origin) -> None:
        """Let the person decide whether an answer is to be sent again: only they can see.

        The offer itself may come twice; an answer never does.
        """
        button = Button(wording.say("uncertain_button"), parts.dump(unclear), Kind.RECALL)
        offer = parts.text(wording.say("uncertain"), button)
        for pause in OFFERS:
            await asyncio.sleep(pause)
            receipt = await self._delivery.send(offer, origin)
            if receipt.outcome is not Outcome.UNCERTAIN:
                return


def _tried(part: Part) -> Part:
    return replace(part, tried=True)
