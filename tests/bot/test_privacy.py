"""What is kept of a person goes or is handed out at their word; what is too old goes by itself."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from actions import pictures
from actions.privacy import DELETED, EXPORTED
from bot import privacy, retention
from bot.settings import Keep, Settings, SettingsError
from bot.store import REMARK, TURNS, Conversations, StoreError, Thumb
from bot.turns import Turns

DAY = 86_400.0
DOMAIN = Domain.from_dict({"slots": {"k": {"type": "any", "mappings": [{"type": "custom"}]}}})


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    store = Conversations(f"sqlite:///{tmp_path / 'c.db'}", DOMAIN)
    return SimpleNamespace(tracker_store=store, lock_store=Turns())


async def turn(
    agent: Any,
    sender: str,
    text: str,
    at: float | None = None,
    intent: str | None = None,
    **answer: str | None,
) -> None:
    tracker = await agent.tracker_store.get_or_create_tracker(sender, append_action_listen=False)
    action = {"utter_action": answer.pop("action", None)}
    for event in (
        UserUttered(text, {"name": intent}, timestamp=at),
        SlotSet("k", text, timestamp=at),
        BotUttered(f"about {text}", data=dict(answer), metadata=action, timestamp=at),
        ActionExecuted("action_listen", timestamp=at),
    ):
        tracker.update(event)
    await agent.tracker_store.save(tracker)


async def test_what_a_person_wants_deleted_is_gone_with_the_pictures_of_their_words(
    agent: Any, tmp_path: Path
) -> None:
    mine, everybodys = pictures.store(b"a review"), pictures.store(b"a drawing")
    await turn(agent, "me", "a dull film", action="utter_review_explained", image=mine)
    await turn(agent, "me", "show me pooling", action="utter_concept", image=everybodys)
    await turn(agent, "you", "hello")
    privacy.watch(agent)
    await turn(agent, "me", "yes", action=DELETED)
    (told,) = await privacy.carry_out(agent, "me", [{"text": "Done.", "utter_action": DELETED}])
    assert told["deleted"] is True
    assert await agent.tracker_store.retrieve_full_tracker("me") is None
    assert await agent.tracker_store.retrieve_full_tracker("you")
    assert (pictures.find(mine), bool(pictures.find(everybodys))) == (None, True)
    assert all(b"dull" not in file.read_bytes() for file in tmp_path.glob("c.db*"))


async def test_nothing_is_called_deleted_that_is_not(agent: Any, tmp_path: Path) -> None:
    await turn(agent, "me", "hello")
    privacy.watch(agent)
    with closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
        tracker = await agent.tracker_store.retrieve("me")
        for event in (UserUttered("yes"), BotUttered("Done.", metadata={"utter_action": DELETED})):
            tracker.update(event)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError):
            await agent.tracker_store.save(tracker)


async def test_a_deletion_that_was_said_before_deletes_nothing_later(agent: Any) -> None:
    privacy.watch(agent)
    await turn(agent, "me", "yes", action=DELETED)
    await turn(agent, "me", "hello again")
    everything = await agent.tracker_store.retrieve_full_tracker("me")
    said = [event.text for event in everything.events if isinstance(event, UserUttered)]
    assert said == ["hello again"]


async def test_a_copy_holds_everything_that_was_said_and_of_nobody_else(
    agent: Any, tmp_path: Path
) -> None:
    for number in range(5 * TURNS):
        await turn(agent, "me", f"my message {number}")
    await turn(agent, "you", "a secret")
    hello, answer = await privacy.carry_out(
        agent,
        "me",
        [{"text": "hi", "utter_action": "utter_greet"}, {"text": "x", "utter_action": EXPORTED}],
    )
    assert "file" not in hello
    kept = json.loads(answer["file"]["content"])
    mine = [said["text"] for said in kept["messages"] if said["who"] == "you"]
    assert mine == [f"my message {number}" for number in range(5 * TURNS)]
    assert kept["remembered"] == {"k": f"my message {5 * TURNS - 1}"}
    assert "secret" not in answer["file"]["content"]
    (shown,) = privacy.save([answer], tmp_path)
    path = tmp_path / privacy.FILE
    assert str(path) in shown["text"] and "file" not in shown
    assert path.read_text() == answer["file"]["content"]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_what_is_older_than_its_days_goes_and_the_rest_goes_on(agent: Any) -> None:
    long_ago = time.time() - 10 * DAY
    for number in range(3 * TURNS):
        await turn(agent, "gone", str(number), at=long_ago)
        await turn(agent, "going", f"old {number}", at=long_ago)
    await turn(agent, "going", "new")
    await retention.sweep(Keep(conversations=9), agent.tracker_store)
    assert await agent.tracker_store.retrieve_full_tracker("gone") is None
    assert await agent.tracker_store.retrieve("gone") is None
    everything = await agent.tracker_store.retrieve_full_tracker("going")
    said = [event.text for event in everything.events if isinstance(event, UserUttered)]
    assert said == ["new"]
    assert (await agent.tracker_store.retrieve("going")).get_slot("k") == "new"


async def test_thumbs_and_remarks_are_part_of_the_conversation(agent: Any) -> None:
    store = agent.tracker_store
    await turn(agent, "me", "what is pooling?")
    await store.note("me", Thumb.on("pooling", False))
    await store.note("you", Thumb.on("dropout", True))
    assert list(store.thumbs(0)) == [("pooling", False), ("dropout", True)]
    assert not any(isinstance(event, Thumb) for event in (await store.retrieve("me")).events)
    assert await store.retrieve("you") is None
    messages = json.loads(await privacy.export(agent, "me"))["messages"]
    assert [said.get("thumb") for said in messages] == [
        None,
        None,
        {"topic": "pooling", "helpful": False},
    ]
    await privacy.erase(agent, "me")
    assert list(store.thumbs(0)) == [("dropout", True)]
    assert await store.retrieve_full_tracker("me") is None


async def test_feedback_can_go_before_its_conversation(agent: Any) -> None:
    store, long_ago = agent.tracker_store, time.time() - 10 * DAY
    await turn(agent, "me", "what is pooling?", at=long_ago)
    await turn(agent, "me", "that is wrong", at=long_ago, intent=REMARK)
    await turn(agent, "me", "well explained", intent=REMARK)
    old = Thumb(timestamp=long_ago, metadata={"topic": "pooling", "helpful": False})
    await store.note("me", old)
    await store.note("me", Thumb.on("pooling", True))
    await retention.sweep(Keep(feedback=9), store)
    assert list(store.thumbs(0)) == [("pooling", True)]
    assert [heard.text for heard in store.heard(0)] == ["what is pooling?", "well explained"]
    assert (await store.retrieve("me")).get_slot("k") == "well explained"


async def test_without_a_limit_conversations_and_feedback_stay(agent: Any) -> None:
    await turn(agent, "me", "old", at=1.0)
    await agent.tracker_store.note("me", Thumb(timestamp=1.0, metadata={"topic": "pooling"}))
    await retention.sweep(Keep(), agent.tracker_store)
    assert await agent.tracker_store.retrieve_full_tracker("me")
    tracker = await agent.tracker_store.retrieve_full_tracker("me")
    assert any(isinstance(event, Thumb) for event in tracker.events)


def test_pictures_go_by_age_and_the_oldest_of_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    now = time.time()
    names = [pictures.store(bytes([number]) * 1_000) for number in range(5)]
    for age, name in enumerate(names):
        os.utime(pictures.folder() / name, (now - age * DAY, now - age * DAY))
    pictures.forget(now - 3.5 * DAY, 3_000)
    assert [bool(pictures.find(name)) for name in names] == [True, True, True, False, False]
    assert pictures.store(bytes([2]) * 1_000) == names[2]  # shown again, it is the newest
    pictures.forget(now - 1.5 * DAY, 2_000)
    assert [bool(pictures.find(name)) for name in names[:3]] == [True, False, True]


@pytest.mark.parametrize("value", ["0", "-1", "ten", "1.5", "9" * 50, "٣"])
def test_days_are_whole_numbers(value: str) -> None:
    with pytest.raises(SettingsError, match="KEEP_FEEDBACK_DAYS") as caught:
        Settings.from_environment({"KEEP_FEEDBACK_DAYS": value})
    assert len(str(caught.value)) < 120


def test_days_are_read() -> None:
    given = {"KEEP_CONVERSATIONS_DAYS": "90", "KEEP_PICTURES_MB": " 20 ", "KEEP_PICTURES_DAYS": ""}
    assert Settings.from_environment(given).keep == Keep(90, None, 30, 20)
