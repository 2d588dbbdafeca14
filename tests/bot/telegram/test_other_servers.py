"""Servers that are not Telegram's answer less, and differently."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.channels.telegram import exchange, polling, wording
from bot.channels.telegram.client import complete
from tests.bot.telegram.conftest import Brain, Connect, png
from tests.bot.telegram.fake_api import FakeTelegram, Fault

ADA, GROUP = 7, -100500


async def test_what_an_answer_lacks_is_filled_in(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    api.sloppy = True
    brain.answers["hi"] = [{"text": "Pick", "buttons": [{"title": "Go", "payload": "go"}]}]
    await connect(TELEGRAM_ALLOWED_CHATS="groups")
    api.say(ADA, "hi")
    await api.answered(ADA)
    api.press(ADA, "Go")
    assert await api.answered(ADA, 2) == ["Pick", "You said: go"]
    api.say(GROUP, "hello @fathom_test_bot!", user=ADA)
    api.say(GROUP, "/help@fathom_test_bot", user=ADA)
    api.say(GROUP, "mail me@fathom_test_bot", user=ADA)
    assert await api.answered(GROUP, 2) == ["You said: hello !", "You said: /help"]
    assert len(api.called("sendMessage")) == 4


async def test_a_missing_method_is_done_without(
    api: FakeTelegram, brain: Brain, connect: Connect, tmp_path: Path
) -> None:
    api.missing = {
        "answerCallbackQuery",
        "deleteWebhook",
        "editMessageReplyMarkup",
        "sendChatAction",
        "sendDocument",
        "sendPhoto",
        "sendPoll",
        "setMyCommands",
    }
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / ("0" * 32 + ".png")).write_bytes(png())
    buttons = [{"title": "Go", "payload": "go"}]
    brain.answers["show"] = [{"text": "A chart", "image": "0" * 32 + ".png", "buttons": buttons}]
    brain.answers["teach"] = [
        {"text": "So.", "utter_action": "utter_concept_definition", "title": "Title 3"}
    ]
    await connect()
    api.say(ADA, "show")
    assert await api.answered(ADA) == ["A chart"]
    api.press(ADA, "Go")
    api.say(ADA, "teach")
    await api.answered(ADA, 3)
    api.press(ADA, wording.say("quiz_button"))
    assert "Title 3" in (await api.answered(ADA, 4))[3]
    assert wording.say("uncertain") not in api.texts(ADA)


async def test_polls_that_are_answered_at_once_make_no_busy_loop(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    api.holds_polls = False
    await connect()
    before = len(api.called("getUpdates"))
    await asyncio.sleep(1)
    assert len(api.called("getUpdates")) - before <= 1 / polling._SHORTEST_PAUSE
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]


async def test_a_failure_that_comes_as_a_success_is_one(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.faults["sendMessage"].append(Fault(200, description="Bad Request: can't parse entities"))
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]
    assert [call.data.get("parse_mode") for call in api.called("sendMessage")] == ["HTML", None]


async def test_429_without_a_time_to_wait_is_tried_again(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.faults["sendMessage"].append(Fault(429))
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]


async def test_the_offer_of_a_lost_answer_is_repeated_until_it_arrives(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "OFFERS", (0.0, 0.1, 0.1))
    await connect()
    api.faults["sendMessage"].append(Fault(502, times=3))
    api.say(ADA, "hi")
    assert await api.answered(ADA) == [wording.say("uncertain")]


async def test_nonsense_among_the_updates_is_passed_over(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    channel = await connect()
    for nonsense in ({"message": 5}, {"callback_query": []}, {"message": {"text": "x"}}, {}):
        api.push(**nonsense)
    query = {"id": "1", "from": {"id": ADA, "first_name": "Ada"}, "data": "made up"}
    api.push(callback_query=query)
    api.push(callback_query={**query, "id": "2", "data": None, "game_short_name": "x"})
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["You said: hi"]
    await channel.idle()
    # A press is answered whatever it lacks: the person sees it wait until then.
    answered = [call.data["text"] for call in api.called("answerCallbackQuery")]
    assert answered == [wording.say("pressed_old")] * 2


async def test_words_with_something_unknown_around_them_are_answered(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    odd = {"entities": [{"type": "bold"}], "reply_to_message": {"message_id": 1}}
    api.push(message=api.message(ADA, text="hi", **odd))
    api.push(message=api.message(ADA, sticker={"file_id": "f"}))
    api.push(message=api.message(ADA, text="no name") | {"from": {"id": ADA}})
    texts = await api.answered(ADA, 3)
    assert texts[::2] == ["You said: hi", "You said: no name"]
    assert "text only" in texts[1]


def test_what_is_there_is_left_alone() -> None:
    whole = {
        "update_id": 1,
        "message": {
            "message_id": 5,
            "date": 1_700_000_000,
            "chat": {"id": -5, "type": "group", "title": "x"},
            "from": {"id": 1, "is_bot": True, "first_name": "x"},
        },
    }
    before = repr(whole)
    complete(whole)
    assert repr(whole) == before
