"""The assistant in a thread of its own, so that the terminal stays alive while it works."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Protocol

from bot.settings import Settings

Message = dict[str, Any]
Stage = Callable[[str], None]


class Replies(Protocol):
    """What the terminal needs of an assistant."""

    async def reply(self, sender: str, text: str) -> list[Message]:
        """Return the messages that answer a text."""
        ...


Load = Callable[[Settings, Stage], Awaitable[Replies]]


async def load_assistant(settings: Settings, stage: Stage) -> Replies:
    """Load the trained assistant, naming each stage as it begins."""
    stage("starting Rasa and TensorFlow")
    from bot.assistant import Assistant

    stage("loading what Fathom learned")
    return await Assistant.load(settings)


class Background:
    """Load an assistant at once and answer as soon as it is there.

    Attributes:
        stage: what is being done while loading.
    """

    def __init__(self, settings: Settings, load: Load = load_assistant) -> None:
        """Start loading; ``load`` stands in for the real assistant in tests."""
        self.stage = "starting"
        self._begin = time.monotonic()
        self._settings = settings
        self._load = load
        self._loop = asyncio.new_event_loop()
        self._assistant: Future[Replies] = Future()
        threading.Thread(target=self._run, name="assistant", daemon=True).start()

    @property
    def loaded(self) -> bool:
        """Whether the assistant is there, or will never be."""
        return self._assistant.done()

    @property
    def seconds(self) -> float:
        """Seconds since loading began."""
        return time.monotonic() - self._begin

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the assistant is loaded.

        Raises:
            TimeoutError: if it is not within ``timeout`` seconds.
            Exception: whatever kept it from loading.
        """
        self._assistant.result(timeout)

    def ask(self, sender: str, text: str) -> Future[list[Message]]:
        """Return the future messages that answer a text; loading comes first."""
        return asyncio.run_coroutine_threadsafe(self._reply(sender, text), self._loop)

    async def _reply(self, sender: str, text: str) -> list[Message]:
        assistant = await asyncio.wrap_future(self._assistant)
        return await assistant.reply(sender, text)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            assistant = self._loop.run_until_complete(self._load(self._settings, self._set_stage))
        except BaseException as problem:  # handed over to whoever asks; Rasa may even exit
            self._assistant.set_exception(problem)
        else:
            self._assistant.set_result(assistant)
        while True:
            # Rasa ends the program on some failures, which ends the loop: the next turn goes on.
            with contextlib.suppress(SystemExit):
                self._loop.run_forever()

    def _set_stage(self, stage: str) -> None:
        self.stage = stage
