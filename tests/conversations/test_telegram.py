"""The trained assistant on Telegram: what people send there, over real HTTP both ways."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import wording
from tests import hostile
from tests.bot.telegram.fake_api import BOT, TOKEN
from tests.bot.telegram.phone import Phone
from tests.conversations.conftest import Server

GROUP = -100500
BAD = "The worst film ever made: boring, dull, badly acted, an awful waste of time. Avoid."


@pytest.fixture
def chat(server: Server, phone: Phone) -> int:
    return phone.new_chat()


def files(phone: Phone, messages: list[dict[str, Any]]) -> dict[str, str]:
    documents = [message["document"] for message in messages if "document" in message]
    return {file["file_name"]: phone.api.files[file["file_id"]].decode() for file in documents}


def test_start_offers_buttons_that_lead_on(phone: Phone, chat: int) -> None:
    assert phone.say(chat, "/start")
    title = phone.api.buttons(chat)[0]
    (answer,) = phone.press(chat, title)
    assert len(answer["text"]) > 20


def test_an_answer_is_formatted_and_has_thumbs_and_a_quiz(phone: Phone, chat: int) -> None:
    assert "overfit" in phone.say(chat, "what is overfitting?").lower()
    sent = [call for call in phone.api.called("sendMessage") if call.data["chat_id"] == chat]
    assert "<b>" in sent[0].data["text"] and sent[0].data["parse_mode"] == "HTML"
    assert wording.say("thumb_up") in phone.api.buttons(chat)
    (poll,) = phone.press(chat, wording.say("quiz_button"))
    assert len(poll["poll"]["options"]) == 4
    asked = phone.api.called("sendPoll")[-1].data
    answer = json.loads(asked["options"])[asked["correct_option_id"]]["text"]
    assert answer.lower() not in asked["question"].lower() and asked["explanation"]


def test_pictures_are_photos_and_code_is_a_file(phone: Phone, chat: int) -> None:
    phone.say(chat, "what is deep learning?")
    (picture,) = phone.replies(chat, lambda: phone.api.say(chat, "show me a picture"))
    assert "photo" in picture
    phone.say(chat, "show me the iris code")
    messages = phone.replies(chat, lambda: phone.api.say(chat, "show me the code"), 2)
    (name,) = files(phone, messages)
    code = files(phone, messages)[name]
    compile(code, name, "exec")
    assert name.endswith(".py") and "iris" in code.lower()


def test_iris_in_one_line_and_cancel_in_the_middle(phone: Phone, chat: int) -> None:
    assert "setosa" in phone.say(chat, "/iris 5.1 3.5 1.4 0.2").lower()
    first = phone.say(chat, "/iris")
    assert "sepal" in first.lower()
    cancelled = phone.say(chat, "/cancel")
    assert cancelled != first
    assert "overfit" in phone.say(chat, "what is overfitting?").lower()


def test_a_review_as_a_reply_as_a_command_and_as_a_file(phone: Phone, chat: int) -> None:
    phone.say(chat, "/review")
    assert "positive" in phone.say(chat, "A wonderful film, one of the best I have seen.").lower()
    assert "negative" in phone.say(chat, f"/review {BAD}").lower()
    upload = BAD.encode()
    (answer,) = phone.replies(chat, lambda: phone.api.upload(chat, "review.txt", upload))
    assert "negative" in answer["text"].lower()


def test_a_table_of_reviews_comes_back_labelled(phone: Phone, chat: int) -> None:
    rows = f'id,text\n1,A wonderful film. I loved it.\n2,"{BAD}"\n'.encode()
    messages = phone.replies(chat, lambda: phone.api.upload(chat, "reviews.csv", rows), 2)
    lines = files(phone, messages)["labelled.csv"].splitlines()
    assert lines[0] == "id,text,label,probability"
    assert ",positive," in lines[1] and ",negative," in lines[2]


@pytest.mark.parametrize("text", ["/restart", '/iris_form{"a": 1}', "/session_start", "//nlu", "/"])
def test_no_text_names_an_intent(phone: Phone, chat: int, text: str) -> None:
    plain = text.strip("/").strip()
    assert phone.say(chat, text)
    if plain:
        assert phone.say(chat, plain)


def test_deep_links_lead_to_their_subject(phone: Phone, chat: int) -> None:
    assert "sepal" in phone.say(chat, "/start iris").lower()
    assert "gradient" in phone.say(phone.new_chat(), "/start topic_gradient_descent").lower()


def test_what_cannot_be_read_gets_one_line(phone: Phone, chat: int) -> None:
    file = {"file_id": "f", "file_unique_id": "u"}
    voice = {"voice": {**file, "duration": 1}}

    def send() -> None:
        phone.api.push(edited_message=phone.api.message(chat, text="edited"))
        phone.api.push(message=phone.api.message(chat, **voice))

    (answer,) = phone.replies(chat, send)
    assert answer["text"] == wording.say("text_only").replace("**", "")


def test_delete_really_deletes_one_conversation(server: Server, phone: Phone, chat: int) -> None:
    secret, other = "hello from quokka-7391", phone.new_chat()
    phone.say(chat, secret)
    phone.say(other, "hello")
    assert events(server, chat) and secret.encode() in on_disk(server)
    phone.say(chat, "/delete")
    (kept,) = phone.press(chat, wording.say("delete_no"))
    assert kept["text"] == wording.say("delete_kept") and events(server, chat)
    phone.say(chat, "/delete")
    (done,) = phone.press(chat, wording.say("delete_yes"))
    assert done["text"] == wording.say("delete_done")
    assert not events(server, chat) and events(server, other)
    assert secret.encode() not in on_disk(server)


def on_disk(server: Server) -> bytes:
    """Return the database and its log of writes."""
    beside = server.database.parent.glob(f"{server.database.name}*")
    return b"".join(path.read_bytes() for path in beside)


def events(server: Server, chat: int) -> int:
    with sqlite3.connect(server.database) as database:
        query = "SELECT count(*) FROM events WHERE sender_id = ?"
        return int(database.execute(query, (f"telegram:{chat}",)).fetchone()[0])


def test_a_group_hears_only_what_it_asked_for(server: Server, phone: Phone) -> None:
    ada, bob = phone.new_chat(), phone.new_chat()
    name = f"@{BOT['username']}"

    def talk() -> None:
        phone.api.say(GROUP, "what is deep learning?", user=bob)
        phone.api.say(GROUP, f"{name} what is overfitting?", user=ada)

    (answer,) = phone.replies(GROUP, talk)
    assert "overfit" in answer["text"].lower() and "replied_to" in answer
    reply = {"reply_to_message": phone.api.message(GROUP, text="x") | {"from": BOT}}
    # Each person has a conversation of their own, so this one has nothing to go on from.
    more = phone.say(GROUP, "tell me more", user=bob, **reply)
    assert "overfit" not in more.lower()


def test_health_says_so_and_the_log_has_no_token(server: Server, phone: Phone) -> None:
    with urllib.request.urlopen(f"{server.origin}/webhooks/telegram/health") as answer:
        report = json.load(answer)
    assert report["status"] == "receiving" and report["mode"] == "polling"
    log = server.log.read_text()
    assert TOKEN.split(":")[1] not in log
    assert "Traceback" not in log


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU time is read from /proc")
def test_no_text_and_no_file_costs_more_than_half_a_second_of_cpu(
    server: Server, phone: Phone
) -> None:
    phone.say(phone.new_chat(), "hello")
    costs = {}
    for name, text in hostile.SEEN.items():
        chat = phone.new_chat()
        before = server.cpu_seconds()
        assert phone.say(chat, text[:4_096])
        costs[name] = server.cpu_seconds() - before
        before = server.cpu_seconds()
        content = text.encode()
        assert phone.replies(chat, lambda: phone.api.upload(chat, "r.txt", content))  # noqa: B023
        costs[f"{name}, as a file"] = server.cpu_seconds() - before
    assert {name: cost for name, cost in costs.items() if cost > 0.5} == {}
