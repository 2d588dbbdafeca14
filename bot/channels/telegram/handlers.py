"""What to answer to each kind of message: ``Handlers.kinds`` lists them all, a new one goes there.

Filters and handlers are PTB's. Commands are told by an expression, as other servers leave out the
entities that ``CommandHandler`` needs, and it would take the ``/iris`` of ``/iris{...}``.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatAction, ChatID
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, MessageHandler, filters

from bot.channels.intake import MAX_CHARACTERS, clean
from bot.channels.telegram import quiz, reply, tables, wording
from bot.channels.telegram.assistant import Assistant
from bot.channels.telegram.assistant import Message as Said
from bot.channels.telegram.attempts import UNREADABLE, carry_out
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.quiz import Subject
from bot.channels.telegram.reply import Button, Kind, Origin, Part
from bot.channels.telegram.store import Store
from bot.channels.telegram.tables import FileError, Tables

logger = logging.getLogger(__name__)

V = TypeVar("V")
Context = CallbackContext[Any, Any, Any, Any]
# An answer, or the task that makes one beside the chat.
Answer = list[Part] | asyncio.Task[list[Part]]
Handle = Callable[[Update, Origin, Context], Awaitable[Answer]]

# The assistant understands these as texts, in every channel; an unknown one becomes UNKNOWN.
ASSISTANT = ("start", "help", "about", "iris", "review", "accuracy", "topics", "cancel", "export")
UNKNOWN = "unknown"
# These are about this channel and answered by it.
CONNECTOR = ("privacy", "delete", "quiz")
MENU = (
    *("start", "help", "iris", "review", "accuracy", "quiz", "about", "cancel"),
    *("privacy", "export", "delete"),
)
_TOPIC_LINK = "topic_"
_COMMAND = re.compile(r"\A/([A-Za-z0-9_]{1,64})(?:@(\w+))?(?=\s|$)")
_MENTION = re.compile(r"(?<![\w@/])@(\w+)")
_YES = frozenset({"yes", "y", "yep", "yeah", "sure", "ok", "yes please", "delete", "delete it"})
_NO = frozenset({"no", "n", "nope", "no thanks", "keep it", "cancel", "/cancel"})
_REMEMBERED = 5_000
# Telegram shows the typing sign for five seconds; a press waits for its own answer for two.
_REFRESH, _HEAD_START, _GRACE, _PRESS = 4.0, 0.01, 0.5, 2.0


class Arrival(Update):
    """An update with its number in the store."""

    __slots__ = ("_number",)
    _number: int

    @property
    def number(self) -> int:
        """Return its number in the store."""
        return self._number

    def arrived(self, number: int) -> Arrival:
        """Remember its number; PTB's objects are frozen otherwise."""
        self._number = number
        return self


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


def where(update: Update) -> Origin:
    """Return where an update comes from; what lies under an old button is not sent any more."""
    query = update.callback_query
    message = query.message if query else update.message
    person = query.from_user if query else update.message and update.message.from_user
    chat, user = message.chat if message else None, person.id if person else 0
    private = chat is None or chat.type == chat.PRIVATE
    if not isinstance(message, Message):
        return Origin(chat.id if chat else user, user, private)
    thread = message.message_thread_id if message.is_topic_message else None
    return Origin(message.chat.id, user, private, message.message_id, thread)


class Handlers:
    """Answer each kind of message."""

    def __init__(
        self,
        bot: TelegramBot,
        assistant: Assistant,
        store: Store,
        tables: Tables,
        feedback: Callable[[str, bool], None],
        subjects: Callable[[], Sequence[Subject]],
    ) -> None:
        """Use a bot, the assistant and the store.

        ``feedback`` keeps whether an answer on a topic was helpful, ``subjects`` are what there
        can be a quiz about.
        """
        self._bot, self._assistant, self._store, self._tables = bot, assistant, store, tables
        self._feedback, self._subjects = feedback, subjects
        self._mine = ForTheBot(bot)
        self._read: OrderedDict[str, str] = OrderedDict()
        self._albums: OrderedDict[str, bool] = OrderedDict()
        self._asked_to_delete: OrderedDict[str, bool] = OrderedDict()
        self._noticed: OrderedDict[str, asyncio.Task[None]] = OrderedDict()
        self._chance = random.Random()

    def kinds(self, see_through: Callable[[Handle], Any]) -> list[BaseHandler[Any, Context, None]]:
        """Return a handler for each kind of message, in the order in which they are tried."""
        messages: list[tuple[filters.BaseFilter, Handle]] = [
            (filters.Regex(_COMMAND), self.command),
            (filters.TEXT, self.words),
            (filters.ANIMATION, self.media),  # has a document, too
            (filters.Document.FileExtension("csv"), self.table),
            (filters.Document.FileExtension("txt"), self.review),
            (filters.Document.ALL, self.file),
            (filters.ATTACHMENT, self.media),
        ]
        mine = filters.UpdateType.MESSAGE & self._mine
        return [
            CallbackQueryHandler(see_through(partial(self._answer, self.press))),
            *(
                MessageHandler(mine & kind, see_through(partial(self._answer, handle)))
                for kind, handle in messages
            ),
        ]

    async def command(self, update: Update, origin: Origin, context: Context) -> Answer:
        """Answer a command, by this channel or by the assistant."""
        assert update.message and update.message.text and context.match
        name, rest = context.match[1].lower(), update.message.text[context.match.end() :].strip()
        if name == "privacy":
            return _text("privacy")
        if name == "quiz":
            return self._quiz(self._read.get(origin.conversation, ""))
        if name == "delete":
            return self._ask_to_delete(origin)
        if name == "cancel" and self._tables.cancel(origin.conversation):
            open_form = await self._assistant.form(origin)
            return _text("csv_stopped") + (await self._say(origin, "/cancel") if open_form else [])
        return await self._say(origin, *map(clean, texts(name, clean(rest))))

    async def words(self, update: Update, origin: Origin, context: Context) -> Answer:
        """Let the assistant answer."""
        return await self._say(origin, harmless(clean(self._said(update, origin))))

    async def press(self, update: Update, origin: Origin, context: Context) -> Answer:
        """Do what a button stands for, once."""
        assert update.callback_query
        token = update.callback_query.data or ""
        button = self._store.look(token, origin.chat, origin.user)
        if button.kind is Kind.REFUSED:
            return []  # and it was said why
        answer = await self._pressed(origin, button)
        self._store.use(token)
        if noticed := self._noticed.pop(update.callback_query.id, None):
            await asyncio.wait({noticed}, timeout=_PRESS)
        return answer

    async def table(self, update: Update, origin: Origin, context: Context) -> Answer:
        """Label a table of reviews."""
        assert update.message and update.message.document
        document = update.message.document
        return self._tables.start(origin, document.file_id, document.file_size)

    async def review(self, update: Update, origin: Origin, context: Context) -> Answer:
        """Let the assistant judge a file as a review; one over the limit leaves no form open."""
        assert update.message and update.message.document
        document = update.message.document
        said, too_large, answer = "", False, list[Part]()
        try:
            async with self._typing(origin):
                said = await tables.fetch(self._bot, document.file_id, document.file_size)
        except FileError as error:
            answer, too_large = error.said(), error.sentence == "file_too_large"
        said = harmless(clean(said))
        fits = len(said) <= MAX_CHARACTERS and not too_large
        if not fits and await self._assistant.form(origin):
            await self._assistant.say(origin, "/cancel")
        return answer or await self._say(origin, *["/review"] * fits, said)

    async def file(self, update: Update, origin: Origin, context: Context) -> Answer:
        """Say which files can be read."""
        return _text("file_kinds")

    async def media(self, update: Update, origin: Origin, context: Context) -> Answer:
        """Say what can be read, to an album once."""
        album = update.message and update.message.media_group_id
        if album and album in self._albums:
            return []
        if album:
            _remember(self._albums, album, True)
        return _text("text_only")

    def notice(self, update: Update) -> None:
        """Answer a press, before its turn comes: Telegram shows it waiting until then."""
        if query := update.callback_query:
            _remember(self._noticed, query.id, asyncio.create_task(self._notice(update, query)))

    async def _notice(self, update: Update, query: CallbackQuery) -> None:
        origin, token = where(update), query.data or ""
        button = self._store.look(token, origin.chat, origin.user)
        thanks = wording.say("feedback_thanks") if button.kind is Kind.FEEDBACK else None
        words = wording.say(button.payload) if button.kind is Kind.REFUSED else thanks
        try:
            # To answer twice does no harm, so any fault is tried again.
            await carry_out(lambda: query.answer(words), reading=True)
            used_up = button.kind not in (Kind.FEEDBACK, Kind.REFUSED) and origin.message
            if used_up and self._store.is_first(token):
                await carry_out(query.edit_message_reply_markup, reading=True)
        except (TelegramError, *UNREADABLE) as error:
            logger.debug("A press was not acknowledged: %s", error)

    async def _answer(
        self, handle: Handle, update: Update, origin: Origin, context: Context
    ) -> Answer:
        """Take a typed yes or no after /delete, which waits for one answer only."""
        if self._asked_to_delete.pop(origin.conversation, False):
            said = self._said(update, origin).lower().strip(" .!")
            if said in _YES or said == wording.say("delete_yes").lower():
                return await self._delete(origin)
            if said in _NO or said == wording.say("delete_no").lower():
                return _text("delete_kept")
        return await handle(update, origin, context)

    def _said(self, update: Update, origin: Origin) -> str:
        text = (update.message and update.message.text) or ""
        if origin.private:
            return text
        return _MENTION.sub(lambda name: "" if self._mine.is_name(name[1]) else name[0], text)

    async def _say(self, origin: Origin, *said: str) -> list[Part]:
        async with self._typing(origin):
            messages = await self._assistant.say(origin, *said)
        if any(message.get("deleted") for message in messages):
            self._scrub(origin)
        for message in messages:
            if message.get("utter_action") == "utter_unknown_command":
                known = ", ".join(f"/{name}" for name in (*ASSISTANT, *CONNECTOR))
                message["text"] = wording.say("unknown_command", commands=known)
        return reply.compose(messages, self._below(origin, messages))

    def _below(self, origin: Origin, messages: list[Said]) -> tuple[Button, ...]:
        """Return thumbs and the quiz, for an answer about a topic: it bears the topic's title."""
        titles = {
            message.get("title")
            for message in messages
            if str(message.get("utter_action")).startswith("utter_concept")
        }
        told = (subject.topic for subject in self._subjects() if subject.title in titles)
        topic = next(told, None) if titles else None
        if topic is None:
            return ()
        _remember(self._read, origin.conversation, topic)
        return (
            Button(wording.say("thumb_up"), f"+{topic}", Kind.FEEDBACK),
            Button(wording.say("thumb_down"), f"-{topic}", Kind.FEEDBACK),
            Button(wording.say("quiz_button"), topic, Kind.QUIZ),
        )

    async def _pressed(self, origin: Origin, button: Button) -> Answer:
        if button.kind is Kind.FEEDBACK:
            self._feedback(button.payload[1:], button.payload.startswith("+"))
            return []
        if button.kind is Kind.QUIZ:
            return self._quiz(button.payload)
        if button.kind is Kind.RECALL:
            return reply.load(button.payload)
        if button.kind is Kind.TABLE:
            return self._tables.start(origin, button.payload, None)
        if button.kind is Kind.DELETE:
            return await self._delete(origin) if button.payload == "yes" else _text("delete_kept")
        return await self._say(origin, *typed(clean(button.payload)))

    def _quiz(self, topic: str) -> list[Part]:
        poll = quiz.question(self._subjects(), topic, self._chance)
        return [Part(poll=poll)] if poll else _text("quiz_none")

    def _ask_to_delete(self, origin: Origin) -> list[Part]:
        _remember(self._asked_to_delete, origin.conversation, True)
        if origin.anonymous:
            # A press comes under the admin's own name, whose conversation is another one.
            return _text("delete_ask_typed")
        yes, no = wording.say("delete_yes"), wording.say("delete_no")
        return _text("delete_ask", Button(yes, "yes", Kind.DELETE), Button(no, "no", Kind.DELETE))

    async def _delete(self, origin: Origin) -> list[Part]:
        try:
            await self._assistant.forget(origin)
        except Exception:
            # A database has its own kinds of errors; whichever it is, the person must know.
            logger.exception("A conversation could not be deleted")
            return _text("delete_failed")
        self._scrub(origin)
        return _text("delete_done")

    def _scrub(self, origin: Origin) -> None:
        """Drop what this channel keeps of a conversation that is deleted."""
        self._store.forget(origin.chat, origin.user)
        self._read.pop(origin.conversation, None)

    @asynccontextmanager
    async def _typing(self, origin: Origin) -> Any:
        """Show the sign before the body starts, and until it ends.

        A turn keeps the event loop busy, so the request gets a moment to leave first.
        """

        async def show() -> None:
            try:
                await self._bot.send_chat_action(
                    origin.chat, ChatAction.TYPING, message_thread_id=origin.thread
                )
            except (TelegramError, *UNREADABLE) as error:
                logger.debug("The typing sign was not shown: %s", error)

        async def repeat() -> None:
            while True:
                await asyncio.sleep(_REFRESH)
                await show()

        first, refresh = asyncio.create_task(show()), asyncio.create_task(repeat())
        await asyncio.wait({first}, timeout=_HEAD_START)
        try:
            yield
        finally:
            refresh.cancel()
            # A sign that arrives after the answer would stay for seconds.
            await asyncio.wait({first}, timeout=_GRACE)
            first.cancel()


def texts(command: str, rest: str) -> tuple[str, ...]:
    """Return what the assistant gets to read for a command, one message each.

    An unknown command keeps no name: a text that starts with a slash could name an intent.

    >>> texts("iris", "5.1 3.5 1.4 0.2")
    ('/iris 5.1 3.5 1.4 0.2',)
    >>> texts("iris", "please")
    ('/iris', 'please')
    >>> texts("start", "topic_gradient_descent")
    ('what is gradient descent',)
    >>> texts("restart", "")
    ('/unknown',)
    >>> texts("ask", "what is a CNN?")
    ('what is a CNN?',)
    """
    if command == "start" and rest:
        return (_deep_link(rest),)
    if (command == "review" and rest) or (command == "iris" and any(map(str.isdigit, rest))):
        return (f"/{command} {harmless(rest)}",)
    if command == "iris" and rest:
        return "/iris", harmless(rest)
    if command in ASSISTANT:
        return (f"/{command}",)
    return (harmless(rest) or f"/{UNKNOWN}",)


def typed(text: str) -> tuple[str, ...]:
    """Return what the assistant gets to read for a text that may be a command."""
    if not text.startswith("/"):
        return (text,)
    command, _, rest = text[1:].partition(" ")
    return texts(command.lower(), rest.strip())


def harmless(text: str) -> str:
    """Return a text that cannot name an intent."""
    return text.strip().lstrip("/").strip()


def _deep_link(payload: str) -> str:
    """Return the text for t.me/<bot>?start=<payload>, which anyone can write."""
    topic = payload.removeprefix(_TOPIC_LINK).replace("_", " ").replace("-", " ").strip()
    if payload.startswith(_TOPIC_LINK) and topic:
        return f"what is {topic}"  # a bare word could be taken for a remark
    return f"/{payload}" if payload in ASSISTANT else "/start"


def _text(name: str, *buttons: Button) -> list[Part]:
    return [reply.text(wording.say(name), *buttons)]


def _remember(known: OrderedDict[str, V], name: str, value: V) -> None:
    known[name] = value
    known.move_to_end(name)
    if len(known) > _REMEMBERED:
        known.popitem(last=False)
