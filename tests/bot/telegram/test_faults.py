"""What goes wrong between the bot and Telegram, and what a person notices of it."""

from __future__ import annotations

import asyncio
import threading

import pytest
from telegram.error import RetryAfter

from bot.channels.telegram import attempts, health, polling, supervisor, tables, wording
from tests.bot.telegram.conftest import Brain, Connect
from tests.bot.telegram.fake_api import TOKEN, FakeTelegram, Fault

ADA, BOB, GROUP, SUPERGROUP = 7, 8, -100500, -100900


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_CONFLICT_PAUSE", 0.1)


async def test_429_delays_one_chat_and_not_another(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    wait = {"retry_after": 1}
    api.faults["sendMessage"].append(Fault(429, times=2, chat=ADA, parameters=wait))
    api.say(ADA, "one")
    api.say(ADA, "two")
    api.say(BOB, "other")
    await api.answered(BOB)
    assert not api.sent[ADA]
    assert await api.answered(ADA, 2) == ["You said: one", "You said: two"]


@pytest.mark.parametrize("kind", [502, "reset", "lost"])
async def test_an_uncertain_answer_is_not_repeated_but_offered(
    api: FakeTelegram, brain: Brain, connect: Connect, kind: int | str
) -> None:
    await connect()
    api.faults["sendMessage"].append(Fault(kind, chat=ADA))
    api.say(ADA, "hi")
    await api.until(lambda: wording.say("uncertain") in api.texts(ADA))
    assert api.texts(ADA).count("You said: hi") == (1 if kind == "lost" else 0)
    before = api.texts(ADA).count("You said: hi")
    api.press(ADA, wording.say("uncertain_button"))
    await api.until(lambda: api.texts(ADA).count("You said: hi") == before + 1)
    assert brain.texts() == ["hi"]


async def test_a_slow_server_is_waited_for_and_answered_once(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.faults["sendMessage"].append(Fault("slow", seconds=1.0))
    api.say(ADA, "hi")
    api.say(ADA, "you")
    assert await api.answered(ADA, 2) == ["You said: hi", "You said: you"]
    assert len(api.called("sendMessage")) == 2


async def test_401_in_mid_run_is_said_and_mended_without_a_loss(
    api: FakeTelegram, brain: Brain, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    channel = await connect()
    gate = brain.hold("hi")
    api.say(ADA, "hi")
    await api.until(lambda: brain.asked)
    api.tokens.clear()
    await api.until(lambda: channel.health.state is health.State.UNAUTHORIZED)
    assert any(polling.TOKEN_REFUSED in record.getMessage() for record in caplog.records)
    gate.set()
    await api.until(lambda: api.called("sendMessage"))
    api.tokens.add(TOKEN)
    assert await api.answered(ADA) == ["You said: hi"]
    await api.until(lambda: channel.health.state is health.State.RECEIVING)
    api.say(ADA, "again")
    await api.answered(ADA, 2)


async def test_409_in_mid_run_is_said_once_and_mended(
    api: FakeTelegram, brain: Brain, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    channel = await connect()
    text = "Conflict: terminated by other getUpdates request"
    api.faults["getUpdates"].append(Fault(409, times=3, description=text))
    await api.until(lambda: channel.health.state is health.State.CONFLICT)
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]
    said = [r for r in caplog.records if polling.CONFLICT in r.getMessage()]
    assert len(said) == 1


async def test_a_webhook_that_appears_is_removed(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.webhook = {"url": "https://example.org/x"}
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]


async def test_polling_survives_resets_bad_gateways_and_floods(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.faults["getUpdates"] += [
        Fault("reset"),
        Fault(502),
        Fault(429, parameters={"retry_after": 1}),
        Fault("lost"),
    ]
    for n in range(3):
        api.say(ADA, f"m{n}")
    assert await api.answered(ADA, 3) == [f"You said: m{n}" for n in range(3)]
    assert len(brain.asked) == 3


async def test_a_person_who_blocked_the_bot_does_not_disturb_others(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    blocked = "Forbidden: bot was blocked by the user"
    api.faults["sendMessage"].append(Fault(403, chat=ADA, description=blocked))
    api.say(ADA, "hi")
    api.say(BOB, "hi")
    await api.answered(BOB)
    api.say(ADA, "back")
    assert await api.answered(ADA) == ["You said: back"]


async def test_a_group_that_became_a_supergroup_is_followed(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect(TELEGRAM_ALLOWED_CHATS=str(GROUP))
    api.chats.add(SUPERGROUP)
    api.faults["sendMessage"].append(
        Fault(
            400,
            chat=GROUP,
            description="Bad Request: group chat was upgraded to a supergroup chat",
            parameters={"migrate_to_chat_id": SUPERGROUP},
        )
    )
    api.say(GROUP, "@fathom_test_bot hi", user=ADA)
    assert await api.answered(SUPERGROUP) == ["You said: hi"]
    api.say(SUPERGROUP, "@fathom_test_bot still there?", user=ADA)
    await api.answered(SUPERGROUP, 2)
    assert not api.sent[GROUP]


async def test_a_group_that_says_it_became_a_supergroup_is_still_welcome(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect(TELEGRAM_ALLOWED_CHATS=str(GROUP))
    api.push(message=api.message(GROUP, user=ADA, migrate_to_chat_id=SUPERGROUP))
    api.say(SUPERGROUP, "@fathom_test_bot hi", user=ADA)
    assert await api.answered(SUPERGROUP) == ["You said: hi"]


async def test_a_parse_error_goes_out_plain_with_its_buttons(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["hi"] = [{"text": "**Hi**", "buttons": [{"title": "Go", "payload": "go"}]}]
    await connect()
    error = "Bad Request: can't parse entities: Unsupported start tag"
    api.faults["sendMessage"].append(Fault(400, description=error))
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["Hi"]
    assert api.buttons(ADA) == ["Go"]
    assert "parse_mode" not in api.called("sendMessage")[1].data


async def test_updates_that_wait_survive_a_restart_and_are_answered_once(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_DRAIN", 0.1)
    first = await connect()
    brain.hold("slow")
    api.say(ADA, "done")
    await api.answered(ADA)
    api.say(ADA, "slow")
    api.say(ADA, "queued")
    await api.until(lambda: "slow" in brain.texts())
    await first.stop()
    api.say(ADA, "offline")
    brain.gates.clear()
    brain.asked.clear()
    await connect()
    texts = await api.answered(ADA, 4)
    assert texts == [f"You said: {text}" for text in ("done", "slow", "queued", "offline")]
    assert brain.texts() == ["slow", "queued", "offline"]


async def test_what_waits_for_its_turn_counts_as_not_sent(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_DRAIN", 0.1)
    first = await connect(TELEGRAM_ALLOWED_CHATS="groups")
    for n in range(22):  # two more than a group gets in a minute
        api.say(GROUP, f"@fathom_test_bot m{n}", user=100 + n)
    await api.answered(GROUP, 20)
    await first.stop()
    await connect(TELEGRAM_ALLOWED_CHATS="groups")
    assert await api.answered(GROUP, 22) == [f"You said: m{n}" for n in range(22)]


async def test_a_table_that_is_stopped_again_and_again_is_still_answered(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_DRAIN", 0.0)
    gate = threading.Event()

    def classify(_: str) -> tuple[str, float]:
        gate.wait(2)
        return "positive", 0.9

    monkeypatch.setattr(tables, "classifier", lambda: classify)
    api.upload(ADA, "reviews.csv", b"text\ngood\n")
    for stops in range(1, 4):
        channel = await connect()
        await api.answered(ADA, stops)
        await channel.stop()
    gate.set()
    await connect()
    texts = await api.answered(ADA, 5)
    assert wording.say("given_up") not in texts
    assert "1 positive" in texts[-1]


async def test_a_second_poller_is_told_apart_from_a_passing_conflict(
    api: FakeTelegram, brain: Brain, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    api.faults["getUpdates"].append(Fault(409))
    channel = await connect(ready=False)
    # The other one is thrown out by a short poll, which says nothing about who is left.
    await api.until(lambda: len(api.called("getUpdates")) == 3)
    assert channel.health.state is health.State.CONFLICT
    assert caplog.text.count("another program") == 1
    api.say(ADA, "hi")
    await api.answered(ADA)
    assert channel.health.state is health.State.RECEIVING


async def test_a_thread_that_is_gone_costs_neither_buttons_nor_formatting(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    button = {"title": "Go", "payload": "go"}
    brain.answers["hi"] = [{"text": "**Choose**", "buttons": [button]}]
    await connect(TELEGRAM_ALLOWED_CHATS="groups")
    api.faults["sendMessage"].append(
        Fault(400, description="Bad Request: message thread not found")
    )
    api.say(GROUP, "@fathom_test_bot hi", user=ADA)
    await api.answered(GROUP)
    assert api.buttons(GROUP) == ["Go"]
    assert api.called("sendMessage")[-1].data["parse_mode"] == "HTML"
    assert "reply_parameters" not in api.called("sendMessage")[-1].data


async def test_a_wait_of_any_length_that_telegram_asks_for_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(attempts.asyncio, "sleep", sleep)
    refusals: list[Exception] = [RetryAfter(5000), RetryAfter(1000)]

    async def send() -> str:
        if refusals:
            raise refusals.pop()
        return "sent"

    assert await attempts.carry_out(send) == "sent"
    assert [round(wait) for wait in waits] == [1000, 5000]


async def test_an_answer_that_was_surely_not_sent_is_sent_after_a_restart(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_DRAIN", 0.1)
    first = await connect()
    wait = {"retry_after": 60}
    api.faults["sendMessage"].append(Fault(429, parameters=wait))
    api.say(ADA, "hi")
    await api.until(lambda: api.called("sendMessage"))
    await first.stop()
    await connect()
    assert await api.answered(ADA) == ["You said: hi"]
    assert brain.texts() == ["hi"]


async def test_an_update_that_kills_the_program_is_given_up_after_two_tries(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_DRAIN", 0.0)
    brain.hold("poison")
    api.say(ADA, "poison")
    for attempt in (1, 2):
        channel = await connect()
        await api.until(lambda attempt=attempt: len(brain.asked) == attempt)  # type: ignore[misc]
        await channel.stop()
    await connect()
    api.say(ADA, "next")
    assert await api.answered(ADA, 2) == [wording.say("given_up"), "You said: next"]
    assert brain.texts() == ["poison", "poison", "next"]


async def test_a_server_that_is_not_there_yet_is_waited_for(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    url, port = api.url, int(api.url.rsplit(":", 1)[1])
    await api.stop()
    channel = await connect(ready=False)
    for _ in range(100):
        await asyncio.sleep(0.05)
        if channel.health.state is health.State.UNREACHABLE:
            break
    assert channel.health.state is health.State.UNREACHABLE
    await api.start(port)
    assert api.url == url
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]


async def test_a_receiver_that_dies_is_started_again(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = polling.Poller._once
    broken = [True]

    async def dies(self: polling.Poller) -> None:
        if broken and broken.pop():
            raise RuntimeError("a bug")
        await once(self)

    monkeypatch.setattr(polling.Poller, "_once", dies)
    await connect()
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]


async def test_a_receiver_that_hangs_is_started_again(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert health.STALE + supervisor._WATCH < 60
    monkeypatch.setattr(health, "STALE", 0.5)
    monkeypatch.setattr(supervisor, "_WATCH", 0.1)
    once = polling.Poller._once
    calls = [0]

    async def hangs(self: polling.Poller) -> None:
        calls[0] += 1
        if calls[0] == 2:
            await asyncio.Event().wait()
        await once(self)

    monkeypatch.setattr(polling.Poller, "_once", hangs)
    await connect()
    await api.until(lambda: calls[0] > 2)
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]


async def test_polling_with_several_workers_is_refused(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    channel = await connect()
    await channel.stop()
    channel.start(brain, workers=2)
    await api.until(lambda: channel.health.state is health.State.STOPPED)


async def test_an_answer_that_may_have_been_sent_is_offered_again_after_a_restart(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_DRAIN", 0.1)
    first = await connect()
    api.faults["sendMessage"].append(Fault("slow", seconds=30))
    api.say(ADA, "hi")
    await api.until(lambda: api.called("sendMessage"))
    await asyncio.sleep(0.1)
    await first.stop()
    await connect()
    assert (await api.answered(ADA))[-1] == wording.say("uncertain")
    assert brain.texts() == ["hi"]
    api.press(ADA, wording.say("uncertain_button"))
    assert (await api.answered(ADA, 2))[-1] == "You said: hi"
