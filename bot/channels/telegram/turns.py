"""Put a person's texts to the assistant and collect what it says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import UserMessage

from bot.channels.telegram import wording
from bot.channels.telegram.output import NAME, Message, TelegramOutput
from bot.channels.telegram.updates import Origin

if TYPE_CHECKING:
    from rasa.core.agent import Agent

logger = logging.getLogger(__name__)

LONGEST_TURN = 300.0
REVIEW_FORM = "review_form"
# Turns share one processor: more of them at once end no earlier, and each then ends late. A second
# one goes on where the first waits for a picture.
_AT_ONCE = 2


class Turns:
    """The assistant as this channel sees it."""

    def __init__(
        self,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
        output: TelegramOutput,
        agent: Callable[[], Agent | None],
    ) -> None:
        """Use Rasa's handler of messages; ``agent`` is asked for what it has stored."""
        self._on_new_message = on_new_message
        self._output = output
        self._agent = agent
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def say(self, origin: Origin, texts: tuple[str, ...]) -> list[Message]:
        """Return the messages that answer the last text; those before only lead to it.

        There is always something to say, also when a turn fails.
        """
        if len(texts) > 1 and await self.in_review(origin):
            # The form takes whatever comes next as the review.
            texts = texts[-1:]
        messages: list[Message] = []
        for text in texts:
            messages = await self._turn(origin, text)
        if not any(message.get("text") for message in messages):
            messages.append({"text": wording.say("trouble")})
        return messages

    async def in_review(self, origin: Origin) -> bool:
        """Whether the assistant is waiting for a review."""
        agent = self._agent()
        if agent is None:
            return False
        tracker = await agent.tracker_store.retrieve(origin.conversation)
        return tracker is not None and tracker.active_loop_name == REVIEW_FORM

    async def _turn(self, origin: Origin, text: str) -> list[Message]:
        output = self._output.turn(origin)
        message = UserMessage(
            text,
            output,
            origin.conversation,
            input_channel=NAME,
            metadata={"private": origin.private},
        )
        async with self._places:
            try:
                await asyncio.wait_for(self._on_new_message(message), LONGEST_TURN)
            except asyncio.TimeoutError:
                logger.error("A turn took longer than %.0f s", LONGEST_TURN)
            except Exception:
                # Whatever broke, the person gets an answer and the log gets the reason.
                logger.exception("A turn failed")
        return output.close()
