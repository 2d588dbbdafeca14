"""Delete a conversation from where Rasa keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rasa.core.tracker_store import (
    AwaitableTrackerStore,
    FailSafeTrackerStore,
    InMemoryTrackerStore,
    MongoTrackerStore,
    RedisTrackerStore,
    SQLTrackerStore,
    TrackerStore,
)
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import text

if TYPE_CHECKING:
    from rasa.core.agent import Agent


class NotErasableError(TypeError):
    """This kind of tracker store is not known here."""


async def erase(agent: Agent, conversation: str, pictures: Path) -> None:
    """Delete every event of a conversation, behind the turns that are under way.

    Rasa's stores have no method for it, so each kind is done in its own way. A picture of a review
    holds the person's own text and goes as well; all others may be somebody else's, too.

    Raises:
        NotErasableError: if the kind of store is unknown.
    """
    async with agent.lock_store.lock(conversation):
        tracker = await agent.tracker_store.retrieve_full_tracker(conversation)
        for name in _review_pictures(tracker):
            (pictures / name).unlink(missing_ok=True)
        for store in _actual(agent.tracker_store):
            _erase(store, conversation)


def _review_pictures(tracker: DialogueStateTracker | None) -> Iterator[str]:
    """Yield the file names of the pictures that show a review's words."""
    for event in tracker.events if tracker else ():
        if isinstance(event, BotUttered):
            action = str(event.metadata.get("utter_action") or "")
            if action.startswith("utter_review") and (name := event.data.get("image")):
                yield Path(str(name)).name


def _actual(store: TrackerStore) -> list[TrackerStore]:
    """Return the stores behind Rasa's wrappers, the emergency one in memory included."""
    if isinstance(store, FailSafeTrackerStore):
        emergency = store._fallback_tracker_store
        return _actual(store._tracker_store) + (_actual(emergency) if emergency else [])
    if isinstance(store, AwaitableTrackerStore):
        return _actual(store._tracker_store)
    return [store]


def _erase(store: TrackerStore, conversation: str) -> None:
    if isinstance(store, SQLTrackerStore):
        with store.session_scope() as session:
            if store.engine.dialect.name == "sqlite":
                # Deleted text must not stay in free pages.
                session.execute(text("PRAGMA secure_delete = ON"))
            rows = session.query(store.SQLEvent).filter_by(sender_id=conversation)
            rows.delete(synchronize_session=False)
            session.commit()
    elif isinstance(store, InMemoryTrackerStore):
        store.store.pop(conversation, None)
    elif isinstance(store, RedisTrackerStore):
        store.red.delete(store.key_prefix + conversation)
    elif isinstance(store, MongoTrackerStore):
        store.conversations.delete_many({"sender_id": conversation})
    else:
        raise NotErasableError(type(store).__name__)
