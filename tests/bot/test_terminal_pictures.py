"""Pictures inside a terminal."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from bot.terminal import pictures
from bot.terminal.pictures import Protocol

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def picture() -> Image.Image:
    """Two pixels wide and high: red above, blue below."""
    image = Image.new("RGB", (2, 2), RED)
    image.paste(BLUE, (0, 1, 2, 2))
    return image


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-kitty"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Protocol.ITERM),
        ({"TERM": "foot"}, Protocol.SIXEL),
        ({"TERM": "xterm-256color"}, Protocol.NONE),
        ({"TERM": "screen-256color", "KITTY_WINDOW_ID": "1"}, Protocol.NONE),
        ({"TERM": "xterm-kitty", "TMUX": "/tmux"}, Protocol.NONE),
        ({"TERM": "dumb"}, Protocol.NONE),
    ],
)
def test_the_terminal_decides_how_pictures_are_sent(
    environment: dict[str, str], expected: Protocol
) -> None:
    assert pictures.protocol(environment, terminal=True) is expected


def test_no_terminal_means_no_picture() -> None:
    assert pictures.protocol({"TERM": "xterm-kitty"}, terminal=False) is Protocol.NONE


def test_kitty_chunks_join_to_the_picture() -> None:
    noise = Image.effect_noise((120, 120), 90).convert("RGB")
    codes = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", pictures.kitty(noise, 40))
    assert len(codes) > 1
    assert all(len(data) <= 4096 for _, data in codes)
    assert [head[-3:] for head, _ in codes] == ["m=1"] * (len(codes) - 1) + ["m=0"]
    decoded = Image.open(io.BytesIO(base64.b64decode("".join(data for _, data in codes))))
    assert decoded.tobytes() == noise.tobytes()


def test_iterm_carries_the_picture(picture: Image.Image) -> None:
    data = pictures.iterm(picture, 40).rpartition(":")[2].rstrip("\a")
    assert Image.open(io.BytesIO(base64.b64decode(data))).tobytes() == picture.tobytes()


def test_sixels_put_each_colour_in_its_rows(picture: Image.Image) -> None:
    code = pictures.sixel(picture, 40)
    colours = dict(re.findall(r"#(\d+);2;(\d+;\d+;\d+)", code))
    rows = {colours[n]: data for n, data in re.findall(r"#(\d+)([?-~]+)\$", code)}
    assert rows["100;0;0"] == "@@"  # the first row of the band, twice
    assert rows["0;0;100"] == "AA"  # the second
    assert code.startswith("\x1bP")
    assert code.endswith("\x1b\\")


def test_a_damaged_picture_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"not a picture")
    console = Console(file=io.StringIO())
    pictures.show(console, path, Protocol.KITTY)
    assert console.file.getvalue() == ""
