"""Understand an update: a pure function from what Telegram sends to what is to be done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message, Update, User
from telegram.constants import ChatID

from bot.channels.intake import clean
from bot.channels.telegram import commands
from bot.channels.telegram.reply import Origin as Origin

ALLOWED = (Update.MESSAGE, Update.CALLBACK_QUERY)
_NOTHING_TO_READ = {
    "file_id": "",
    "file_unique_id": "",
    "type": "regular",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
}
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@(\w+))?(?=\s|$)")
_MENTION = re.compile(r"(?<![\w@/])@(\w+)")


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
    if update.callback_query:
        return _press(update.callback_query)
    message = update.message
    if message is None or message.from_user is None:
        return None
    if message.from_user.is_bot and message.from_user.id != ChatID.ANONYMOUS_ADMIN:
        return None
    origin = _origin(message, message.from_user)
    if not origin.private and not _addressed(message, bot):
        return None
    if message.text is not None:
        return _words(message.text, origin, bot)
    if message.document and not message.animation:
        document = message.document
        return Upload(origin, document.file_id, document.file_name or "", document.file_size)
    if message.effective_attachment:
        return Unreadable(origin, message.media_group_id)
    return None


def bare(raw: dict[str, Any]) -> dict[str, Any]:
    """Return an update with no more than who says what where.

    Raises:
        KeyError: if it is not a message.
    """
    message = raw["message"]
    kept = {name: message[name] for name in ("message_id", "date", "chat") if name in message}
    person = {"is_bot": False, "first_name": "", **message["from"]}
    words = message.get("text") or message.get("caption")
    # What has no words becomes a file of no kind, which is answered with what can be read.
    said = {"text": words} if isinstance(words, str) else {"sticker": _NOTHING_TO_READ}
    return {"update_id": raw["update_id"], "message": {**kept, "from": person, **said}}


def is_update(raw: object) -> bool:
    """Whether something that was received has the shape of an update."""
    return isinstance(raw, dict) and isinstance(raw.get("update_id"), int)


def key(update: Update) -> int:
    """Return the queue of an update: its chat, within which order holds."""
    chat = update.effective_chat
    user = update.effective_user
    return chat.id if chat else user.id if user else 0


def _press(query: CallbackQuery) -> Press:
    message, token = query.message, query.data or ""
    if isinstance(message, Message):
        return Press(_origin(message, query.from_user), query.id, token)
    # What lies under an old button is not sent any more.
    chat = message.chat if message else None
    private = chat is None or chat.type == chat.PRIVATE
    origin = Origin(chat.id if chat else query.from_user.id, query.from_user.id, private)
    return Press(origin, query.id, token)


def _origin(message: Message, person: User) -> Origin:
    return Origin(
        message.chat.id,
        person.id,
        message.chat.type == message.chat.PRIVATE,
        message.message_id,
        message.message_thread_id if message.is_topic_message else None,
    )


def _words(text: str, origin: Origin, bot: User) -> Incoming | None:
    if found := _COMMAND.match(text):
        command, addressee, rest = found[1].lower(), found[2], text[found.end() :].strip()
        if addressee and addressee.lower() != (bot.username or "").lower():
            return None
        if command in commands.CONNECTOR:
            return Own(origin, command)
        said = commands.texts(command, clean(rest))
        return Words(origin, tuple(clean(part) for part in said))
    if not origin.private:
        text = _MENTION.sub(lambda found: "" if _names(found[1], bot) else found[0], text)
    return Words(origin, (commands.harmless(clean(text)),))


def _addressed(message: Message, bot: User) -> bool:
    """Whether a message in a group mentions the bot or replies to it."""
    replied = message.reply_to_message
    if replied and replied.from_user and replied.from_user.id == bot.id:
        return True
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    if command and command[2]:
        return command[2].lower() == (bot.username or "").lower()
    return any(_names(name, bot) for name in _MENTION.findall(text))


def _names(name: str, bot: User) -> bool:
    return name.lower() == (bot.username or "").lower()
