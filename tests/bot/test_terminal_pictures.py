"""Pictures inside a terminal, which is asked what it can show."""

from __future__ import annotations

import base64
import fcntl
import io
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from bot.terminal import pictures

ROWS, COLUMNS, CELL = 40, 60, (10, 20)
SIXEL = {b"\x1b[c": b"\x1b[?62;4;22c"}
KITTY = {b"\x1b[c": b"\x1b[?62;22c", b"a=q": b"\x1b_Gi=1;OK\x1b\\"}
NONE = {b"\x1b[c": b"\x1b[?62;22c"}
TOO_LATE = {b"a=q": b"\x1b[?62;22c"}
SCRIPT = """
import select, sys
from pathlib import Path
from rich.console import Console
from textual_image import _terminal
from bot.terminal import pictures

read = _terminal.read
_terminal.read = lambda file, length, seconds: read(file, length, 10 * seconds)  # a busy machine
print("shown:", pictures.show(Console(), Path(sys.argv[1])), flush=True)
print("left:", len(select.select([sys.stdin], [], [], 0)[0]), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A picture higher than wide: red above, blue below."""
    image = Image.new("RGB", (300, 900), (255, 0, 0))
    image.paste((0, 0, 255), (0, 450, 300, 900))
    image.save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def on_a_terminal(path: Path, answers: dict[bytes, bytes], **variables: str) -> str:
    """Return what a terminal gets that answers in its own way, and answers nothing else."""
    ours, theirs = os.openpty()
    size = struct.pack("HHHH", ROWS, COLUMNS, COLUMNS * CELL[0], ROWS * CELL[1])
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    environment = {**os.environ, "TERM": "xterm-256color", **variables}
    environment.pop("COLORTERM", None)
    os.write(ours, b"typed before")
    command = [sys.executable, "-c", SCRIPT, str(path)]
    running = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    with running, suppress(OSError):  # it ended
        got, waiting, end = b"", dict(answers), time.monotonic() + 60
        while time.monotonic() < end and not re.search(rb"left: \d", got):
            if select.select([ours], [], [], 0.1)[0]:
                got += os.read(ours, 65536)
            for asked in [asked for asked in waiting if asked in got]:
                os.write(ours, waiting.pop(asked))
    running.kill()
    os.close(ours)
    return got.decode()


def test_a_terminal_with_sixels_gets_the_whole_picture(path: Path) -> None:
    got = on_a_terminal(path, SIXEL)
    assert "shown: True" in got
    ((width, height, sixels),) = re.findall(r"\x1bP[^q]*q\"1;1;(\d+);(\d+)([^\x1b]+)\x1b", got)
    assert ROWS * CELL[1] / 2 < int(height) < ROWS * CELL[1]
    assert int(width) == pytest.approx(int(height) / 3, abs=CELL[0])
    assert re.search(r"#\d+;2;100;0;0", sixels) and re.search(r"#\d+;2;0;0;100", sixels)


def test_a_terminal_with_kittys_protocol_gets_the_picture_and_its_number(path: Path) -> None:
    got = on_a_terminal(path, KITTY, NO_COLOR="1")
    assert "shown: True" in got
    data = "".join(re.findall(r"\x1b_Gi=\d+,m=[01],f=100,q=2;([^\x1b]*)\x1b", got))
    drawn = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    assert drawn.getpixel((drawn.width // 2, 5)) == (255, 0, 0)
    number = int(re.findall(r"\x1b_Ga=p,i=(\d+)", got)[0])
    assert f"\x1b[38;2;{number >> 16 & 255};{number >> 8 & 255};{number & 255}m" in got
    assert got.count("\U0010eeee") % (drawn.height // CELL[1]) == 0


@pytest.mark.parametrize("answers", [NONE, TOO_LATE], ids=["none", "too late"])
def test_any_other_terminal_gets_no_blocks_and_its_answers_are_no_keys(
    path: Path, answers: dict[bytes, bytes]
) -> None:
    got = on_a_terminal(path, answers)
    assert "shown: False" in got and "left: 0" in got
    assert "▀" not in got and "▄" not in got and "\x1bP" not in got


def test_a_terminal_that_says_that_it_is_dumb_is_not_asked(path: Path) -> None:
    got = on_a_terminal(path, {}, TERM="dumb")
    assert "shown: False" in got and "\x1b" not in got


def test_a_damaged_picture_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from textual_image.renderable import SixelImage

    monkeypatch.setattr(pictures, "drawing", lambda console: SixelImage)
    broken = tmp_path / "picture.png"
    broken.write_bytes(b"not a picture")
    console = Console(file=io.StringIO(), force_terminal=True)
    assert not pictures.show(console, broken)
    assert console.file.getvalue() == ""
