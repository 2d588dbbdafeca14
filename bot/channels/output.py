"""Collect what the assistant says during one turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel


def alt_of(message: Mapping[str, Any]) -> str:
    """Return what the picture of a message shows."""
    return str((message.get("metadata") or {}).get("alt") or "")


class WholeMessages(CollectingOutputChannel):
    """Collect messages as they were uttered; Rasa's own class cuts them at every empty line."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep the name of the wording and what a picture shows, beside what is said."""
        before = len(self.messages)
        await super().send_response(recipient_id, message)
        for kept in self.messages[before:]:
            kept["utter_action"] = message.get("utter_action")
            if kept.get("image"):
                kept["alt"] = alt_of(message)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Keep one utterance as one message."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))
