"""A picture inside the terminal, by the best means that the terminal has."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

CELLS = 88
_CHUNK = 4096
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")
_PIXELS_PER_CELL = 9


class Protocol(Enum):
    """How a terminal takes pictures."""

    KITTY = "kitty"
    ITERM = "iterm"
    SIXEL = "sixel"
    NONE = "none"


def protocol(environment: Mapping[str, str], *, terminal: bool) -> Protocol:
    """Return what the terminal that the environment describes can show.

    A chart in coloured blocks cannot be read, so other terminals show none.

    Args:
        environment: the process's variables.
        terminal: whether the output is one.
    """
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if not terminal or term == "dumb":
        return Protocol.NONE
    if not (environment.get("TMUX") or term.startswith(("screen", "tmux"))):
        if "kitty" in term or "KITTY_WINDOW_ID" in environment or program == "ghostty":
            return Protocol.KITTY
        if program in ("iTerm.app", "WezTerm", "mintty"):
            return Protocol.ITERM
        if term.startswith(_SIXEL_TERMS):
            return Protocol.SIXEL
    return Protocol.NONE


def show(console: Console, path: Path, chosen: Protocol) -> None:
    """Print a stored picture; a picture that cannot be read is passed over, its path is shown."""
    if chosen is Protocol.NONE:
        return
    try:
        with Image.open(path) as file:
            image = file.convert("RGB")
    except OSError:
        return
    cells = min(console.width - 4, CELLS)
    encode = {Protocol.KITTY: kitty, Protocol.ITERM: iterm, Protocol.SIXEL: sixel}[chosen]
    console.file.write(f"  {encode(image, cells)}\n")
    console.file.flush()


def kitty(image: Image.Image, cells: int) -> str:
    """Return the escape codes of kitty's graphics protocol, in chunks of 4096 characters."""
    data = _png(image)
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    codes = []
    for index, chunk in enumerate(chunks):
        head = f"a=T,f=100,c={cells}," if index == 0 else ""
        more = int(index < len(chunks) - 1)
        codes.append(f"\x1b_G{head}m={more};{chunk}\x1b\\")
    return "".join(codes)


def iterm(image: Image.Image, cells: int) -> str:
    """Return the escape code of iTerm2's inline pictures."""
    return f"\x1b]1337;File=inline=1;width={cells};preserveAspectRatio=1:{_png(image)}\a"


def sixel(image: Image.Image, cells: int) -> str:
    """Return a picture as sixels: bands of six rows, each colour of a band in one pass."""
    width = min(image.width, cells * _PIXELS_PER_CELL)
    height = max(1, image.height * width // image.width)
    small = image.resize((width, height)).quantize(64)
    palette = np.asarray(small.getpalette(), dtype=np.int64).reshape(-1, 3) * 100 // 255
    pixels = np.asarray(small)
    codes = ["\x1bPq"]
    codes += [f"#{n};2;{red};{green};{blue}" for n, (red, green, blue) in enumerate(palette)]
    for top in range(0, height, 6):
        band = pixels[top : top + 6]
        weights = (1 << np.arange(len(band)))[:, None]
        for colour in np.unique(band):
            bits = ((band == colour) * weights).sum(axis=0) + 63
            codes.append(f"#{colour}{''.join(map(chr, bits))}$")
        codes.append("-")
    return "".join(codes) + "\x1b\\"


def _png(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
