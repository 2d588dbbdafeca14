"""A turn reads only what it needs, and remembers all the same."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot import store as kept
from bot.store import TURNS, Conversations, StoreError

DOMAIN = Domain.from_dict(
    {
        "slots": {
            name: {"type": "any", "mappings": [{"type": "custom"}]} for name in ("a", "b", "c")
        },
        "forms": {"iris_form": {"required_slots": []}},
    }
)


@pytest.fixture
def store(tmp_path: Path) -> Conversations:
    return Conversations(f"sqlite:///{tmp_path / 'c.db'}", DOMAIN)


async def turn(store: Conversations, *events: object, text: str = "hi") -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker("me")
    for event in (UserUttered(text), *events, BotUttered(text), ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)
    return tracker


def values(tracker: DialogueStateTracker) -> dict[str, object]:
    return {name: tracker.get_slot(name) for name in "abc"}


async def test_a_long_conversation_is_read_from_a_checkpoint_and_forgets_nothing(store) -> None:
    chance, known = random.Random(7), {"a": None, "b": None, "c": None}
    for number in range(60):
        changed = chance.choice("abc")
        known[changed] = chance.choice([None, number, [number]])
        tracker = await turn(store, SlotSet(changed, known[changed]), text=str(number))
        assert values(tracker) == known
    tracker = await store.retrieve("me")
    heard = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert TURNS <= len(heard) < 2 * TURNS and heard[-1] == "59"
    assert values(tracker) == known
    everything = await store.retrieve_full_tracker("me")
    said = [event.text for event in everything.events if isinstance(event, UserUttered)]
    assert said == [str(number) for number in range(60)]


async def test_a_form_stays_open_as_long_as_it_takes(store) -> None:
    await turn(store, ActionExecuted("iris_form"), ActiveLoop("iris_form"), SlotSet("a", 1))
    for _ in range(5 * TURNS):
        tracker = await turn(store)
        assert tracker.active_loop_name == "iris_form"
    await turn(store, ActiveLoop(None))
    for _ in range(5 * TURNS):
        assert (await turn(store)).active_loop_name is None
    assert (await store.retrieve("me")).get_slot("a") == 1


async def test_the_order_in_which_slots_were_used_stays(store) -> None:
    await turn(store, SlotSet("b", 1), SlotSet("a", 1))
    for _ in range(5 * TURNS):
        await turn(store)
    slots = [
        event.key for event in (await store.retrieve("me")).events if event.type_name == "slot"
    ]
    assert slots == ["b", "a"]


async def test_a_new_session_sees_nothing_of_the_one_before(store) -> None:
    for _ in range(3 * TURNS):
        await turn(store, SlotSet("a", 1))
    await turn(store, SessionStarted(), SlotSet("b", 2), UserUttered("new"))
    tracker = await store.retrieve("me")
    assert values(tracker) == {"a": None, "b": 2, "c": None}


async def test_what_is_deleted_is_gone_from_the_disk(store, tmp_path: Path) -> None:
    for _ in range(3 * TURNS):
        await turn(store, text="a very private text")
    await store.erase("me")
    assert await store.retrieve("me") is None
    assert await store.retrieve_full_tracker("me") is None
    assert all(b"private" not in file.read_bytes() for file in tmp_path.iterdir())


async def test_only_its_owner_reads_the_database(store, tmp_path: Path) -> None:
    await turn(store)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/c.db",
        "postgresql://me:hunter2@127.0.0.1:1/x",
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Conversations(url, DOMAIN)
    assert "\n" not in str(caught.value)
    assert "hun" not in str(caught.value)


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(StoreError, match=r"c\.db"):
        Conversations(f"sqlite:///{tmp_path / 'c.db'}", DOMAIN)


async def test_a_database_that_is_damaged_further_on_is_named_before_anybody_talks(
    store: Conversations, tmp_path: Path
) -> None:
    await turn(store, text="hello " * 5_000)
    store.engine.dispose()
    path = tmp_path / "c.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:8_192] + bytes(len(whole) - 8_192))
    with pytest.raises(StoreError, match=r"c\.db.*damaged"):
        Conversations(f"sqlite:///{path}", DOMAIN)


async def test_a_locked_database_is_named_and_heals(
    store: Conversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_PATIENCE", 0.1)
    with closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"c\.db.*locked") as caught:
            Conversations(f"sqlite:///{tmp_path / 'c.db'}", DOMAIN)
        assert "\n" not in str(caught.value)
        other.execute("ROLLBACK")
    await turn(store)


async def test_a_full_disk_is_named_and_nothing_of_the_turn_is_kept(store: Conversations) -> None:
    await turn(store, text="before")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreError, match=r"c\.db.*full") as caught:
        await turn(store, text="a private text " * 5_000)
    assert "private" not in str(caught.value)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    await turn(store, text="after")
    everything = await store.retrieve_full_tracker("me")
    said = [event.text for event in everything.events if isinstance(event, UserUttered)]
    assert said == ["before", "after"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write what is read-only")
def test_a_read_only_database_is_named(store: Conversations, tmp_path: Path) -> None:
    store.engine.dispose()
    (tmp_path / "c.db").chmod(0o400)
    with pytest.raises(StoreError, match=r"c\.db.*readonly"):
        Conversations(f"sqlite:///{tmp_path / 'c.db'}", DOMAIN)
