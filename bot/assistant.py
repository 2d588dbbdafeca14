"""The trained assistant, loaded into this process."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from actions import pictures
from bot import home, privacy, savings, warm_up
from bot.action_endpoint import InProcessActions
from bot.channels.intake import clean
from bot.channels.output import WholeMessages
from bot.channels.wording import sentences
from bot.settings import FathomError, Settings
from bot.store import Conversations, StoreError
from bot.training import ensure_trained
from bot.turns import Turns

logger = logging.getLogger(__name__)

Message = dict[str, Any]


class AssistantError(FathomError):
    """The trained assistant is there but cannot be used."""


def endpoints(settings: Settings) -> AvailableEndpoints:
    """Return where Rasa finds the actions and keeps the conversations."""
    home.prepare(settings.home)
    token = settings.action_token
    action = (
        EndpointConfig(
            settings.action_endpoint_url,
            headers={"Authorization": f"Bearer {token}"} if token else None,
        )
        if settings.action_endpoint_url
        else InProcessActions()
    )
    return AvailableEndpoints(
        action=action,
        tracker_store=Conversations(settings.tracker_store_url),
        lock_store=Turns(settings.lock_store_url),
    )


def check_stores(settings: Settings) -> None:
    """Find out before minutes of loading whether conversations can be kept and locked.

    Raises:
        StoreError: if the conversations cannot be kept.
        LockAwayError: if the shared lock cannot be reached.
    """
    given = endpoints(settings)
    given.tracker_store.engine.dispose()
    asyncio.run(given.lock_store.check())


async def load(settings: Settings) -> Agent:
    """Load the trained assistant, training it first if its sources changed or it is damaged.

    Rasa puts a wrapper around the store that forgets a conversation when the database is away;
    it is taken off again.

    Raises:
        AssistantError: if not even a newly trained assistant can be loaded.
        StoreError: if the conversations cannot be kept.
        LockAwayError: if the shared lock cannot be reached.
    """
    savings.apply()
    given = endpoints(settings)
    await given.lock_store.check()
    await given.lock_store.close()  # another event loop may use it next
    agent = Agent(
        tracker_store=given.tracker_store,
        lock_store=given.lock_store,
        action_endpoint=given.action,
    )
    archive = ensure_trained(settings)
    if problem := _problem_of(agent, archive):
        print(f"fathom: {archive} is damaged ({problem}); training anew", file=sys.stderr)
        problem = _problem_of(agent, ensure_trained(settings, force=True))
        if problem:
            raise AssistantError(f"{archive} cannot be loaded: {problem}")
    agent.tracker_store = agent.processor.tracker_store = given.tracker_store
    privacy.watch(agent)
    return agent


def _problem_of(agent: Agent, archive: Path) -> str:
    """Load an archive; return what is wrong with it, nothing if nothing is."""
    try:
        agent.load_model(str(archive))
    except Exception as error:  # what Rasa meets in a broken file can be anything
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return ""


class Assistant:
    """Answer messages in this process, for the terminal and the tests."""

    def __init__(self, agent: Agent, channel: str = "terminal") -> None:
        """Wrap a loaded agent; ``channel`` is the name its conversations are stored under."""
        self._agent = agent
        self._channel = channel

    @classmethod
    async def load(cls, settings: Settings, channel: str = "terminal") -> Assistant:
        """Load the trained assistant, training it first if its sources changed.

        Raises:
            AssistantError: if Rasa cannot load the archive.
        """
        agent = await load(settings)
        warm_up.start()
        return cls(agent, channel)

    async def reply(self, sender: str, text: str) -> list[Message]:
        """Return the assistant's messages, at least one of them with a text."""
        output = WholeMessages()
        message = UserMessage(clean(text), output, sender, input_channel=self._channel)
        try:
            await self._agent.handle_message(message)
            messages = await privacy.carry_out(self._agent, sender, output.messages)
        except StoreError as error:
            logger.error("A message was not answered: %s", error)
            return [{"text": sentences()["away"]}]
        return privacy.save(with_text(messages, self._agent), pictures.folder().parent)

    async def understand(self, text: str) -> dict[str, Any]:
        """Return what a message is taken for, outside any conversation."""
        parsed: dict[str, Any] = await self._agent.parse_message(clean(text))
        return parsed

    async def tracker(self, sender: str) -> DialogueStateTracker:
        """Return everything that happened in a conversation.

        Raises:
            KeyError: if there is no such conversation.
        """
        tracker = await self._agent.tracker_store.retrieve_full_tracker(sender)
        if tracker is None:
            raise KeyError(sender)
        return tracker


def with_text(messages: list[Message], agent: Agent) -> list[Message]:
    """Add the apology of the domain when an action failed and nothing was said."""
    if any(message.get("text") for message in messages):
        return messages
    apology = agent.domain.responses["utter_trouble"][0]["text"] if agent.domain else ""
    return [*messages, {"text": apology}]
