"""People with phones: the strict Bot API server in a thread, for tests that are not async."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from tests.bot.telegram.fake_api import FakeTelegram

T = TypeVar("T")


class Phone:
    """Talk to the bot, each chat with a person of its own."""

    def __init__(self) -> None:
        self.api = FakeTelegram()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._chats = itertools.count(501)

    def start(self) -> None:
        self._thread.start()
        self._run(self.api.start())

    def stop(self) -> None:
        self._run(self.api.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def new_chat(self) -> int:
        return next(self._chats)

    def replies(self, chat: int, act: Callable[[], object], count: int = 1) -> list[dict[str, Any]]:
        """Do something and return what the bot then sends to a chat."""
        before = len(self.api.sent[chat])

        async def talk() -> list[dict[str, Any]]:
            act()
            await self.api.until(lambda: len(self.api.sent[chat]) >= before + count, 60)
            return self.api.sent[chat][before:]

        return self._run(talk())

    def say(self, chat: int, text: str, count: int = 1, **content: Any) -> str:
        """Say something and return the texts of the answer."""
        answer = self.replies(chat, lambda: self.api.say(chat, text, **content), count)
        return "\n".join(message.get("text") or message.get("caption") or "" for message in answer)

    def press(self, chat: int, title: str, count: int = 1) -> list[dict[str, Any]]:
        return self.replies(chat, lambda: self.api.press(chat, title), count)

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(120)
