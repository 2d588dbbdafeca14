"""Understand an update: a pure function from what Telegram sends to what is to be done."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, MessageEntity, Update, User

from bot.channels.intake import clean
from bot.channels.telegram import commands

ALLOWED = (Update.MESSAGE, Update.CALLBACK_QUERY)


@dataclass(frozen=True)
class Origin:
    """Where an update comes from, and so where its answer goes.

    Attributes:
        chat: id of the chat.
        user: id of the person.
        private: whether the two are alone.
        message: id of the message, to reply to it in a group.
        thread: id of the topic in a forum.
    """

    chat: int
    user: int
    private: bool = True
    message: int | None = None
    thread: int | None = None

    @property
    def conversation(self) -> str:
        """Return the name of the conversation, one a person; the REST channel allows no colon."""
        return f"telegram:{self.chat}" + ("" if self.private else f":{self.user}")


@dataclass(frozen=True)
class Words:
    """Texts for the assistant; all but the last only lead to it and are not answered."""

    origin: Origin
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Press:
    """A press on a button."""

    origin: Origin
    query: str
    token: str


@dataclass(frozen=True)
class Upload:
    """A document; ``size`` is in bytes, where Telegram says it."""

    origin: Origin
    file: str
    name: str
    size: int | None


@dataclass(frozen=True)
class Unreadable:
    """A voice message, sticker, photo or the like; an album counts once."""

    origin: Origin
    album: str | None


@dataclass(frozen=True)
class Own:
    """A command that this channel answers itself."""

    origin: Origin
    command: str


Incoming = Words | Press | Upload | Unreadable | Own


def read(update: Update, bot: User) -> Incoming | None:
    """Return what an update asks for, or nothing if it is not for the bot to answer."""
    if query := update.callback_query:
        message = query.message
        if message is None or not query.data:
            return None
        private = message.chat.type == message.chat.PRIVATE
        thread = message.message_thread_id if isinstance(message, Message) else None
        forum = isinstance(message, Message) and message.is_topic_message
        origin = Origin(
            message.chat.id,
            query.from_user.id,
            private,
            message.message_id,
            thread if forum else None,
        )
        return Press(origin, query.id, query.data)
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    origin = _origin(message)
    if not origin.private and not _addressed(message, bot):
        return None
    if message.text is not None:
        return _words(message, message.text, origin, bot)
    if message.document and not message.animation:
        document = message.document
        return Upload(origin, document.file_id, document.file_name or "", document.file_size)
    if message.effective_attachment:
        return Unreadable(origin, message.media_group_id)
    return None


def key(update: Update) -> int:
    """Return the queue of an update: its chat, within which order holds."""
    chat = update.effective_chat
    user = update.effective_user
    return chat.id if chat else user.id if user else 0


def _origin(message: Message) -> Origin:
    sender = message.from_user
    return Origin(
        message.chat.id,
        sender.id if sender else message.chat.id,
        message.chat.type == message.chat.PRIVATE,
        message.message_id,
        message.message_thread_id if message.is_topic_message else None,
    )


def _words(message: Message, text: str, origin: Origin, bot: User) -> Incoming | None:
    command, addressee, rest = _command(message, text)
    if command:
        if addressee and addressee.lower() != (bot.username or "").lower():
            return None
        if command in commands.CONNECTOR:
            return Own(origin, command)
        found = commands.texts(command, clean(rest))
        return Words(origin, tuple(clean(part) for part in found))
    return Words(origin, (commands.harmless(clean(_without_mentions(message, text, bot))),))


def _command(message: Message, text: str) -> tuple[str, str, str]:
    """Return the command, whom it names, and the rest of the text.

    An entity marks it; a client that sends none is understood as well.
    """
    word, _, rest = text.partition(" ")
    if "\n" in word:
        word, _, rest = text.partition("\n")
    name, _, addressee = word.partition("@")
    known = name[1:].lower() if name.startswith("/") else ""
    marked = any(
        entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0
        for entity in message.entities
    )
    if known and (marked or known in commands.ASSISTANT + commands.CONNECTOR):
        return known, addressee, rest.strip()
    return "", "", text


def _addressed(message: Message, bot: User) -> bool:
    """Whether a message in a group mentions the bot or replies to it."""
    replied = message.reply_to_message
    if replied and replied.from_user and replied.from_user.id == bot.id:
        return True
    name = f"@{bot.username}".lower()
    for entity, text in {**message.parse_entities(), **message.parse_caption_entities()}.items():
        if entity.type == MessageEntity.MENTION and text.lower() == name:
            return True
        if entity.type == MessageEntity.BOT_COMMAND and text.lower().endswith(name):
            return True
        if entity.type == MessageEntity.TEXT_MENTION and entity.user and entity.user.id == bot.id:
            return True
    return False


def _without_mentions(message: Message, text: str, bot: User) -> str:
    """Return a text without the words that only call the bot."""
    raw = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(message.entities, key=lambda found: found.offset, reverse=True):
        start, end = entity.offset * 2, (entity.offset + entity.length) * 2
        word = raw[start:end].decode("utf-16-le", "replace")
        named = entity.type == MessageEntity.MENTION and word.lower() == f"@{bot.username}".lower()
        linked = entity.type == MessageEntity.TEXT_MENTION and entity.user == bot
        if named or linked:
            raw = raw[:start] + raw[end:]
    return raw.decode("utf-16-le", "replace")
