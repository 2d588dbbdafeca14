"""What the channel itself decides about files, commands and troubles of the assistant."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from bot.channels.intake import MAX_CHARACTERS
from bot.channels.telegram import handlers, tables, wording
from bot.channels.telegram.assistant import Assistant
from bot.channels.wording import sentences
from bot.store import StoreError
from bot.turns import BusyError
from tests.bot.telegram.conftest import Brain, Connect
from tests.bot.telegram.fake_api import FakeTelegram, Fault

ADA = 7


def positive(_: str) -> tuple[str, float]:
    return "positive", 0.9


async def test_cancel_stops_a_table_and_leaves_room_for_the_next(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(tables, "classifier", lambda: lambda _: (go_on.wait(30), positive(""))[1])
    channel = await connect()
    api.upload(ADA, "one.csv", b"text\ngood\n")
    await api.answered(ADA)
    api.say(ADA, "/cancel")
    assert (await api.answered(ADA, 2))[1] == wording.say("csv_stopped")
    go_on.set()
    await channel.idle()
    assert not brain.asked
    api.upload(ADA, "two.csv", b"text\ngood\n")
    assert "1 positive" in (await api.answered(ADA, 4))[3]
    api.say(ADA, "/cancel")
    await api.answered(ADA, 5)
    assert brain.texts() == ["/cancel"]


async def test_an_unknown_command_is_answered_with_all_there_are(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["/unknown"] = [{"text": "None.", "utter_action": "utter_unknown_command"}]
    await connect()
    api.say(ADA, "/restart")
    (said,) = await api.answered(ADA)
    assert all(f"/{name}" in said for name in (*handlers.MENU, "topics"))


@pytest.mark.parametrize("size", [MAX_CHARACTERS + 1, tables.MAX_BYTES + 1])
async def test_a_text_file_over_the_limit_opens_no_form(
    api: FakeTelegram, brain: Brain, connect: Connect, size: int
) -> None:
    await connect()
    api.upload(ADA, "long.txt", b"x" * size)
    await api.answered(ADA)
    assert "/review" not in brain.texts()


@pytest.mark.parametrize("size", [MAX_CHARACTERS + 1, tables.MAX_BYTES + 1])
async def test_a_text_file_over_the_limit_closes_the_open_form(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: Any, size: int
) -> None:
    async def form(*_: Any) -> str:
        return "review_form"

    monkeypatch.setattr(Assistant, "form", form)
    await connect()
    api.upload(ADA, "long.txt", b"x" * size)
    await api.answered(ADA)
    assert brain.texts()[0] == "/cancel"


async def test_a_table_that_may_be_lost_is_not_kept_but_labelled_again(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(tables, "classifier", lambda: positive)
    channel = await connect()
    api.faults["sendDocument"].append(Fault("reset"))
    api.upload(ADA, "reviews.csv", b"text\nquokka-7391\n")
    assert (await api.answered(ADA, 2))[1] == wording.say("uncertain")
    await channel.idle()
    with sqlite3.connect(tmp_path / "telegram.db") as db:
        kept = db.execute("SELECT payload FROM buttons").fetchall()
        kept += db.execute("SELECT body FROM updates WHERE body IS NOT NULL").fetchall()
    assert kept and not any("quokka" in payload for (payload,) in kept)
    api.press(ADA, wording.say("uncertain_button"))
    await api.answered(ADA, 4)
    assert b"quokka" in api.files[api.sent[ADA][3]["document"]["file_id"]]


async def test_a_size_that_only_the_download_tells_counts(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: Any
) -> None:
    told = {"file_id": "f", "file_unique_id": "u", "file_path": "f", "file_size": 3 * 2**20}
    monkeypatch.setattr(api, "_do_getFile", lambda data, files: told)
    await connect()
    document = {"file_id": "f", "file_unique_id": "u", "file_name": "a.csv"}
    api.push(message=api.message(ADA, document=document))
    assert "2 MB" in (await api.answered(ADA))[0]


@pytest.mark.parametrize(
    ("trouble", "name"), [(StoreError("away"), "away"), (BusyError(1), "busy")]
)
async def test_while_the_store_is_away_people_are_asked_to_try_again(
    api: FakeTelegram, connect: Connect, monkeypatch: Any, trouble: Exception, name: str
) -> None:
    async def fail(*_: Any) -> None:
        raise trouble

    monkeypatch.setattr(Brain, "__call__", fail)
    await connect()
    api.say(ADA, "hi")
    assert await api.answered(ADA) == [sentences()[name]]


async def test_an_update_of_wrong_types_does_not_hold_up_the_next(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.push(message={**api.message(ADA, text="x"), "text": 5})
    api.push(message={**api.message(ADA, text="x"), "chat": {"id": "7", "type": 1}})
    api.say(ADA, "hi")
    assert "You said: hi" in (await api.answered(ADA))[-1:]
