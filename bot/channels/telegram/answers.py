"""What to answer to each kind of update."""

from __future__ import annotations

import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.channels.intake import clean
from bot.channels.telegram import commands, files, quiz, wording
from bot.channels.telegram import reply as parts
from bot.channels.telegram.buttons import ButtonStore, ExpiredError, ForeignError
from bot.channels.telegram.output import Message
from bot.channels.telegram.quiz import Subject
from bot.channels.telegram.reply import Button, Kind, Part
from bot.channels.telegram.turns import Turns
from bot.channels.telegram.updates import (
    Incoming,
    Origin,
    Own,
    Press,
    Unreadable,
    Upload,
    Words,
)

logger = logging.getLogger(__name__)

V = TypeVar("V")
_TOPIC = "utter_concept"
_YES = frozenset({"yes", "y", "yep", "yeah", "sure", "ok", "yes please", "delete", "delete it"})
_NO = frozenset({"no", "n", "nope", "no thanks", "keep it", "cancel", "/cancel"})
_REMEMBERED = 5_000


class Answers:
    """Answer what is not a table.

    ``fetch`` downloads a file, ``erase`` deletes a conversation, ``feedback`` keeps whether an
    answer on a topic was helpful, ``subjects`` are what there can be a quiz about.
    """

    def __init__(
        self,
        turns: Turns,
        buttons: ButtonStore,
        feedback: Callable[[str, bool], None],
        fetch: Callable[[Upload], Awaitable[bytes]],
        erase: Callable[[Origin], Awaitable[None]],
        subjects: Callable[[], Sequence[Subject]],
    ) -> None:
        """Use the assistant and the stores."""
        self._turns = turns
        self._buttons = buttons
        self._feedback = feedback
        self._fetch = fetch
        self._erase = erase
        self._subjects = subjects
        self._read: OrderedDict[str, str] = OrderedDict()
        self._albums: OrderedDict[str, None] = OrderedDict()
        self._asked_to_delete: OrderedDict[str, None] = OrderedDict()
        self._chance = random.Random()

    async def to(self, incoming: Incoming) -> list[Part]:
        """Return the parts of the answer, none if there is nothing to say."""
        asked = incoming.origin.conversation in self._asked_to_delete
        self._asked_to_delete.pop(incoming.origin.conversation, None)
        if isinstance(incoming, Words):
            if asked and (answer := _decision(incoming.texts)) is not None:
                return await self._delete(incoming.origin, answer)
            return await self._say(incoming.origin, incoming.texts)
        if isinstance(incoming, Press):
            return await self._press(incoming)
        if isinstance(incoming, Upload):
            return await self._review(incoming)
        if isinstance(incoming, Own):
            return self._own(incoming)
        return self._unreadable(incoming)

    async def _say(self, origin: Origin, texts: tuple[str, ...]) -> list[Part]:
        messages = await self._turns.say(origin, texts)
        return parts.compose(messages, self._below(origin, messages))

    def _below(self, origin: Origin, messages: list[Message]) -> tuple[Button, ...]:
        """Return thumbs and the quiz, for an answer about a topic."""
        topic = self._topic(messages)
        if topic is None:
            return ()
        _remember(self._read, origin.conversation, topic)
        return (
            Button(wording.say("thumb_up"), f"+{topic}", Kind.FEEDBACK),
            Button(wording.say("thumb_down"), f"-{topic}", Kind.FEEDBACK),
            Button(wording.say("quiz_button"), topic, Kind.QUIZ),
        )

    def _topic(self, messages: list[Message]) -> str | None:
        """Return the topic that the assistant told about, by the title it filled in."""
        titles = {
            message.get("title")
            for message in messages
            if str(message.get("utter_action")).startswith(_TOPIC)
        }
        told = (subject.topic for subject in self._subjects() if subject.title in titles)
        return next(told, None) if titles else None

    def can(self, press: Press) -> bool:
        """Whether a press leads to anything; if not, it was answered already, with the reason."""
        try:
            self._buttons.look(press.token, press.origin.chat, press.origin.user)
        except (ExpiredError, ForeignError):
            return False
        return True

    async def _press(self, press: Press) -> list[Part]:
        origin = press.origin
        button = self._buttons.look(press.token, origin.chat, origin.user)
        answer = await self._pressed(origin, button)
        self._buttons.use(press.token)
        return answer

    async def _pressed(self, origin: Origin, button: Button) -> list[Part]:
        if button.kind is Kind.FEEDBACK:
            helpful, topic = button.payload.startswith("+"), button.payload[1:]
            self._feedback(topic, helpful)
            return []
        if button.kind is Kind.QUIZ:
            return self._quiz(button.payload)
        if button.kind is Kind.RECALL:
            return parts.load(button.payload)
        if button.kind is Kind.DELETE:
            return await self._delete(origin, button.payload == "yes")
        return await self._say(origin, commands.typed(clean(button.payload)))

    async def _review(self, upload: Upload) -> list[Part]:
        try:
            said = files.decode(await self.download(upload))
        except files.FileError as error:
            return [parts.text(wording.say(error.sentence, **error.values))]
        return await self._say(upload.origin, ("/review", commands.harmless(clean(said))))

    async def download(self, upload: Upload) -> bytes:
        """Return the bytes of a file of a kind and size that can be read.

        Raises:
            FileError: if it is not, or cannot be fetched.
        """
        if not files.kind(upload.name):
            raise files.FileError("file_kinds")
        if upload.size is not None and upload.size > files.MAX_BYTES:
            raise files.FileError("file_too_large", limit_mb=files.MAX_BYTES // 2**20)
        return await self._fetch(upload)

    def _own(self, own: Own) -> list[Part]:
        if own.command == "privacy":
            return [parts.text(wording.say("privacy"))]
        if own.command == "quiz":
            return self._quiz(self._read.get(own.origin.conversation, ""))
        _remember(self._asked_to_delete, own.origin.conversation, None)
        if own.origin.anonymous:
            # A press comes under the admin's own name, whose conversation is another one.
            return [parts.text(wording.say("delete_ask_typed"))]
        return [
            parts.text(
                wording.say("delete_ask"),
                Button(wording.say("delete_yes"), "yes", Kind.DELETE),
                Button(wording.say("delete_no"), "no", Kind.DELETE),
            )
        ]

    def _quiz(self, topic: str) -> list[Part]:
        poll = quiz.question(self._subjects(), topic, self._chance)
        return [Part(poll=poll)] if poll else [parts.text(wording.say("quiz_none"))]

    async def _delete(self, origin: Origin, confirmed: bool) -> list[Part]:
        if not confirmed:
            return [parts.text(wording.say("delete_kept"))]
        try:
            await self._erase(origin)
        except Exception:
            # A database has its own kinds of errors; whichever it is, the person must know.
            logger.exception("A conversation could not be deleted")
            return [parts.text(wording.say("delete_failed"))]
        self._buttons.forget(origin.chat, origin.user)
        self._read.pop(origin.conversation, None)
        return [parts.text(wording.say("delete_done"))]

    def _unreadable(self, incoming: Unreadable) -> list[Part]:
        if incoming.album:
            if incoming.album in self._albums:
                return []
            _remember(self._albums, incoming.album, None)
        return [parts.text(wording.say("text_only"))]


def _decision(texts: tuple[str, ...]) -> bool | None:
    """Return whether a typed answer says that the conversation is to be deleted."""
    said = " ".join(texts).lower().strip(" .!")
    buttons = {wording.say("delete_yes").lower(): True, wording.say("delete_no").lower(): False}
    return True if said in _YES else False if said in _NO else buttons.get(said)


def _remember(known: OrderedDict[str, V], name: str, value: V) -> None:
    known[name] = value
    known.move_to_end(name)
    if len(known) > _REMEMBERED:
        known.popitem(last=False)
