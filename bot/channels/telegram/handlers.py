"""What to answer to each kind of message: ``Handlers`` lists them all, a new one goes there.

Kinds are told by PTB's filters. Commands are told by an expression, as other servers leave out the
entities that PTB's would need, and it would take the ``/iris`` of ``/iris{...}``.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from telegram import CallbackQuery, Document, MaybeInaccessibleMessage, Message, Update, User
from telegram.constants import ChatAction, ChatID
from telegram.ext import filters

from bot import privacy
from bot.channels.intake import MAX_CHARACTERS, clean
from bot.channels.telegram import quiz, reply, tables, wording
from bot.channels.telegram.assistant import Assistant
from bot.channels.telegram.assistant import Message as Said
from bot.channels.telegram.attempts import Delivery, attempt
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.quiz import Subject
from bot.channels.telegram.reply import Button, Origin, Part
from bot.channels.telegram.store import Store
from bot.channels.telegram.tables import FileError, Tables
from bot.store import Thumb
from nlu.guard import COMMANDS

logger = logging.getLogger(__name__)

Handle = Callable[[Origin, Any], Awaitable[list[Part]]]

# These are about this channel and answered by it.
CONNECTOR = ("privacy", "delete", "quiz")
# The assistant understands these as texts, in every channel; an unknown one becomes UNKNOWN.
ASSISTANT = tuple(name for name in COMMANDS if name not in CONNECTOR)
UNKNOWN = "unknown"
MENU = (
    *("start", "help", "iris", "review", "accuracy", "quiz", "about", "cancel"),
    *("privacy", "export", "delete"),
)
_TOPIC_LINK = "topic_"
_CONCEPT = "utter_concept"
_COMMAND = re.compile(r"\A/([A-Za-z0-9_]{1,64})(?:@(\w+))?(?=\s|$)")
_MENTION = re.compile(r"(?<![\w@/])@(\w+)")
_YES = ("yes", "y", "yep", "yeah", "sure", "ok", "yes please", "delete", "delete it")
_NO = ("no", "n", "nope", "no thanks", "keep it", "cancel", "/cancel")
# So many people's topics are remembered for their next quiz.
_REMEMBERED = 5_000
# Telegram shows the typing sign for five seconds.
_REFRESH, _HEAD_START, _GRACE = 4.0, 0.01, 0.5


@dataclass(frozen=True)
class Arrival:
    """A message or a press, where it comes from, and who answers it."""

    what: Any  # as its handler takes it
    origin: Origin
    handle: Handle
    beside: bool = False  # whether its chat goes on meanwhile
    number: int = 0  # in the store; what comes from outside a turn has none


class ForTheBot(filters.MessageFilter):
    """Messages of people to this bot; in a group they mention it, reply to it or command it."""

    def __init__(self, bot: TelegramBot) -> None:
        super().__init__()
        self._bot = bot

    def filter(self, message: Message) -> bool:
        """Whether a message is one to answer."""
        person, replied = message.from_user, message.reply_to_message
        if person is None or (person.is_bot and person.id != ChatID.ANONYMOUS_ADMIN):
            return False
        said = message.text or message.caption or ""
        command = _COMMAND.match(said)
        if command and command[2]:
            return self.is_name(command[2])
        if message.chat.type == message.chat.PRIVATE:
            return True
        if replied and replied.from_user and replied.from_user.id == self._bot.id:
            return True
        return any(map(self.is_name, _MENTION.findall(said)))

    def is_name(self, name: str) -> bool:
        """Whether a name is the bot's."""
        return name.lower() == self._bot.username.lower()


class Handlers:
    """Answer each kind of message."""

    def __init__(
        self,
        bot: TelegramBot,
        assistant: Assistant,
        store: Store,
        delivery: Delivery,
        subjects: Callable[[], Sequence[Subject]],
    ) -> None:
        self._bot, self._assistant, self._store = bot, assistant, store
        self._subjects = subjects
        self.tables = Tables(bot, delivery)
        self._mine = ForTheBot(bot)
        # In the order in which they are tried.
        self._kinds: Sequence[tuple[filters.BaseFilter, Handle]] = (
            (filters.TEXT, self.words),
            (filters.ANIMATION, self.media),  # has a document, too
            (filters.Document.FileExtension("csv"), self.table),
            (filters.Document.FileExtension("txt"), self.review),
            (filters.Document.ALL, self.file),
            (filters.ATTACHMENT, self.media),
        )
        self._read: dict[str, str] = {}
        self._pressed: deque[str] = deque(maxlen=500)
        self._albums: deque[str] = deque(maxlen=100)
        self._asked_to_delete: set[str] = set()

    def read(self, update: Update) -> Arrival | None:
        """Return an update as one to answer, if it is of a kind that is answered."""
        if query := update.callback_query:
            origin = where(query.message, query.from_user)
            again = self._store.look(query.data or "", origin).kind == "table"
            return Arrival(query, origin, self.press, beside=again)
        message = update.message
        if message and self._mine.check_update(update):
            for kind, handle in self._kinds:
                if kind.check_update(update):
                    origin = where(message, message.from_user)
                    return Arrival(message, origin, handle, beside=handle == self.table)
        return None

    async def answer(self, arrival: Arrival) -> list[Part]:
        """Answer; right after /delete a typed yes or no is the answer to that."""
        origin, what = arrival.origin, arrival.what
        if origin.conversation in self._asked_to_delete and isinstance(what, Message):
            self._asked_to_delete.discard(origin.conversation)
            said = self._said(what).lower().strip(" .!")
            if said in (*_YES, wording.say("delete_yes").lower()):
                return await self._delete(origin)
            if said in (*_NO, wording.say("delete_no").lower()):
                return [reply.say("delete_kept")]
        return await arrival.handle(origin, what)

    async def words(self, origin: Origin, message: Message) -> list[Part]:
        """Answer a text: a command about this channel here, all others by the assistant."""
        said = clean(self._said(message))
        command = _COMMAND.match(said)
        name = command[1].lower() if command else ""
        if name == "privacy":
            return [reply.say("privacy")]
        if name == "quiz":
            return self._quiz(self._read.get(origin.conversation, ""))
        if name == "delete":
            return self._ask_to_delete(origin)
        if name == "cancel" and self.tables.cancel(origin.conversation):
            return [reply.say("csv_stopped"), *await self._close_form(origin)]
        return await self._say(origin, *texts(said))

    async def table(self, origin: Origin, message: Message) -> list[Part]:
        """Label a table of reviews."""
        file = cast(Document, message.document)
        return await self.tables.label(origin, file.file_id, file.file_size)

    async def review(self, origin: Origin, message: Message) -> list[Part]:
        """Let the assistant judge a file as a review; one over the limit leaves no form open."""
        file = cast(Document, message.document)
        try:
            async with self._typing(origin):
                said = harmless(clean(await tables.fetch(self._bot, file.file_id, file.file_size)))
        except FileError as error:
            await self._close_form(origin)
            return [error.part]
        if len(said) <= MAX_CHARACTERS:
            return await self._say(origin, "/review", said)
        await self._close_form(origin)
        return await self._say(origin, said)

    async def file(self, origin: Origin, message: Message) -> list[Part]:
        """Say which files can be read."""
        return [reply.say("file_kinds")]

    async def media(self, origin: Origin, message: Message) -> list[Part]:
        """Say what can be read, to an album once."""
        album = message.media_group_id
        if album and album in self._albums:
            return []
        self._albums.append(album or "")
        return [reply.say("text_only")]

    async def outside(self, origin: Origin, messages: list[Said]) -> list[Part]:
        """Show what the assistant says by itself, like a reminder."""
        return reply.compose(messages)

    async def press(self, origin: Origin, query: CallbackQuery) -> list[Part]:
        """Do what a button stands for, once."""
        button = self._store.look(query.data or "", origin)
        if button.kind == "refused":
            return []  # and it was said why
        answer = await self._pressed_on(origin, button)
        self._store.use(query.data or "")
        return answer

    async def notice(self, origin: Origin, query: CallbackQuery) -> None:
        """Answer a press, before its turn comes: Telegram shows it waiting until then."""
        token = query.data or ""
        button = self._store.look(token, origin)
        words = {"feedback": wording.say("feedback_thanks"), "refused": button.payload}
        # To answer twice does no harm.
        await attempt(query.answer(words.get(button.kind)))
        if query.message and button.kind not in words and token not in self._pressed:
            self._pressed.append(token)  # a quick finger presses twice
            await attempt(query.edit_message_reply_markup())

    async def _pressed_on(self, origin: Origin, button: Button) -> list[Part]:
        if button.kind == "feedback":
            helpful, topic = button.payload.startswith("+"), button.payload[1:]
            store = self._assistant.agent.tracker_store
            await store.note(origin.conversation, Thumb.on(topic, helpful))
            return []
        if button.kind == "quiz":
            return self._quiz(button.payload)
        if button.kind == "recall":
            return reply.load(button.payload)
        if button.kind == "table":
            return await self.tables.label(origin, button.payload, None)
        if button.kind == "delete":
            return (
                await self._delete(origin)
                if button.payload == "yes"
                else [reply.say("delete_kept")]
            )
        return await self._say(origin, *texts(clean(button.payload)))

    async def _close_form(self, origin: Origin) -> list[Part]:
        return await self._say(origin, "/cancel") if await self._assistant.form(origin) else []

    def _said(self, message: Message) -> str:
        """Return what was typed, in a group without the bot's name."""
        said = message.text or ""
        if message.chat.type == message.chat.PRIVATE:
            return said
        return _MENTION.sub(lambda name: "" if self._mine.is_name(name[1]) else name[0], said)

    async def _say(self, origin: Origin, *said: str) -> list[Part]:
        async with self._typing(origin):
            messages = await self._assistant.say(origin, *said)
        for message in messages:
            if message.get("deleted"):
                self._scrub(origin)
            if message.get("utter_action") == "utter_unknown_command":
                known = ", ".join(f"/{name}" for name in (*ASSISTANT, *CONNECTOR))
                message["text"] = wording.say("unknown_command", commands=known)
        return reply.compose(messages, self._below(origin, messages))

    def _below(self, origin: Origin, messages: list[Said]) -> tuple[Button, ...]:
        """Return thumbs and the quiz, for an answer about a topic: it bears the topic's title."""
        told = [said for said in messages if str(said.get("utter_action")).startswith(_CONCEPT)]
        titles = {said.get("title") for said in told}
        topic = next((about.topic for about in self._subjects() if about.title in titles), None)
        if topic is None:
            return ()
        self._read.pop(origin.conversation, None)
        self._read[origin.conversation] = topic
        if len(self._read) > _REMEMBERED:
            del self._read[next(iter(self._read))]
        return (
            Button(wording.say("thumb_up"), f"+{topic}", "feedback"),
            Button(wording.say("thumb_down"), f"-{topic}", "feedback"),
            Button(wording.say("quiz_button"), topic, "quiz"),
        )

    def _quiz(self, topic: str) -> list[Part]:
        asked = quiz.question(self._subjects(), topic, random.Random())
        return [asked] if asked else [reply.say("quiz_none")]

    def _ask_to_delete(self, origin: Origin) -> list[Part]:
        self._asked_to_delete.add(origin.conversation)
        if origin.anonymous:
            # A press comes under the admin's own name, whose conversation is another one.
            return [reply.say("delete_ask_typed")]
        yes, no = wording.say("delete_yes"), wording.say("delete_no")
        return [reply.say("delete_ask", Button(yes, "yes", "delete"), Button(no, "no", "delete"))]

    async def _delete(self, origin: Origin) -> list[Part]:
        try:
            await privacy.erase(self._assistant.agent, origin.conversation)
        except Exception:
            # A database has its own kinds of errors; whichever it is, the person must know.
            logger.exception("A conversation could not be deleted")
            return [reply.say("delete_failed")]
        self._scrub(origin)
        return [reply.say("delete_done")]

    def _scrub(self, origin: Origin) -> None:
        """Drop what this channel keeps of a conversation that is deleted."""
        self._store.forget(origin)
        self._read.pop(origin.conversation, None)

    @asynccontextmanager
    async def _typing(self, origin: Origin) -> AsyncIterator[None]:
        """Show the sign before the body starts, and until it ends.

        A turn keeps the event loop busy, so the request gets a moment to leave first.
        """
        send, chat, thread = self._bot.send_chat_action, origin.chat, origin.thread

        async def sign() -> None:
            await attempt(send(chat, ChatAction.TYPING, message_thread_id=thread))

        async def repeat() -> None:
            while True:
                await asyncio.sleep(_REFRESH)
                await sign()

        first, refresh = asyncio.create_task(sign()), asyncio.create_task(repeat())
        await asyncio.wait({first}, timeout=_HEAD_START)
        try:
            yield
        finally:
            refresh.cancel()
            # A sign that arrives after the answer would stay for seconds.
            await asyncio.wait({first}, timeout=_GRACE)
            first.cancel()


def where(message: MaybeInaccessibleMessage | None, person: User | None) -> Origin:
    """Return where to answer; what lies under an old button is not sent any more."""
    user = person.id if person else 0
    if message is None:
        return Origin(user, user)
    chat, private = message.chat.id, message.chat.type == message.chat.PRIVATE
    if not isinstance(message, Message):
        return Origin(chat, user, private)
    thread = message.message_thread_id if message.is_topic_message else None
    return Origin(chat, user, private, message.message_id, thread)


def texts(said: str) -> tuple[str, ...]:
    """Return what the assistant gets to read for a text or a command, one message each.

    An unknown command keeps no name: a text that starts with a slash could name an intent.

    >>> texts("/iris please")
    ('/iris', 'please')
    >>> texts("/start topic_gradient_descent")
    ('what is gradient descent',)
    >>> texts("/restart")
    ('/unknown',)
    >>> texts("/ask what is a CNN?")
    ('what is a CNN?',)
    """
    found = _COMMAND.match(said)
    if not found:
        return (harmless(said),)
    command, rest = found[1].lower(), harmless(said[found.end() :])
    if command == "start" and rest:
        return (_deep_link(rest),)
    if (command == "review" and rest) or (command == "iris" and any(map(str.isdigit, rest))):
        return (f"/{command} {rest}",)
    if command == "iris" and rest:
        return "/iris", rest
    if command in ASSISTANT:
        return (f"/{command}",)
    return (rest or f"/{UNKNOWN}",)


def harmless(text: str) -> str:
    """Return a text that cannot name an intent."""
    return text.strip().lstrip("/").strip()


def _deep_link(payload: str) -> str:
    """Return the text for t.me/<bot>?start=<payload>, which anyone can write."""
    topic = payload.removeprefix(_TOPIC_LINK).replace("_", " ").replace("-", " ").strip()
    if payload.startswith(_TOPIC_LINK) and topic:
        return f"what is {topic}"  # a bare word could be taken for a remark
    return f"/{payload}" if payload in ASSISTANT else "/start"
