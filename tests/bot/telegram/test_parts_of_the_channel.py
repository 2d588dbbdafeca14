"""Settings, redaction, buttons, files, pictures: what needs no server."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import pytest

from actions import pictures
from bot import redaction
from bot.channels.telegram import attempts, handlers, tables, wording
from bot.channels.telegram.client import create
from bot.channels.telegram.redaction import install
from bot.channels.telegram.reply import Button, Origin
from bot.channels.telegram.settings import TelegramSettings, is_configured
from bot.channels.telegram.store import Store
from bot.settings import SettingsError
from tests.bot.telegram.conftest import png
from tests.bot.telegram.fake_api import TOKEN

SECRET = "s3cret_" * 4
WEBHOOK = {
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "TELEGRAM_MODE": "webhook",
    "TELEGRAM_WEBHOOK_URL": "https://example.org",
    "TELEGRAM_WEBHOOK_SECRET": SECRET,
}


def test_no_representation_shows_a_secret() -> None:
    settings = TelegramSettings.from_environment(WEBHOOK)
    for shown in (repr(settings), str(settings), repr(create(settings))):
        assert TOKEN.split(":")[1] not in shown and SECRET not in shown
    assert settings.webhook_url == "https://example.org/webhooks/telegram/webhook"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"TELEGRAM_BOT_TOKEN": ""}, "TELEGRAM_BOT_TOKEN"),
        ({"TELEGRAM_BOT_TOKEN": "has spaces in it"}, "TELEGRAM_BOT_TOKEN"),
        ({"TELEGRAM_BOT_TOKEN": "", "TELEGRAM_BOT_TOKEN_FILE": "/no/file"}, "TOKEN_FILE"),
        ({"TELEGRAM_MODE": "pigeon"}, "TELEGRAM_MODE"),
        ({"TELEGRAM_WEBHOOK_SECRET": ""}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"TELEGRAM_WEBHOOK_SECRET": "no blanks"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"TELEGRAM_WEBHOOK_URL": ""}, "TELEGRAM_WEBHOOK_URL"),
        ({"TELEGRAM_WEBHOOK_URL": "http://example.org"}, "TELEGRAM_WEBHOOK_URL"),
        ({"TELEGRAM_WEBHOOK_URL": "https://example.org:5005"}, "TELEGRAM_WEBHOOK_URL"),
        ({"TELEGRAM_API_BASE_URL": "localhost:9"}, "TELEGRAM_API_BASE_URL"),
        ({"TELEGRAM_ALLOWED_CHATS": "me"}, "TELEGRAM_ALLOWED_CHATS"),
        ({"TELEGRAM_DROP_PENDING": "perhaps"}, "TELEGRAM_DROP_PENDING"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        TelegramSettings.from_environment({**WEBHOOK, **change})
    assert "\n" not in str(caught.value) and TOKEN not in str(caught.value)


def test_the_token_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    environment = {"TELEGRAM_BOT_TOKEN_FILE": str(file)}
    assert is_configured(environment) and not is_configured({})
    assert TelegramSettings.from_environment(environment).token == TOKEN


def test_who_may_talk() -> None:
    def welcomes(listed: str, chat: int) -> bool:
        environment = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_ALLOWED_CHATS": listed}
        return TelegramSettings.from_environment(environment).welcomes(chat, private=chat > 0)

    assert welcomes("", 7) and not welcomes("", -7)
    assert welcomes("-7", 7) and welcomes("-7", -7) and not welcomes("-7", -8)
    assert welcomes("7", 7) and not welcomes("7", 8)
    assert welcomes("groups", -8)


def test_a_secret_is_masked_in_messages_arguments_and_tracebacks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    install(TOKEN, SECRET)
    tail = TOKEN.split(":")[1]
    log = logging.getLogger("anything")
    log.error("at %s", f"https://host/bot{TOKEN}/getMe")
    log.error(f"percent % and bot{TOKEN.replace(':', '%3A')}")
    try:
        raise ValueError(f"refused {TOKEN}")
    except ValueError:
        log.exception("secret %s", SECRET)
    text = caplog.text
    assert tail not in text and SECRET not in text and "***" in text
    assert "refused ***" in text


def test_a_crash_does_not_show_the_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setitem(redaction._state, "installed", False)
    records = logging.getLogRecordFactory()
    install(TOKEN)
    logging.setLogRecordFactory(records)
    try:
        raise ValueError(f"refused {TOKEN}")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    said = capsys.readouterr().err
    assert "refused ***" in said and TOKEN.split(":")[1] not in said


def test_another_bots_token_is_masked_by_its_shape() -> None:
    other = "987654321:" + "Q" * 35
    assert redaction.redact(f"x{other}y") == "x***" or "Q" * 35 not in redaction.redact(other)


def test_a_button_belongs_to_its_chat_and_person_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "t.db")

    def issue(*buttons: Button) -> list[str]:
        markup = store.keyboard(buttons, Origin(7, 7))
        assert markup
        return [button["callback_data"] for row in markup["inline_keyboard"] for button in row]

    def refusal(token: str, chat: int = 7) -> str:
        button = store.look(token, Origin(chat, chat))
        return button.payload if button.kind == "refused" else ""

    thumb = Button("+", "+t", "feedback")
    go, stay, up = issue(Button("Go", "go" * 100), Button("Stay", "stay"), thumb)
    assert all(len(token) <= 64 for token in (go, stay, up))
    assert store.look(go, Origin(7, 7)).payload == "go" * 100
    foreign, old = wording.say("pressed_foreign"), wording.say("pressed_old")
    assert refusal(go, chat=8) == foreign
    assert refusal("made up") == old
    store.use(go)
    assert refusal(go) == refusal(stay) == old
    assert store.look(up, Origin(7, 7)).kind == "feedback"
    monkeypatch.setattr("bot.channels.telegram.store.LIFETIME", -1.0)
    assert refusal(issue(Button("Old", "old"))[0]) == old


def test_the_store_knows_duplicates_and_what_is_left(tmp_path: Path) -> None:
    store = Store(tmp_path / "t.db")
    number = store.add(77, "{}")
    assert number and store.add(77, "{}") is None
    store.answer(number, "[]")
    again = Store(tmp_path / "t.db")
    assert again.open_updates() == [(number, "{}")] and again.begin(number) == (1, "[]")
    again.close(number)
    assert not again.open_updates() and again.add(77, "{}") is None
    assert again.add(77, '{"other": 1}')
    again.move(-1, -2)
    assert Store(tmp_path / "t.db").moves == {-1: -2}
    assert (tmp_path / "t.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name",
    [
        "/etc/hostname",
        "../" + "0" * 32 + ".png",
        "0" * 32 + ".jpg",
        "",
        "0" * 31 + ".png",
        "http://localhost/x.png",
        "0" * 32 + ".png\n",
    ],
)
def test_only_a_pictures_name_is_a_picture(name: str, tmp_path: Path) -> None:
    assert not pictures.find(name, tmp_path)


def test_a_picture_is_what_its_file_holds(tmp_path: Path) -> None:
    name = "a" * 32 + ".png"
    (tmp_path / name).write_bytes(png())
    found = pictures.find(name, tmp_path)
    assert found and found.read_bytes() == png()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "file_empty"),
        (b" \n", "file_empty"),
        (b"\0\1\2", "file_empty"),
        (b"x" * (tables.MAX_BYTES + 1), "file_too_large"),
    ],
)
def test_what_is_no_text_is_said_to_be_none(content: bytes, sentence: str) -> None:
    with pytest.raises(tables.FileError) as caught:
        tables.decode(content)
    assert str(caught.value) == wording.say(sentence, limit_mb=2)


def test_texts_in_common_encodings_are_read() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert tables.decode("Ein schöner Film".encode(encoding)) == "Ein schöner Film"


@pytest.mark.parametrize("text", ["/restart", '/greet{"a": 1}', "//x", "/ x", "/start@x"])
def test_what_a_button_or_person_says_never_names_an_intent(text: str) -> None:
    for said in handlers.texts(text):
        assert not said.startswith("/") or said[1:] in (*handlers.ASSISTANT, handlers.UNKNOWN)


async def test_no_stretch_of_time_lets_more_through_than_its_limit() -> None:
    window, loop = attempts.Window(3, 0.05), asyncio.get_running_loop()
    times: list[float] = []

    async def send() -> None:
        await window.acquire()
        times.append(loop.time())

    await asyncio.gather(*(send() for _ in range(10)))
    assert times[2] - times[0] < 0.04  # a burst is not held back
    assert all(later - first >= 0.049 for first, later in zip(times, times[3:], strict=False))
