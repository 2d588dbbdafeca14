"""The assistant as this channel sees it: asked, listened to, made to forget."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage

from actions.privacy import DELETED, EXPORTED
from bot import privacy
from bot.channels.telegram import wording
from bot.channels.telegram.reply import Origin
from bot.channels.wording import sentences
from bot.store import StoreError
from bot.turns import BusyError, LockAwayError

logger = logging.getLogger(__name__)

NAME = "telegram"
Message = dict[str, Any]
SendNow = Callable[[Origin, list[Message]], None]
LONGEST_TURN = 300.0
# Turns share one processor: more of them at once end no earlier, and each then ends late. A second
# one goes on where the first waits for a picture.
_AT_ONCE = 2


class TelegramOutput(OutputChannel):
    """Collect what a turn says; what comes outside of one, like a reminder, is sent at once."""

    def __init__(self, send_now: SendNow | None = None, said: list[Message] | None = None) -> None:
        """Collect in ``said`` as long as there is such a list."""
        self.send_now, self.said = send_now, said

    @classmethod
    def name(cls) -> str:
        """Return the name that ``channel:`` in responses refers to."""
        return NAME

    async def send_response(self, recipient_id: str, message: Message) -> None:
        """Take one message of the assistant; never raises into its turn."""
        if self.said is not None:
            self.said.append(message)
        elif self.send_now and (origin := origin_of(recipient_id)):
            self.send_now(origin, [message])
        else:
            logger.error("A message has no Telegram chat to go to, or the channel has not started")

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Take a text."""
        await self.send_response(recipient_id, {"text": text})


def origin_of(conversation: str) -> Origin | None:
    """Return the chat of a conversation's name.

    >>> origin_of("telegram:-100:7")
    Origin(chat=-100, user=7, private=False, message=None, thread=None)
    """
    chat, _, user = conversation.partition(":")[2].partition(":")
    try:
        return Origin(int(chat), int(user or chat), private=not user)
    except ValueError:
        return None


class Assistant:
    """Put texts to the assistant and collect what it says."""

    def __init__(
        self,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
        output: TelegramOutput,
        agent: Any,
    ) -> None:
        """Use Rasa's handler of messages; the agent is asked for what it has stored."""
        self._on_new_message, self._output, self.agent = on_new_message, output, agent
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def say(self, origin: Origin, *texts: str) -> list[Message]:
        """Return the messages that answer the last text; those before only lead to it.

        There is always something to say, also when a turn fails.
        """
        if len(texts) > 1 and await self.form(origin) == "review_form":
            # The form takes whatever comes next as the review.
            texts = texts[-1:]
        for text in texts:
            messages = await self._turn(origin, text)
        if not any(message.get("text") for message in messages):
            messages.append({"text": wording.say("trouble")})
        return messages

    async def form(self, origin: Origin) -> str | None:
        """Return the form that the assistant is filling in, if any."""
        # While the store is away the turn that follows tells.
        with suppress(StoreError):
            if self.agent:
                tracker = await self.agent.tracker_store.retrieve(origin.conversation)
                return tracker.active_loop_name if tracker else None
        return None

    async def _turn(self, origin: Origin, text: str) -> list[Message]:
        said: list[Message] = []
        output = TelegramOutput(self._output.send_now, said)
        message = UserMessage(text, output, origin.conversation, input_channel=NAME)
        async with self._places:
            try:
                await asyncio.wait_for(self._on_new_message(message), LONGEST_TURN)
                return await privacy.carry_out(self.agent, origin.conversation, said)
            except asyncio.TimeoutError:
                logger.error("A turn took longer than %.0f s", LONGEST_TURN)
            except BusyError:
                return [{"text": sentences()["busy"]}]
            except (StoreError, LockAwayError) as error:
                logger.error("A message was not answered: %s", error)
                return [{"text": sentences()["away"]}]
            except Exception:
                # Whatever broke, the person gets an answer and the log gets the reason.
                logger.exception("A turn failed")
            finally:
                output.said = None
        # Whether it did what these speak of, nobody knows.
        return [part for part in said if part.get("utter_action") not in (DELETED, EXPORTED)]
