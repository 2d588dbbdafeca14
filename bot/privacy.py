"""What is kept of a person, deleted or handed out at their word, on every channel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from actions import pictures
from actions.privacy import DELETED, EXPORTED
from bot.store import Thumb

if TYPE_CHECKING:
    from rasa.core.agent import Agent

FILE = "fathom-data.json"
Message = dict[str, Any]


def watch(agent: Agent) -> None:
    """From now on a turn that says that a conversation is deleted deletes it, on every channel."""
    store = agent.tracker_store
    save = store.save

    async def save_or_forget(tracker: DialogueStateTracker) -> None:
        await save(tracker)
        if _says_deleted(tracker):
            await _forget(agent, tracker.sender_id)

    store.save = save_or_forget


async def carry_out(agent: Agent, conversation: str, messages: list[Message]) -> list[Message]:
    """Add to an answer what it speaks of.

    Every channel calls this between a turn and its answer. The message that speaks of a file gets
    ``{"file": {"name", "content"}}``; one that says that all is deleted gets ``{"deleted": True}``,
    for what a channel itself keeps.

    Raises:
        StoreError: if the store cannot be used; then the answer must not be given.
    """
    answer = []
    for message in messages:
        more: Message = {}
        if message.get("utter_action") == DELETED:
            more = {"deleted": True}
        elif message.get("utter_action") == EXPORTED:
            more = {"file": {"name": FILE, "content": await export(agent, conversation)}}
        answer.append({**message, **more})
    return answer


async def erase(agent: Agent, conversation: str) -> None:
    """Delete a conversation, behind the turns that are under way."""
    async with agent.lock_store.lock(conversation):
        await _forget(agent, conversation)


async def export(agent: Agent, conversation: str) -> str:
    """Return everything that is kept of a conversation, as JSON that a person can read."""
    tracker = await agent.tracker_store.retrieve_full_tracker(conversation)
    said = list(_said(tracker)) if tracker else []
    remembered = tracker.current_slot_values() if tracker else {}
    kept = {
        "conversation": conversation,
        "messages": said,
        "remembered": {name: value for name, value in remembered.items() if value is not None},
    }
    return json.dumps(kept, ensure_ascii=False, indent=1)


def save(messages: list[Message], folder: Path) -> list[Message]:
    """Write the file of an answer into a folder and name it in the text, for a terminal."""
    shown = []
    for message in messages:
        message = dict(message)
        if file := message.pop("file", None):
            path = folder / str(file["name"])
            path.touch(mode=0o600)
            path.write_text(str(file["content"]), encoding="utf-8")
            message["text"] = f"{message.get('text') or ''}\n\n`{path}`".strip()
        shown.append(message)
    return shown


async def _forget(agent: Agent, conversation: str) -> None:
    """Delete every event of a conversation.

    A picture of a review holds the person's own text and goes as well; all others may be somebody
    else's, too.
    """
    tracker = await agent.tracker_store.retrieve_full_tracker(conversation)
    for name in _review_pictures(tracker):
        (pictures.folder() / name).unlink(missing_ok=True)
    await agent.tracker_store.erase(conversation)


def _says_deleted(tracker: DialogueStateTracker) -> bool:
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, BotUttered) and event.metadata.get("utter_action") == DELETED:
            return True
    return False


def _said(tracker: DialogueStateTracker) -> Iterator[dict[str, Any]]:
    for event in tracker.events:
        if not isinstance(event, UserUttered | BotUttered | Thumb):
            continue
        at = datetime.fromtimestamp(event.timestamp, timezone.utc)
        who = "Fathom" if isinstance(event, BotUttered) else "you"
        said = {"time": at.isoformat(timespec="seconds"), "who": who}
        if isinstance(event, Thumb):
            yield {**said, "thumb": event.metadata}
            continue
        image = event.data.get("image") if isinstance(event, BotUttered) else None
        yield {**said, "text": event.text, **({"picture": image} if image else {})}


def _review_pictures(tracker: DialogueStateTracker | None) -> Iterator[str]:
    """Yield the file names of the pictures that show a review's words."""
    for event in tracker.events if tracker else ():
        if isinstance(event, BotUttered):
            action = str(event.metadata.get("utter_action") or "")
            if action.startswith("utter_review") and (name := event.data.get("image")):
                yield Path(str(name)).name
