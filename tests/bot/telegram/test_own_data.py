"""What a person can have of what is kept, and what goes at their word, over the strict server."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered

from actions import pictures
from actions.privacy import DELETED, EXPORTED
from bot import privacy
from bot.channels.telegram import wording
from bot.channels.wording import sentences
from bot.store import Conversations, StoreError, Thumb
from bot.turns import Turns
from tests.bot.telegram.conftest import Brain, Connect
from tests.bot.telegram.fake_api import FakeTelegram, Fault

ADA, BOB, GROUP = 7, 8, -100500
MORE = [{"title": "More", "payload": "more of quokkas"}]
EXPORT = [{"text": "Here it is.", "utter_action": EXPORTED}]


class KeepingBrain(Brain):
    """An assistant that keeps what was said, as Rasa does."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        store = Conversations(f"sqlite:///{home / 'c.db'}", Domain.empty())
        self.agent = SimpleNamespace(tracker_store=store, lock_store=Turns())
        privacy.watch(self.agent)
        self.answers["quokka"] = [{"text": "About quokkas.", "buttons": MORE}]
        self.answers["yes"] = [{"text": "All gone.", "utter_action": DELETED}]
        self.answers["/export"] = EXPORT

    async def __call__(self, message: UserMessage) -> None:
        await super().__call__(message)
        store = self.agent.tracker_store
        tracker = await store.get_or_create_tracker(message.sender_id, append_action_listen=False)
        tracker.update(UserUttered(message.text))
        for answer in self.answers.get(message.text or "", []):
            action = {"utter_action": answer.get("utter_action")}
            image = {"image": answer.get("image")}
            tracker.update(BotUttered(answer["text"], data=image, metadata=action))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)

    async def kept(self, chat: int) -> Any:
        return await self.agent.tracker_store.retrieve_full_tracker(f"telegram:{chat}")


@pytest.fixture
def brain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeepingBrain:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    return KeepingBrain(tmp_path)


async def test_a_thumb_belongs_to_the_conversation_and_one_that_is_not_kept_is_not_called_noted(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise StoreError("away")

    brain.answers["teach"] = [
        {"text": "It is so.", "utter_action": "utter_concept_definition", "title": "Title 3"}
    ]
    channel, down = await connect(), wording.say("thumb_down")
    api.say(ADA, "teach")
    await api.answered(ADA)
    api.press(ADA, down)
    await api.until(lambda: api.called("answerCallbackQuery"))
    await channel.idle()
    assert [e.metadata for e in (await brain.kept(ADA)).events if isinstance(e, Thumb)] == [
        {"topic": "topic_3", "helpful": False}
    ]
    monkeypatch.setattr(brain.agent.tracker_store, "note", fail)
    api.say(ADA, "teach")
    await api.answered(ADA, 2)
    api.press(ADA, down)
    assert (await api.answered(ADA, 3))[2] == wording.say("trouble")


def rows(home: Path, table: str, where: str = "1") -> list[Any]:
    with closing(sqlite3.connect(home / "telegram.db")) as db:
        return db.execute(f"SELECT * FROM {table} WHERE {where}").fetchall()


def documents(api: FakeTelegram, chat: int) -> list[dict[str, Any]]:
    found = [message["document"] for message in api.sent[chat] if "document" in message]
    assert all(document["file_name"] == privacy.FILE for document in found)
    return [json.loads(api.files[document["file_id"]]) for document in found]


async def test_an_export_sends_one_document_with_what_the_person_said(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect, tmp_path: Path
) -> None:
    channel = await connect()
    for chat, text in ((ADA, "quokka"), (BOB, "wombat"), (ADA, "/export"), (ADA, "end")):
        api.say(chat, text)
    texts = await api.answered(ADA, 4)
    await channel.idle()
    assert texts == ["About quokkas.", "Here it is.", "", "You said: end"]
    (kept,) = documents(api, ADA)
    mine = [said["text"] for said in kept["messages"] if said["who"] == "you"]
    assert mine == ["quokka", "/export"]
    assert not documents(api, BOB)
    assert not rows(tmp_path, "updates", "body IS NOT NULL OR reply IS NOT NULL")


async def test_people_are_told_that_they_can_have_their_data(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect
) -> None:
    brain.answers["/unknown"] = [{"text": "None.", "utter_action": "utter_unknown_command"}]
    await connect()
    for text in ("/privacy", "/restart"):
        api.say(ADA, text)
    assert all("/export" in said for said in await api.answered(ADA, 2))


async def test_an_export_that_may_be_lost_is_not_kept_but_made_again(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect, tmp_path: Path
) -> None:
    channel = await connect()
    api.say(ADA, "wombat")
    api.faults["sendDocument"].append(Fault("lost"))
    api.say(ADA, "/export")
    assert (await api.answered(ADA, 4))[3] == wording.say("uncertain")
    await channel.idle()
    assert len(documents(api, ADA)) == len(api.called("sendDocument")) == 1
    assert "wombat" not in str(rows(tmp_path, "buttons"))
    api.press(ADA, wording.say("uncertain_button"))
    await api.until(lambda: len(documents(api, ADA)) == 2)
    assert brain.texts() == ["wombat", "/export", "/export"]


async def test_an_export_is_not_announced_while_the_store_is_away(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> str:
        raise StoreError("away")

    monkeypatch.setattr(privacy, "export", fail)
    await connect()
    api.say(ADA, "/export")
    assert await api.answered(ADA) == [sentences()["away"]]


@pytest.mark.parametrize("way", ["/delete", "delete my data"])
async def test_a_deletion_leaves_nothing_of_the_chat(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect, tmp_path: Path, way: str
) -> None:
    review = pictures.store(b"a review")
    brain.answers["dull"] = [
        {"text": "Dull.", "image": review, "utter_action": "utter_review_explained"}
    ]
    channel = await connect()
    for chat, text in ((BOB, "quokka"), (ADA, "dull"), (ADA, "quokka"), (ADA, way), (ADA, "yes")):
        api.say(chat, text)
    done = "All gone." if way != "/delete" else wording.say("delete_done")
    assert (await api.answered(ADA, 4))[3] == done
    await channel.idle()
    await api.answered(BOB)
    assert await brain.kept(ADA) is None and await brain.kept(BOB)
    assert not pictures.find(review)
    assert not rows(tmp_path, "updates", "body IS NOT NULL OR reply IS NOT NULL")
    assert [row[2] for row in rows(tmp_path, "buttons")] == [BOB]
    left = b"".join(file.read_bytes() for file in tmp_path.glob("telegram.db*"))
    assert b"dull" not in left


async def test_in_a_group_a_deletion_leaves_the_others_their_buttons(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect, tmp_path: Path
) -> None:
    channel = await connect(TELEGRAM_ALLOWED_CHATS=str(GROUP))
    for user, text in ((ADA, "quokka"), (BOB, "quokka"), (ADA, "yes")):
        api.say(GROUP, f"@fathom_test_bot {text}", user=user)
    assert (await api.answered(GROUP, 3))[2] == "All gone."
    await channel.idle()
    assert [row[2:4] for row in rows(tmp_path, "buttons")] == [(GROUP, BOB)]


async def test_nothing_is_called_deleted_by_a_turn_that_broke(
    api: FakeTelegram, brain: KeepingBrain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    await connect()
    api.say(ADA, "quokka")
    await api.answered(ADA)
    monkeypatch.setattr(brain.agent.tracker_store, "save", fail)
    api.say(ADA, "yes")
    assert (await api.answered(ADA, 2))[1] == wording.say("trouble")
    assert await brain.kept(ADA) and api.sent[ADA][0]["reply_markup"]
