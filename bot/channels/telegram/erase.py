"""Delete a conversation from where it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

if TYPE_CHECKING:
    from rasa.core.agent import Agent


async def erase(agent: Agent, conversation: str, pictures: Path) -> None:
    """Delete every event of a conversation, behind the turns that are under way.

    A picture of a review holds the person's own text and goes as well; all others may be somebody
    else's, too.
    """
    async with agent.lock_store.lock(conversation):
        tracker = await agent.tracker_store.retrieve_full_tracker(conversation)
        for name in _review_pictures(tracker):
            (pictures / name).unlink(missing_ok=True)
        await agent.tracker_store.erase(conversation)


def _review_pictures(tracker: DialogueStateTracker | None) -> Iterator[str]:
    """Yield the file names of the pictures that show a review's words."""
    for event in tracker.events if tracker else ():
        if isinstance(event, BotUttered):
            action = str(event.metadata.get("utter_action") or "")
            if action.startswith("utter_review") and (name := event.data.get("image")):
                yield Path(str(name)).name
