"""Conversations on a real PostgreSQL and locks on a real Redis: in order, through an outage."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered

from bot import turns
from bot.settings import ROOT
from bot.store import Conversations, StoreError
from bot.turns import LockAwayError, Turns
from tests.stores import BINARIES, Postgres, RedisServer

PAGE = (ROOT / "docs" / "deployment.md").read_text("utf-8")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("stores"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


async def say(store: Conversations, lock: Turns, sender: str, text: str) -> None:
    async with lock.lock(sender):
        tracker = await store.get_or_create_tracker(sender)
        tracker.update(UserUttered(text))
        await asyncio.sleep(0)
        await store.save(tracker)


async def test_two_servers_store_every_double_tap_in_order(postgres, redis) -> None:
    servers = [(Conversations(postgres.url, Domain.empty()), Turns(redis.url)) for _ in range(2)]
    for number in range(0, 200, 2):
        first = asyncio.create_task(say(*servers[0], "me", str(number)))
        await asyncio.sleep(0.005)
        await asyncio.gather(first, say(*servers[1], "me", str(number + 1)))
    everything = await servers[0][0].retrieve_full_tracker("me")
    heard = [event.text for event in everything.events if isinstance(event, UserUttered)]
    assert heard == [str(number) for number in range(200)]


async def test_a_database_that_was_away_is_told_and_remembers(postgres) -> None:
    store, lock = Conversations(postgres.url, Domain.empty()), Turns()
    await say(store, lock, "ada", "before")
    postgres.stop()
    try:
        with pytest.raises(StoreError) as caught:
            await say(store, lock, "ada", "a private text")
        with pytest.raises(StoreError):
            Conversations(postgres.url, Domain.empty())
    finally:
        postgres.start()
    assert not any(word in str(caught.value) for word in ("hunter2", "private", "\n"))
    await say(store, lock, "ada", "after")
    everything = await store.retrieve_full_tracker("ada")
    heard = [event.text for event in everything.events if isinstance(event, UserUttered)]
    assert heard == ["before", "after"]


async def test_a_backup_brings_a_conversation_back(postgres, tmp_path) -> None:
    store, lock = Conversations(postgres.url, Domain.empty()), Turns()
    await say(store, lock, "kept", "before")
    backup = str(tmp_path / "backup.dump")
    for words in re.findall(r"^(pg_\w+ .*?\S)(?:  +#.*)?$", PAGE, re.M):
        if words.startswith("pg_restore"):
            await store.erase("kept")
            assert await store.retrieve("kept") is None
            store.engine.dispose()
        command = words.replace("backup.dump", backup).replace("$TRACKER_STORE_URL", postgres.url)
        subprocess.run(f"{BINARIES[-1]}/{command}", shell=True, check=True, timeout=60)
    everything = await store.retrieve_full_tracker("kept")
    assert [event.text for event in everything.events if isinstance(event, UserUttered)] == [
        "before"
    ]


async def test_a_backup_of_a_file_is_whole_while_it_is_written(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    store = Conversations("sqlite:///var/conversations.db", Domain.empty())
    await say(store, Turns(), "kept", "before")
    (command,) = re.findall(r"^python3 (-c .*)$", PAGE, re.M)
    subprocess.run(f"{sys.executable} {command}", shell=True, check=True, timeout=60)
    restored = Conversations("sqlite:///backup.db", Domain.empty())
    everything = await restored.retrieve_full_tracker("kept")
    assert any(isinstance(event, UserUttered) for event in everything.events)


async def test_a_lock_store_that_was_away_is_told_and_heals(redis) -> None:
    lock = Turns(redis.url)
    redis.stop()
    try:
        for attempt in (lock.check(), lock.lock("a").__aenter__()):
            with pytest.raises(LockAwayError):
                await attempt
    finally:
        redis.start()
    async with lock.lock("a"):
        await lock.check()


async def test_a_lock_is_held_as_long_as_it_takes_and_freed_when_its_holder_dies(
    redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_LIFE", 0.5)
    monkeypatch.setattr(turns, "_RENEW", 0.1)
    ours, theirs, order = Turns(redis.url), Turns(redis.url), []

    async def wait() -> None:
        async with theirs.lock("a"):
            order.append("theirs")

    async with ours.lock("a"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(1.2)
        order.append("ours")
    await waiting
    assert order == ["ours", "theirs"]
    # Nobody renews what a killed process held.
    await ours._redis.set("fathom:b", "held", px=300)
    async with theirs.lock("b"):
        pass
