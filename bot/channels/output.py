"""Collect what the assistant says during one turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel


class WholeMessages(CollectingOutputChannel):
    """Collect messages as they were uttered; Rasa's own class cuts them at every empty line."""

    def __init__(self, heard: Callable[[dict[str, Any]], Awaitable[None]] | None = None) -> None:
        """Collect, and hand each message on to ``heard`` at once."""
        super().__init__()
        self._heard = heard

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Keep one utterance as one message."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))

    async def _persist_message(self, message: dict[str, Any]) -> None:
        await super()._persist_message(message)
        if self._heard:
            await self._heard(message)
