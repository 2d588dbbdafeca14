"""A table is read beside its chat, which goes on; everything else keeps its order."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.telegram import tables, wording
from tests.bot.telegram.conftest import Brain, Connect
from tests.bot.telegram.fake_api import FakeTelegram

ADA = 7


async def test_a_table_does_not_wait_for_a_slow_answer_nor_the_next_question_for_the_table(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "classifier", lambda: lambda _: ("positive", 0.9))
    gate = brain.hold("slow")
    channel = await connect()
    api.say(ADA, "slow")
    api.upload(ADA, "reviews.csv", b"text\ngood\n")
    api.say(ADA, "next")
    texts = await api.answered(ADA, 2)
    assert "1 positive" in texts[1]
    gate.set()
    assert (await api.answered(ADA, 4))[2:] == ["You said: slow", "You said: next"]
    await channel.idle()


async def test_a_cancelled_table_is_closed_and_not_read_again_after_a_restart(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def labels(*_: object) -> list[tuple[str, str]]:
        await gate.wait()
        return []

    monkeypatch.setattr(tables.Tables, "_labels", labels)
    first = await connect()
    api.upload(ADA, "reviews.csv", b"text\ngood\n")
    await api.until(lambda: api.called("getFile"))
    await asyncio.sleep(0.3)
    api.say(ADA, "/cancel")
    assert await api.answered(ADA) == [wording.say("csv_stopped")]
    await first.idle()
    await first.stop()
    await connect()
    api.say(ADA, "hi")
    assert (await api.answered(ADA, 2))[1:] == ["You said: hi"]
    assert len(api.called("getFile")) == 1
