"""Where conversations are kept: SQLite in the home folder, or PostgreSQL for several servers.

Rasa reads a conversation from its beginning at every message and counts what is stored before it
writes. Here a message costs the same at turn 1,000 as at turn 10: every event stays in the table
that Rasa made for it, but a turn begins at a checkpoint, which holds the slots and the form of a
few turns ago, and adds its events at the end.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    AlwaysEqualEventMixin,
    Event,
    Restarted,
    SessionStarted,
    SkipEventInMDStoryMixin,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import FathomError

# A turn sees at least so many turns before it, and at most twice as many.
TURNS = 3
# Seconds to wait for a database that is busy or does not answer.
_PATIENCE = 3
# What somebody is taken for who says what an answer was worth.
REMARK = "give_feedback"
_Events = SQLTrackerStore.SQLEvent.__table__
_BY_SENDER = sa.text("CREATE INDEX IF NOT EXISTS events_by_sender ON events (sender_id, id)")
_CHECKPOINTS = sa.Table(
    "checkpoints",
    sa.MetaData(),
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("first", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
T = TypeVar("T")


class Heard(NamedTuple):
    """What somebody said, and what it was taken for."""

    sender: str
    intent: str
    text: str


class Thumb(AlwaysEqualEventMixin, SkipEventInMDStoryMixin):
    """Somebody pressed a thumb below an answer; kept in the conversation, and no turn sees it."""

    type_name = "thumb"

    @classmethod
    def on(cls, topic: str, helpful: bool) -> Thumb:
        """Return the thumb, up or down, on an answer about a topic."""
        return cls(metadata={"topic": topic, "helpful": helpful})


class StoreError(FathomError):
    """The conversations cannot be read or written now; the text names no secret."""


def where(url: str) -> str:
    """Return what a person may read of a database's address: a file, or host and name."""
    parts = sa.engine.make_url(url)
    if parts.drivername.startswith("sqlite"):
        return parts.database or "memory"
    return f"{parts.drivername}://{parts.host or 'localhost'}/{parts.database or ''}"


def engine(url: str) -> Engine:
    """Return the engine of a database; nothing connects yet."""
    common: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if not url.startswith("sqlite"):
        given = {"connect_timeout": _PATIENCE, "application_name": "fathom"}
        return sa.create_engine(url, connect_args=given, pool_timeout=_PATIENCE, **common)
    given = {"check_same_thread": False, "timeout": _PATIENCE}
    made = sa.create_engine(
        url, connect_args=given, poolclass=sa.pool.QueuePool, pool_size=1, max_overflow=0, **common
    )

    @sa.event.listens_for(made, "connect")
    def prepare(connection: Any, _: Any) -> None:
        # Writers do not wait for readers, and deleted text does not stay in free pages.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return made


class Conversations(SQLTrackerStore):
    """Rasa's store of events in SQL, read from a checkpoint and only ever added to."""

    def __init__(self, url: str, domain: Domain | None = None) -> None:
        """Connect, and make the tables where they are missing.

        Raises:
            StoreError: if the database cannot be reached or used.
        """
        TrackerStore.__init__(self, domain)
        self.place = where(url)
        self.engine = engine(url)
        self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)
        if self.engine.dialect.name == "sqlite" and self.place != "memory":
            with suppress(OSError):  # told when it is opened
                Path(self.place).touch(mode=0o600)
        self._guarded(self._prepare)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return a conversation as the next turn needs it.

        Raises:
            StoreError: if the database cannot be read.
        """
        return await self._beside(self._read, sender_id)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return everything that happened in a conversation.

        Raises:
            StoreError: if the database cannot be read.
        """
        return await self._beside(self._read_all, conversation_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add what has happened since the conversation was read.

        Raises:
            StoreError: if the database cannot be written.
        """
        await self._beside(self._write, tracker)

    async def note(self, sender_id: str, event: Event) -> None:
        """Add an event from outside a turn.

        Raises:
            StoreError: if the database cannot be written.
        """
        await self._beside(self._insert, [_row(sender_id, event)])

    async def erase(self, sender_id: str) -> None:
        """Delete a conversation.

        Raises:
            StoreError: if the database cannot be written.
        """
        await self._beside(self._delete, sender_id)

    async def forget(self, before: float) -> None:
        """Delete what happened before a time, in seconds since 1970.

        Raises:
            StoreError: if the database cannot be written.
        """
        await self._beside(self._drop, _Events.c.timestamp < before)

    async def forget_feedback(self, before: float) -> None:
        """Delete thumbs and remarks from before a time, in seconds since 1970.

        Raises:
            StoreError: if the database cannot be written.
        """
        feedback = sa.or_(_Events.c.type_name == Thumb.type_name, _Events.c.intent_name == REMARK)
        await self._beside(self._drop, sa.and_(feedback, _Events.c.timestamp < before))

    async def check(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreError: if there is none.
        """
        await self._beside(lambda: self.engine.connect().close())

    def heard(self, since: float) -> Iterator[Heard]:
        """Yield what people said since a time, conversation by conversation, in order.

        Raises:
            StoreError: if the database cannot be read.
        """
        for row, event in self._happened(UserUttered, since):
            yield Heard(row.sender_id, row.intent_name or "", event.get("text") or "")

    def thumbs(self, since: float) -> Iterator[tuple[str, bool]]:
        """Yield the topic of each thumb since a time, and whether it was up.

        Raises:
            StoreError: if the database cannot be read.
        """
        for _, event in self._happened(Thumb, since):
            yield event["metadata"]["topic"], event["metadata"]["helpful"]

    def _happened(self, kind: type[Event], since: float) -> Iterator[tuple[Any, dict[str, Any]]]:
        query = sa.select(_Events.c.sender_id, _Events.c.intent_name, _Events.c.data)
        query = query.where(
            _Events.c.type_name == kind.type_name, _Events.c.timestamp >= since
        ).order_by(_Events.c.sender_id, _Events.c.id)
        with self.engine.connect() as connection:
            rows = self._guarded(connection.execution_options(stream_results=True).execute, query)
            for row in rows:
                yield row, json.loads(row.data)

    async def _beside(self, work: Callable[..., T], *given: Any) -> T:
        """Work in a thread: other conversations go on while a database is slow."""
        return await asyncio.to_thread(self._guarded, work, *given)

    def _guarded(self, work: Callable[..., T], *given: Any) -> T:
        try:
            return work(*given)
        except (SQLAlchemyError, UnicodeError) as error:
            raise StoreError(f"{self.place}: {_reason(error)}") from None

    def _prepare(self) -> None:
        for attempt in range(3):
            try:
                if self.engine.dialect.name == "sqlite":
                    self._look_over()
                self.Base.metadata.create_all(self.engine)
                _CHECKPOINTS.create(self.engine, checkfirst=True)
                with self.engine.begin() as connection:
                    connection.execute(_BY_SENDER)
                return
            except SQLAlchemyError:
                # Another server may be making the same tables.
                if attempt == 2:
                    raise
                time.sleep(0.2)

    def _look_over(self) -> None:
        """Find out whether a file is whole and can be written, before anybody talks."""
        with self.engine.begin() as connection:
            found = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar()
            if found != "ok":
                raise StoreError(f"{self.place}: the database is damaged")
            connection.execute(sa.text("PRAGMA user_version = 1"))  # a write, of nothing

    def _read(self, sender: str) -> DialogueStateTracker | None:
        state: list[dict[str, Any]] = []
        query = sa.select(_Events.c.type_name, _Events.c.data).where(
            _Events.c.sender_id == sender, _Events.c.type_name != Thumb.type_name
        )
        with self.engine.connect() as connection:
            point = connection.execute(
                sa.select(_CHECKPOINTS).where(_CHECKPOINTS.c.sender_id == sender)
            ).first()
            if point:
                state = json.loads(point.state)
                query = query.where(_Events.c.id >= point.first)
            rows = connection.execute(query.order_by(_Events.c.id)).all()
        starts = [n for n, row in enumerate(rows) if row.type_name == SessionStarted.type_name]
        if starts:  # as Rasa does, a session sees nothing of the one before
            rows, state = rows[starts[-1] :], []
        return self._tracker(sender, [*state, *(json.loads(row.data) for row in rows)])

    def _read_all(self, sender: str) -> DialogueStateTracker | None:
        query = sa.select(_Events.c.data).where(_Events.c.sender_id == sender)
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(_Events.c.id)).all()
        return self._tracker(sender, [json.loads(row.data) for row in rows])

    def _tracker(self, sender: str, events: list[dict[str, Any]]) -> DialogueStateTracker | None:
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender, events, self.domain.slots)
        tracker.stored = len(tracker.events)
        return tracker

    def _write(self, tracker: DialogueStateTracker) -> None:
        stored = getattr(tracker, "stored", 0)
        rows = [_row(tracker.sender_id, event) for event in list(tracker.events)[stored:]]
        with self.engine.begin() as connection:
            if rows:
                connection.execute(_Events.insert(), rows)
            self._advance(connection, tracker)
        tracker.stored = len(tracker.events)

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        with self.engine.begin() as connection:
            connection.execute(_Events.insert(), rows)

    def _advance(self, connection: Connection, tracker: DialogueStateTracker) -> None:
        """Move the checkpoint on when a turn sees twice as many turns as it needs."""
        events = list(tracker.events)
        heard = [n for n, event in enumerate(events) if isinstance(event, UserUttered)]
        if len(heard) < 2 * TURNS:
            return
        sender = tracker.sender_id
        first = connection.execute(
            sa.select(_Events.c.id)
            .where(_Events.c.sender_id == sender, _Events.c.type_name == UserUttered.type_name)
            .order_by(_Events.c.id.desc())
            .offset(TURNS - 1)
            .limit(1)
        ).scalar()
        state = [event.as_dict() for event in carried(events[: heard[-TURNS]])]
        connection.execute(_CHECKPOINTS.delete().where(_CHECKPOINTS.c.sender_id == sender))
        point = {"sender_id": sender, "first": first, "state": json.dumps(state)}
        connection.execute(_CHECKPOINTS.insert(), point)

    def _delete(self, sender: str) -> None:
        self._drop(_Events.c.sender_id == sender)

    def _drop(self, events: Any) -> None:
        """Delete events, and the checkpoint of every conversation of which none is left."""
        with self.engine.begin() as connection:
            connection.execute(_Events.delete().where(events))
            left = sa.select(_Events.c.id).where(_Events.c.sender_id == _CHECKPOINTS.c.sender_id)
            connection.execute(_CHECKPOINTS.delete().where(~left.exists()))
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:  # the log of writes holds it still
                connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))


def carried(events: Iterable[Event]) -> list[Event]:
    """Return events that leave slots and form as these do, the slots in the order of their use."""
    slots: dict[str, Event] = {}
    loop: Event | None = None
    for event in events:
        if isinstance(event, Restarted | SessionStarted | AllSlotsReset):
            slots.clear()
        if isinstance(event, Restarted | SessionStarted):
            loop = None
        if isinstance(event, SlotSet):
            slots.pop(event.key, None)
            slots[event.key] = event
        if isinstance(event, ActiveLoop):
            loop = event if event.name else None
    form = [ActionExecuted(loop.name), loop] if loop else []
    return [*form, *slots.values(), ActionExecuted(ACTION_LISTEN_NAME)]


def _row(sender: str, event: Event) -> dict[str, Any]:
    """Return an event as Rasa writes it."""
    data = event.as_dict()
    return {
        "sender_id": sender,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _reason(error: Exception) -> str:
    """Return the first line of what a database says, which holds no values of a statement."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return said[0] if said else type(error).__name__
