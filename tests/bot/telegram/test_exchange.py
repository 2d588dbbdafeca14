"""Messages in and answers out, over real HTTP against the strict server."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.shared.core.domain import Domain

from bot.channels.telegram import tables, wording
from bot.store import Conversations
from tests.bot.telegram.conftest import Brain, Connect, png
from tests.bot.telegram.fake_api import BOT, FakeTelegram, Fault

ADA, BOB, GROUP = 7, 8, -100500


async def test_a_message_is_answered_with_formatting_and_a_typing_sign_first(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["hi"] = [{"text": "**Hello** <b> & `x<1`"}]
    await connect()
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["Hello <b> & x<1"]
    call = api.called("sendMessage")[0]
    assert call.data["text"] == "<b>Hello</b> &lt;b&gt; &amp; <code>x&lt;1</code>"
    assert api.called("sendChatAction")[0].at <= call.at


async def test_the_messages_of_a_turn_become_one_and_keep_their_buttons(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["hi"] = [
        {"text": "One."},
        {"text": "Two."},
        {"text": "Three?", "buttons": [{"title": "Yes", "payload": "yes please"}]},
    ]
    await connect()
    api.say(ADA, "hi")
    assert await api.answered(ADA) == ["One.\n\nTwo.\n\nThree?"]
    assert api.buttons(ADA) == ["Yes"]


async def test_commands_reach_the_assistant_and_unknown_ones_lose_their_name(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    said = [
        "/start",
        "/help@fathom_test_bot",
        "/START iris",
        "/iris 5.1 3.5 1.4 0.2",
        "/restart",
        '/classify_review{"review": "x"}',
        "/start topic_gradient_descent",
        "/start ref77",
        "/cancel",
        "/help@another_bot",
        "a/b",
        "//x",
    ]
    for text in said:
        api.say(ADA, text)
    await api.answered(ADA, 11)
    assert brain.texts() == [
        "/start",
        "/help",
        "/iris",
        "/iris 5.1 3.5 1.4 0.2",
        "/unknown",
        'classify_review{"review": "x"}',
        "what is gradient descent",
        "/start",
        "/cancel",
        "a/b",
        "x",
    ]


async def test_a_press_is_answered_first_clears_the_keyboard_and_counts_once(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["hi"] = [
        {
            "text": "Pick",
            "buttons": [
                {"title": "Iris", "payload": "/iris"},
                {"title": "Evil", "payload": "/restart"},
            ],
        }
    ]
    await connect()
    api.say(ADA, "hi")
    await api.answered(ADA)
    message = api.sent[ADA][0]
    token = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    api.press(ADA, "Iris")
    await api.answered(ADA, 2)
    assert brain.texts() == ["hi", "/iris"]
    methods = [call.method for call in api.calls]
    assert (
        methods.index("answerCallbackQuery")
        < [i for i, name in enumerate(methods) if name == "sendMessage"][1]
    )
    await api.until(lambda: "reply_markup" not in message)
    api.press_data(ADA, token, message)
    await api.until(lambda: len(api.called("answerCallbackQuery")) == 2)
    assert api.called("answerCallbackQuery")[1].data["text"] == wording.say("pressed_old")
    assert len(brain.asked) == 2


async def test_a_button_works_for_its_owner_only(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["hi"] = [{"text": "Pick", "buttons": [{"title": "Go", "payload": "go"}]}]
    await connect(TELEGRAM_ALLOWED_CHATS=str(GROUP))
    api.say(GROUP, "@fathom_test_bot hi", user=ADA)
    await api.answered(GROUP)
    api.press(GROUP, "Go", user=BOB)
    await api.until(lambda: api.called("answerCallbackQuery"))
    assert api.called("answerCallbackQuery")[0].data["text"] == wording.say("pressed_foreign")
    api.press(GROUP, "Go", user=ADA)
    await api.answered(GROUP, 2)
    assert brain.asked == [(f"telegram:{GROUP}:{ADA}", "hi"), (f"telegram:{GROUP}:{ADA}", "go")]


async def test_groups_are_opt_in_and_only_addressed_messages_are_answered(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    channel = await connect(TELEGRAM_ALLOWED_CHATS=str(GROUP))
    api.say(-999, "@fathom_test_bot hi", user=ADA)
    api.say(GROUP, "just talking", user=ADA)
    api.say(GROUP, "/help", user=ADA)
    api.say(GROUP, "@another_bot hi", user=ADA)
    api.say(GROUP, "what is ML @fathom_test_bot", user=ADA)
    api.say(GROUP, "/help@fathom_test_bot", user=BOB)
    api.say(
        GROUP, "and DL?", user=BOB, reply_to_message=api.message(GROUP, text="x") | {"from": BOT}
    )
    await api.answered(GROUP, 3)
    await channel.idle()
    assert brain.asked == [
        (f"telegram:{GROUP}:{ADA}", "what is ML"),
        (f"telegram:{GROUP}:{BOB}", "/help"),
        (f"telegram:{GROUP}:{BOB}", "and DL?"),
    ]
    assert all("replied_to" in message for message in api.sent[GROUP])
    assert not api.sent[-999]


async def test_a_button_that_is_pressed_twice_at_once_is_followed_once(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["hi"] = [{"text": "Choose", "buttons": [{"title": "Go", "payload": "go"}]}]
    channel = await connect()
    api.say(ADA, "hi")
    await api.answered(ADA)
    typed = len(api.called("sendChatAction"))
    for _ in range(3):
        api.press(ADA, "Go")
    await api.answered(ADA, 2)
    await channel.idle()
    await api.until(lambda: len(api.called("answerCallbackQuery")) == 3)
    assert brain.texts() == ["hi", "go"]
    assert len(api.called("editMessageReplyMarkup")) == 1
    assert len(api.called("sendChatAction")) == typed + 1


async def test_an_anonymous_admin_is_answered_and_may_press_under_their_own_name(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["hi"] = [{"text": "Choose", "buttons": [{"title": "Go", "payload": "go"}]}]
    await connect(TELEGRAM_ALLOWED_CHATS=str(GROUP))
    nobody = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    message = api.message(
        GROUP, text="@fathom_test_bot hi", sender_chat={"id": GROUP, "type": "supergroup"}
    )
    api.push(message=message | {"from": nobody})
    await api.answered(GROUP)
    api.press(GROUP, "Go", user=ADA)
    assert (await api.answered(GROUP, 2))[1] == "You said: go"
    # A press would be under another name, so what to delete must be typed.
    ask = api.message(GROUP, text="/delete@fathom_test_bot")
    api.push(message=ask | {"from": nobody})
    assert "yes" in (await api.answered(GROUP, 3))[2]
    assert not api.buttons(GROUP)


async def test_order_holds_within_a_chat_and_chats_do_not_wait_for_each_other(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    gate = brain.hold("slow")
    await connect()
    api.say(ADA, "slow")
    for n in range(5):
        api.say(ADA, f"m{n}")
        api.say(BOB, f"m{n}")
    await api.answered(BOB, 5)
    assert not api.sent[ADA]
    expected = [f"You said: m{n}" for n in range(5)]
    assert api.texts(BOB) == expected
    gate.set()
    assert await api.answered(ADA, 6) == ["You said: slow", *expected]


async def test_twenty_chats_at_once_are_each_answered_in_order(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    for n in range(3):
        for chat in range(1, 21):
            api.say(chat, f"{chat}-{n}")
    for chat in range(1, 21):
        assert await api.answered(chat, 3) == [f"You said: {chat}-{n}" for n in range(3)]


async def test_duplicates_edits_and_service_messages_are_not_answered(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    channel = await connect()
    allowed = json.loads(api.called("getUpdates")[0].data["allowed_updates"])
    assert allowed == ["message", "callback_query"]
    body = api.message(ADA, text="once")
    for _ in range(3):
        api.push(update_id=5000, message=body)
    api.push(update_id=5001, edited_message=api.message(ADA, text="edited"))
    api.push(update_id=5002, channel_post=api.message(ADA, text="post"))
    api.push(update_id=5003, message=api.message(ADA, new_chat_title="service"))
    api.push(update_id=5004, message=api.message(ADA, text="bot") | {"from": BOT})
    api.push(update_id=5005, message={"nonsense": True})
    api.push(update_id=5006, message=api.message(ADA, text="last"))
    await api.answered(ADA, 2)
    await channel.idle()
    assert brain.texts() == ["once", "last"]


async def test_media_get_one_kind_line_and_an_album_only_one(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    channel = await connect()
    file = {"file_id": "f", "file_unique_id": "u"}
    photo = [{**file, "width": 1, "height": 1}]
    api.push(message=api.message(ADA, voice={**file, "duration": 1}))
    api.push(
        message=api.message(
            ADA,
            sticker={
                **file,
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
                "type": "regular",
            },
        )
    )
    for _ in range(3):
        api.push(message=api.message(ADA, photo=photo, media_group_id="album"))
    api.upload(ADA, "virus.exe", b"MZ")
    api.say(ADA, "end")
    await api.answered(ADA, 5)
    await channel.idle()
    line = wording.say("text_only").replace("**", "")
    kinds = wording.say("file_kinds").replace("**", "")
    assert api.texts(ADA) == [line, line, line, kinds, "You said: end"]


async def test_a_picture_goes_out_as_a_photo_with_caption_and_is_uploaded_once(
    api: FakeTelegram, brain: Brain, connect: Connect, tmp_path: Path
) -> None:
    name = "0" * 32 + ".png"
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / name).write_bytes(png())
    brain.answers["show"] = [{"text": "A **chart**", "image": name}]
    brain.answers["steal"] = [{"text": "x", "image": "/etc/hostname"}]
    await connect()
    api.say(ADA, "show")
    assert await api.answered(ADA) == ["A chart"]
    api.say(ADA, "show")
    await api.answered(ADA, 2)
    first, second = api.called("sendPhoto")
    assert "photo" in first.files and "photo" not in second.files
    api.say(ADA, "steal")
    assert (await api.answered(ADA, 3))[2] == "x"
    assert len(api.called("sendPhoto")) == 2


async def test_long_texts_are_split_and_long_code_comes_as_a_file_too(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    code = "\n".join(f"print({n})" for n in range(12))
    brain.answers["long"] = [{"text": "\n\n".join(f"**{n}** " + "word " * 90 for n in range(20))}]
    brain.answers["code"] = [{"text": f"Look:\n```python\n{code}\n```\nDone."}]
    await connect()
    api.say(ADA, "long")
    await api.answered(ADA, 3)
    api.say(BOB, "code")
    await api.answered(BOB, 2)
    assert api.texts(BOB)[0] == f"Look:\n{code}\nDone."
    assert 'language-python">' in api.called("sendMessage")[-1].data["text"]
    document = api.sent[BOB][1]["document"]
    assert document["file_name"].endswith(".py")
    assert api.files[document["file_id"]].decode() == code + "\n"


async def test_a_failed_or_silent_turn_still_gets_an_answer(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["mute"] = []
    await connect()
    api.say(ADA, "fail")
    api.say(ADA, "mute")
    api.say(ADA, "next")
    trouble = wording.say("trouble")
    assert await api.answered(ADA, 3) == [trouble, trouble, "You said: next"]


async def test_a_text_file_is_classified_as_a_review(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.upload(ADA, "review.TXT", "\ufeff/Ein schöner Film.\x00".replace("\x00", "").encode())
    assert await api.answered(ADA) == ["You said: Ein schöner Film."]
    assert brain.texts() == ["/review", "Ein schöner Film."]
    api.upload(ADA, "big.txt", b"x" * (2 * 2**20 + 1))
    assert "2 MB" in (await api.answered(ADA, 2))[1]
    api.upload(ADA, "odd.txt", b"{ a false start")
    assert (await api.answered(ADA, 3))[2] == "You said: { a false start"


async def test_a_table_comes_back_labelled_with_progress(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: Any
) -> None:
    def classify(text: str) -> tuple[str, float]:
        return ("positive", 0.9) if "good" in text else ("negative", 0.1)

    monkeypatch.setattr(tables, "classifier", lambda: classify)
    monkeypatch.setattr(tables, "_BETWEEN_EDITS", 0.0)
    await connect()
    rows = "".join(f'{n},"a good, film"\n{n},bad\n' for n in range(40))
    api.upload(ADA, "reviews.csv", ("id,review\n" + rows).encode())
    texts = await api.answered(ADA, 2)
    assert texts[0] == wording.say("csv_progress", done=80, total=80)
    assert len(api.called("editMessageText")) >= 2
    assert "40 positive, 40 negative" in texts[1]
    lines = api.files[api.sent[ADA][1]["document"]["file_id"]].decode().splitlines()
    assert lines[:2] == ["id,review,label,probability", '0,"a good, film",positive,0.900']
    assert len(lines) == 81
    api.upload(ADA, "reviews.csv", ("text\n" + "x\n" * 5001).encode())
    assert "5001 rows" in (await api.answered(ADA, 3))[2]


async def test_thumbs_are_kept_and_a_quiz_asks_about_what_was_read(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    brain.answers["teach"] = [
        {
            "text": "It is so.",
            "utter_action": "utter_concept_definition",
            "title": "Title 3",
            "buttons": [{"title": "More", "payload": "m"}],
        }
    ]
    store = Conversations("sqlite://", Domain.empty())
    brain.agent = SimpleNamespace(tracker_store=store)
    channel = await connect()
    api.say(ADA, "/quiz")
    assert await api.answered(ADA) == [wording.say("quiz_none")]
    api.say(ADA, "teach")
    await api.answered(ADA, 2)
    up, quiz = wording.say("thumb_up"), wording.say("quiz_button")
    assert api.buttons(ADA) == ["More", up, wording.say("thumb_down"), quiz]
    api.press(ADA, up)
    await api.until(lambda: api.called("answerCallbackQuery"))
    await channel.idle()
    assert "More" in api.buttons(ADA)
    api.press(ADA, quiz)
    await api.until(lambda: api.called("sendPoll"))
    poll = api.called("sendPoll")[0].data
    options = [option["text"] for option in json.loads(poll["options"])]
    assert options[poll["correct_option_id"]] == "Title 3"
    assert "number 3" in poll["question"] and poll["explanation"] == "Because 3."
    assert list(store.thumbs(0)) == [("topic_3", True)]


async def test_what_comes_outside_a_turn_is_sent_at_once(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    channel = await connect()
    api.say(ADA, "hi")
    await api.answered(ADA)
    await channel.get_output_channel().send_text_message(f"telegram:{ADA}", "A reminder")
    # A reminder that was set in a turn keeps that turn's output.
    await brain.outputs[0].send_response(f"telegram:{ADA}", {"text": "Another"})
    assert await api.answered(ADA, 3) == ["You said: hi", "A reminder", "Another"]


async def test_the_menu_is_registered_and_privacy_answers(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.say(ADA, "/privacy")
    assert "/delete" in (await api.answered(ADA))[0]
    await api.until(lambda: api.commands)
    assert [command["command"] for command in api.commands] == [
        "start",
        "help",
        "iris",
        "review",
        "accuracy",
        "quiz",
        "about",
        "cancel",
        "privacy",
        "export",
        "delete",
    ]
    assert not brain.asked


async def test_a_deletion_asks_first_and_says_when_it_fails(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    api.say(ADA, "/delete")
    assert await api.answered(ADA) == [wording.say("delete_ask")]
    api.press(ADA, wording.say("delete_no"))
    assert (await api.answered(ADA, 2))[1] == wording.say("delete_kept")
    api.say(ADA, "/delete")
    await api.answered(ADA, 3)
    # There is no assistant here whose conversations could be deleted.
    api.press(ADA, wording.say("delete_yes"))
    assert (await api.answered(ADA, 4))[3] == wording.say("delete_failed")


@pytest.mark.parametrize("fault", [429, 502, "reset"])
async def test_a_press_is_answered_in_spite_of_a_fault(
    api: FakeTelegram, brain: Brain, connect: Connect, fault: Any
) -> None:
    brain.answers["hi"] = [{"text": "Choose", "buttons": [{"title": "Go", "payload": "go"}]}]
    await connect()
    api.say(ADA, "hi")
    await api.answered(ADA)
    api.faults["answerCallbackQuery"].append(Fault(fault))
    api.press(ADA, "Go")
    await api.answered(ADA, 2)
    await api.until(lambda: len(api.called("answerCallbackQuery")) == 2)
    await api.until(lambda: api.called("editMessageReplyMarkup"))


async def test_whether_to_delete_may_be_typed(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect()
    for said in ("/delete", "no", "/delete", "Yes, delete it!", "/delete", "what is ML", "yes"):
        api.say(ADA, said)
    texts = await api.answered(ADA, 7)
    assert texts[1] == wording.say("delete_kept")
    assert texts[3] == wording.say("delete_failed")
    # A later "yes" answers something else.
    assert texts[5:] == ["You said: what is ML", "You said: yes"]


async def test_a_second_table_waits_for_the_first_while_the_chat_goes_on(
    api: FakeTelegram, brain: Brain, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def classify(text: str) -> tuple[str, float]:
        go_on.wait(30)
        return "positive", 0.9

    monkeypatch.setattr(tables, "classifier", lambda: classify)
    await connect()
    api.upload(ADA, "one.csv", b"text\ngood\n")
    await api.answered(ADA)
    api.upload(ADA, "two.csv", b"text\ngood\n")
    api.say(ADA, "hi")
    texts = await api.answered(ADA, 3)
    assert texts[1:] == [wording.say("csv_busy"), "You said: hi"]
    go_on.set()
    assert "1 positive" in (await api.answered(ADA, 4))[3]


async def test_only_listed_people_may_talk(
    api: FakeTelegram, brain: Brain, connect: Connect
) -> None:
    await connect(TELEGRAM_ALLOWED_CHATS=str(BOB))
    api.say(ADA, "hi")
    api.say(BOB, "hi")
    await api.answered(BOB)
    await asyncio.sleep(0.1)
    assert not api.sent[ADA]
