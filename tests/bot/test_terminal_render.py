"""What an answer looks like in a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from actions import pictures as stored
from bot.terminal import pictures, render

TABLE = "| Row | ML | DL |\n|---|---|---|\n| Uses | trees | layers |"


def shown(messages: list[dict[str, object]], width: int = 80, **options: object) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, **options)
    render.show(console, messages)
    return console.file.getvalue()


def test_markdown_is_formatted_and_its_signs_are_gone() -> None:
    text = shown([{"text": "**Overfitting** is *when* `fit` goes too far"}])
    assert text.strip() == "Overfitting is when fit goes too far"


def test_emphasis_reaches_a_colour_terminal() -> None:
    text = shown([{"text": "**bold**"}], force_terminal=True, color_system="256", no_color=False)
    assert "\x1b[1m" in text


def test_line_breaks_inside_a_paragraph_are_kept() -> None:
    assert [line.strip() for line in shown([{"text": "one\ntwo"}]).split("\n")][:2] == [
        "one",
        "two",
    ]


def test_a_table_keeps_its_cells_in_rows() -> None:
    row = next(line for line in shown([{"text": TABLE}]).splitlines() if "Uses" in line)
    assert row.split() == ["Uses", "trees", "layers"]


def test_code_is_shown_unchanged() -> None:
    text = shown([{"text": "```python\nif a | b:\n    print('x')\n```"}])
    first, second = (line.rstrip() for line in text.splitlines() if line.strip())
    assert first.lstrip() == "if a | b:"
    assert second == first.replace("if a | b:", "    print('x')")


def test_a_long_line_of_code_is_copied_whole_and_without_blanks() -> None:
    code = "print(" + ", ".join(f"value_{n}" for n in range(20)) + ")"
    text = shown([{"text": f"Before\n```python\n{code}\n```\nafter"}], width=40)
    assert code in text.splitlines()
    assert [line.strip() for line in text.splitlines() if line.strip()] == ["Before", code, "after"]


def test_lines_fit_a_narrow_terminal() -> None:
    text = shown([{"text": "word " * 60}, {"text": TABLE}], width=40)
    assert max(map(len, text.splitlines())) <= 40


def test_buttons_are_numbered_across_messages() -> None:
    messages = [
        {"text": "a", "buttons": [{"title": "First one", "payload": "tell me first"}]},
        {"text": "b", "buttons": [{"title": "Second", "payload": "tell me second"}]},
    ]
    flat = " ".join(shown(messages).split())
    assert "1 First one 2 Second" in flat


@pytest.mark.parametrize(
    ("typed", "heard"),
    [("1", "what is bias"), (" 2 ", "more"), ("3", "3"), ("0", "0"), ("1.5", "1.5"), ("²", "²")],
)
def test_a_number_chooses_only_a_button_that_exists(typed: str, heard: str) -> None:
    buttons = [{"title": "Bias", "payload": "what is bias"}, {"title": "more"}]
    assert render.Choices.of([{"text": "x", "buttons": buttons}]).resolve(typed) == heard


def test_a_number_without_buttons_is_a_message() -> None:
    assert render.Choices.of([{"text": "How long is the petal?"}]).resolve("1") == "1"


def test_plain_answers_hold_text_picture_and_choices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    name = stored.store(b"png")
    text = render.plain([{"text": "See:", "image": name, "buttons": [{"title": "Go on"}]}])
    assert text == f"See:\n\n[picture: {stored.folder() / name}]\n\n1. Go on"


def test_where_no_picture_can_be_seen_it_is_told_and_its_address_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path / ("long" * 30)))
    name = stored.store(b"png")
    message = {"image": name, "alt": f"Two rows:\n\n{TABLE}"}
    lines = [line.strip() for line in shown([message], width=50).splitlines()]
    assert f"picture: {stored.folder() / name}" in lines
    assert "Two rows:" in lines and ["Uses", "trees", "layers"] in [line.split() for line in lines]
    assert render.plain([message]).endswith(f"{name}]\n\nTwo rows:\n\n{TABLE}")


def test_a_picture_that_is_seen_is_not_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    monkeypatch.setattr(pictures, "show", lambda console, path: True)
    text = shown([{"image": stored.store(b"png"), "alt": "three circles"}])
    assert "three circles" not in text and str(stored.folder()) in text


def test_a_picture_that_is_not_stored_is_left_out() -> None:
    assert render.plain([{"text": "See:", "image": "../../etc/passwd"}]) == "See:"
