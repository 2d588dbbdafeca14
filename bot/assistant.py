"""The trained assistant, loaded into this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import warm_up
from bot.action_endpoint import InProcessActions
from bot.channels.intake import clean
from bot.channels.output import WholeMessages
from bot.settings import FathomError, Settings
from bot.training import ensure_trained

Message = dict[str, Any]


class AssistantError(FathomError):
    """The trained assistant is there but cannot be used."""


_SQLITE = "sqlite:///"


def endpoints(settings: Settings) -> AvailableEndpoints:
    """Return where Rasa finds the actions and keeps the conversations."""
    settings.home.mkdir(parents=True, exist_ok=True)
    action = (
        EndpointConfig(settings.action_endpoint_url)
        if settings.action_endpoint_url
        else InProcessActions()
    )
    if settings.tracker_store_url.startswith(_SQLITE):
        # Conversations are for their owner's eyes.
        Path(settings.tracker_store_url.removeprefix(_SQLITE)).touch(mode=0o600)
    store = EndpointConfig(type="SQL", dialect="sqlite", url=settings.tracker_store_url)
    return AvailableEndpoints(action=action, tracker_store=store)


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
        archive = ensure_trained(settings)
        agent = await load_agent(model_path=str(archive), endpoints=endpoints(settings))
        if not agent.is_ready():
            raise AssistantError(
                "The trained assistant cannot be loaded; `make train` makes it anew"
            )
        warm_up.start()
        return cls(agent, channel)

    async def reply(self, sender: str, text: str) -> list[Message]:
        """Return the assistant's messages, at least one of them with a text."""
        output = WholeMessages()
        await self._agent.handle_message(
            UserMessage(clean(text), output, sender, input_channel=self._channel)
        )
        return with_text(output.messages, self._agent)

    async def understand(self, text: str) -> dict[str, Any]:
        """Return what a message is taken for, outside any conversation."""
        parsed: dict[str, Any] = await self._agent.parse_message(clean(text))
        return parsed

    async def tracker(self, sender: str) -> DialogueStateTracker:
        """Return everything that happened in a conversation.

        Raises:
            KeyError: if there is no such conversation.
        """
        tracker = await self._agent.tracker_store.retrieve(sender)
        if tracker is None:
            raise KeyError(sender)
        return tracker


def with_text(messages: list[Message], agent: Agent) -> list[Message]:
    """Add the apology of the domain when an action failed and nothing was said."""
    if any(message.get("text") for message in messages):
        return messages
    apology = agent.domain.responses["utter_trouble"][0]["text"] if agent.domain else ""
    return [*messages, {"text": apology}]
