"""Rasa's side of what is sent: collect what a turn says, or send at once outside a turn."""

from __future__ import annotations

import copy
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from rasa.core.channels.channel import OutputChannel

from bot.channels.telegram.updates import Origin

logger = logging.getLogger(__name__)

NAME = "telegram"
Message = dict[str, Any]
# What else a message may carry to the channel; anything beyond is dropped, never forwarded.
CUSTOM = ("text", "buttons", "image")
# How the assistant marks an answer about a topic.
MARKS = ("utter_action", "title")

SendNow = Callable[[Origin, list[Message]], Awaitable[None]]


class TelegramOutput(OutputChannel):
    """Send what comes from outside a turn: external intents, reminders, ``latest``."""

    def __init__(self, send_now: SendNow) -> None:
        """Use a function that delivers messages to a chat."""
        self._send_now = send_now

    @classmethod
    def name(cls) -> str:
        """Return the name that ``channel:`` in responses refers to."""
        return NAME

    def turn(self, origin: Origin) -> TurnOutput:
        """Return an output for one message of a person."""
        return TurnOutput(self._send_now, origin)

    async def send_response(self, recipient_id: str, message: Message) -> None:
        """Take one message of the assistant; never raises into its turn."""
        await self._take(recipient_id, readable(message))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Take a text."""
        await self._take(recipient_id, {"text": text})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Take a picture's name."""
        await self._take(recipient_id, {"image": image})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Take a text with buttons."""
        await self._take(recipient_id, {"text": text, "buttons": buttons})

    async def send_attachment(self, recipient_id: str, attachment: str, **kwargs: Any) -> None:
        """Leave out an attachment: a path or an address is never sent."""

    async def send_elements(
        self, recipient_id: str, elements: Iterable[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Take a list of titles and subtitles as texts."""
        for element in elements:
            words = f"**{element.get('title', '')}**\n{element.get('subtitle', '')}"
            message = {"text": words, "buttons": element.get("buttons")}
            await self._take(recipient_id, message)

    async def send_custom_json(
        self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any
    ) -> None:
        """Take of a custom payload what is allowed."""
        await self._take(recipient_id, {key: json_message.get(key) for key in CUSTOM})

    async def _take(self, recipient_id: str, message: Message) -> None:
        origin = origin_of(recipient_id)
        if origin is None:
            logger.error("A message has no Telegram chat to go to")
            return
        await self._send_now(origin, [message])


class TurnOutput(TelegramOutput):
    """Collect what a turn says; what comes after its end, like a reminder, is sent at once."""

    def __init__(self, send_now: SendNow, origin: Origin) -> None:
        """Start a turn."""
        super().__init__(send_now)
        self._origin = origin
        self._open = True
        self.messages: list[Message] = []

    def close(self) -> list[Message]:
        """End the turn and return what it said."""
        self._open = False
        return self.messages

    async def _take(self, recipient_id: str, message: Message) -> None:
        if self._open:
            self.messages.append(message)
        else:
            await super()._take(recipient_id, message)


def readable(message: Mapping[str, Any]) -> Message:
    """Return a message of the assistant reduced to what this channel shows."""
    taken = {key: copy.deepcopy(message.get(key)) for key in (*CUSTOM, *MARKS)}
    taken["buttons"] = taken["buttons"] or copy.deepcopy(message.get("quick_replies"))
    custom = message.get("custom")
    if isinstance(custom, Mapping):
        for key in CUSTOM:
            taken[key] = taken[key] or custom.get(key)
    return taken


def origin_of(conversation: str) -> Origin | None:
    """Return the chat of a conversation's name.

    >>> origin_of("telegram:-100:7")
    Origin(chat=-100, user=7, private=False, message=None, thread=None)
    """
    _, _, rest = conversation.partition(":")
    chat, _, user = rest.partition(":")
    try:
        return Origin(int(chat), int(user or chat), private=not user)
    except ValueError:
        return None
