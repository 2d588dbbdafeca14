"""Make one reply of the messages of a turn: as few Telegram messages as possible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.channels.telegram.buttons import Button, Kind
from bot.channels.telegram.markdown import code_blocks
from bot.channels.telegram.render import MAX_CAPTION, MAX_TEXT, render, units

LONG_CODE = 8
MAX_BUTTONS = 60
MAX_TITLE = 60


@dataclass(frozen=True)
class Poll:
    """A quiz question with one right answer."""

    question: str
    options: tuple[str, ...]
    correct: int
    explanation: str


@dataclass(frozen=True)
class Part:
    """One message to send: a text, a picture with a caption, a document or a poll.

    Attributes:
        html: text or caption as Telegram's HTML.
        plain: the same without formatting.
        buttons: what stands below it.
        picture: name of a picture in the pictures' folder.
        document: name of a document to send.
        content: text of the document.
        poll: a quiz question.
        tried: whether sending it was begun, so that it may have arrived.
    """

    html: str = ""
    plain: str = ""
    buttons: tuple[Button, ...] = ()
    picture: str = ""
    document: str = ""
    content: str = ""
    poll: Poll | None = None
    tried: bool = False


def text(markdown: str, *buttons: Button) -> Part:
    """Return a part of a short text of our own."""
    first = render(markdown)[0]
    return Part(first.html, first.plain, buttons)


def compose(messages: Iterable[Mapping[str, Any]], extra: tuple[Button, ...] = ()) -> list[Part]:
    """Return what to send for the assistant's messages, in order.

    Texts that follow each other become one message as long as they fit, because Telegram wants
    about one message a second in a chat. A keyboard ends a message. ``extra`` buttons go below
    the last one that can carry them.
    """
    parts: list[Part] = []
    pending = ""
    for message in messages:
        said = str(message.get("text") or "").strip()
        buttons = _buttons(message.get("buttons"))
        picture = str(message.get("image") or "")
        if picture:
            parts += _texts(pending)
            pending = ""
            parts += _captioned(picture, said, buttons)
        elif said or buttons:
            merged = f"{pending}\n\n{said}".strip()
            if pending and (units(merged) > MAX_TEXT):
                parts += _texts(pending)
                merged = said
            pending = merged
            if buttons:
                parts += _texts(pending, buttons)
                pending = ""
        parts_of_code = _files(said)
        if parts_of_code:
            parts += _texts(pending)
            pending = ""
            parts += parts_of_code
    parts += _texts(pending)
    return _with_extra(parts, extra)


def dump(parts: Iterable[Part]) -> str:
    """Return parts as JSON, to be kept until they are sent."""
    return json.dumps([asdict(part) for part in parts])


def load(dumped: str) -> list[Part]:
    """Return the parts of ``dump``."""
    return [_part(values) for values in json.loads(dumped)]


def _part(values: dict[str, Any]) -> Part:
    buttons = tuple(
        Button(button["title"], button["payload"], Kind(button["kind"]))
        for button in values.pop("buttons")
    )
    poll = values.pop("poll")
    if poll:
        poll = Poll(poll["question"], tuple(poll["options"]), poll["correct"], poll["explanation"])
    return Part(**values, buttons=buttons, poll=poll)


def _texts(markdown: str, buttons: tuple[Button, ...] = ()) -> list[Part]:
    parts = [Part(rendered.html, rendered.plain) for rendered in render(markdown)]
    if buttons:
        # A keyboard cannot stand alone.
        parts = parts or [Part("…", "…")]
        parts[-1] = replace(parts[-1], buttons=buttons)
    return parts


def _captioned(picture: str, said: str, buttons: tuple[Button, ...]) -> list[Part]:
    rendered = render(said, MAX_TEXT)
    if len(rendered) == 1 and units(rendered[0].plain) <= MAX_CAPTION:
        return [Part(rendered[0].html, rendered[0].plain, buttons, picture)]
    if not said:
        return [Part(buttons=buttons, picture=picture)]
    return [Part(picture=picture), *_texts(said, buttons)]


def _files(said: str) -> list[Part]:
    found = [
        span
        for span in code_blocks(said)
        if span.language in ("", "python", "py") and span.text.count("\n") >= LONG_CODE
    ]
    return [
        Part(
            document="example.py" if len(found) == 1 else f"example_{number}.py",
            content=span.text + "\n",
        )
        for number, span in enumerate(found, start=1)
    ]


def _buttons(found: object) -> tuple[Button, ...]:
    if not isinstance(found, list):
        return ()
    buttons = []
    for entry in found[:MAX_BUTTONS]:
        title = _plain(str(entry.get("title") or "")) if isinstance(entry, Mapping) else ""
        if title:
            title = title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"
            buttons.append(Button(title, str(entry.get("payload") or title)))
    return tuple(buttons)


def _plain(markdown: str) -> str:
    rendered = render(markdown)
    return " ".join(rendered[0].plain.split()) if rendered else ""


def _with_extra(parts: list[Part], extra: tuple[Button, ...]) -> list[Part]:
    if not extra:
        return parts
    for index in reversed(range(len(parts))):
        part = parts[index]
        if part.html and not part.document and not part.poll:
            parts[index] = replace(part, buttons=part.buttons + extra)
            break
    return parts
