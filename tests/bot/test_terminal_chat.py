"""The chat with an assistant that is not the real one: piped and typed."""

from __future__ import annotations

import asyncio
import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.input.base import PipeInput
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from bot.settings import Settings
from bot.terminal.background import Background, Replies, Stage
from bot.terminal.chat import Chat
from bot.terminal.piped import answer_lines

ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"


class Echo:
    """Answers with what it heard, and offers two choices when asked to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def reply(self, sender: str, text: str) -> list[dict[str, Any]]:
        self.heard.append((sender, text))
        if text == "break":
            raise SystemExit(1)
        buttons = [{"title": "A", "payload": "tell me a"}, {"title": "B", "payload": "tell me b"}]
        if text == "at length":
            return [{"text": "zebra " * 20_000}]
        return [{"text": f"**{text}**", "buttons": buttons if text == "offer" else []}]


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"FATHOM_HOME": str(tmp_path)})


@pytest.fixture
def assistant(echo: Echo, settings: Settings) -> Background:
    async def load(settings: Settings, stage: Stage) -> Replies:
        stage("waking up")
        await asyncio.sleep(0.05)
        return echo

    return Background(settings, load)


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    pipe = create_pipe_input()
    with create_app_session(input=pipe, output=DummyOutput()):
        yield pipe
    pipe.close()


def talk(assistant: Background, settings: Settings, keyboard: PipeInput, keys: str) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    keyboard.send_text(keys)
    assert Chat(assistant, settings, "me", console).run() == 0
    return console.file.getvalue()


def test_piped_lines_are_answered_in_order_without_decoration(assistant: Background) -> None:
    output = io.StringIO()
    assert answer_lines(assistant, "me", io.StringIO("one\n\n  \ntwo\n"), output) == 0
    assert output.getvalue() == "**one**\n\n**two**\n\n"


def test_piped_numbers_choose(assistant: Background, echo: Echo) -> None:
    answer_lines(assistant, "me", io.StringIO("offer\n2\n2\n"), io.StringIO())
    assert [text for _, text in echo.heard] == ["offer", "tell me b", "2"]


def test_piped_bytes_that_are_not_text_do_not_end_the_chat(assistant: Background) -> None:
    lines = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\nnext\n"), encoding="utf-8")
    output = io.StringIO()
    answer_lines(assistant, "me", lines, output)
    assert "**next**" in output.getvalue()


def test_typed_messages_are_answered_and_control_d_leaves(
    assistant: Background, settings: Settings, keyboard: PipeInput
) -> None:
    text = talk(assistant, settings, keyboard, f"hello there{ENTER}{CTRL_D}")
    assert "\n  hello there " in text
    assert text.rstrip().endswith("See you.")


def test_a_typed_number_chooses_and_shows_what_was_chosen(
    assistant: Background, settings: Settings, keyboard: PipeInput, echo: Echo
) -> None:
    text = talk(assistant, settings, keyboard, f"offer{ENTER}2{ENTER}{CTRL_D}")
    assert [heard for _, heard in echo.heard] == ["offer", "tell me b"]
    assert "  B\n" in text


def test_pasted_lines_are_one_message(
    assistant: Background, settings: Settings, keyboard: PipeInput, echo: Echo
) -> None:
    talk(assistant, settings, keyboard, f"\x1b[200~first\nsecond\x1b[201~{ENTER}{CTRL_D}")
    assert echo.heard == [("me", "first\nsecond")]


def test_control_c_clears_a_line_first_and_leaves_then(
    assistant: Background, settings: Settings, keyboard: PipeInput, echo: Echo
) -> None:
    text = talk(assistant, settings, keyboard, f"half a tho{CTRL_C}{CTRL_C}")
    assert echo.heard == []
    assert "See you." in text


@pytest.mark.parametrize("word", ["quit", "/quit", "EXIT"])
def test_words_that_leave(
    word: str, assistant: Background, settings: Settings, keyboard: PipeInput, echo: Echo
) -> None:
    talk(assistant, settings, keyboard, word + ENTER)
    assert echo.heard == []


def test_history_can_be_read_by_its_owner_only(
    assistant: Background, settings: Settings, keyboard: PipeInput
) -> None:
    talk(assistant, settings, keyboard, f"remember me{ENTER}{CTRL_D}")
    history = settings.home / "chat_history"
    assert "remember me" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_a_turn_that_ends_the_loop_does_not_end_the_chat(assistant: Background) -> None:
    with pytest.raises(SystemExit):
        assistant.ask("me", "break").result(5)
    assert assistant.ask("me", "again").result(5) == [{"text": "**again**", "buttons": []}]


def test_a_message_before_the_assistant_is_there_waits_for_it(settings: Settings) -> None:
    ready = threading.Event()

    async def load(settings: Settings, stage: Stage) -> Replies:
        stage("reading")
        await asyncio.to_thread(ready.wait)
        return Echo()

    assistant = Background(settings, load)
    answer = assistant.ask("me", "early")
    while assistant.stage != "reading":
        time.sleep(0.01)
    assert not assistant.loaded
    assert not answer.done()
    ready.set()
    assert answer.result(5)[0]["text"] == "**early**"


def test_a_failure_to_load_reaches_whoever_asks(settings: Settings) -> None:
    async def load(settings: Settings, stage: Stage) -> Replies:
        raise OSError("no such archive")

    with pytest.raises(OSError, match="no such archive"):
        Background(settings, load).ask("me", "hello").result(5)


def test_a_long_answer_arrives_whole_on_a_terminal_left_non_blocking(
    assistant: Background, settings: Settings, keyboard: PipeInput
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    arrived: list[str] = []

    def read_late() -> None:
        time.sleep(0.5)
        with os.fdopen(reading, encoding="utf-8") as lines:
            arrived.append(lines.read())

    reader = threading.Thread(target=read_late)
    reader.start()
    keyboard.send_text("at length" + ENTER + CTRL_D)
    with os.fdopen(writing, "w", encoding="utf-8") as file:
        Chat(assistant, settings, "me", Console(file=file, width=80, highlight=False)).run()
    reader.join()
    assert arrived[0].count("zebra") == 20_000
