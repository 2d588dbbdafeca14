"""A picture inside the terminal, where the terminal says that it can show one."""

from __future__ import annotations

import functools
import sys
import termios
from collections.abc import Callable
from pathlib import Path

from rich.console import Console, RenderableType
from rich.padding import Padding

CELLS = 88
Draw = Callable[[Path, str, str], RenderableType]


@functools.cache
def drawing(console: Console) -> Draw | None:
    """Ask the terminal, once, what draws for it; None where a picture could not be read."""
    asks = console.is_terminal and not console.is_dumb_terminal
    if not (asks and sys.__stdin__ and sys.__stdin__.isatty()):
        return None
    # Keys that were typed before would be taken for its answer, a late answer for keys.
    termios.tcflush(sys.__stdin__, termios.TCIFLUSH)
    from textual_image.renderable import Image, SixelImage, TGPImage

    if Image in (SixelImage, TGPImage):
        return Image
    termios.tcflush(sys.__stdin__, termios.TCIFLUSH)
    return None


def show(console: Console, path: Path) -> bool:
    """Print a stored picture as large as it fits; return whether the terminal could show it."""
    draw = drawing(console)
    if draw is None:
        return False
    # Colours carry the number of the picture: none may be changed, whatever the text does.
    screen = Console(
        file=console.file,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        width=min(console.width, CELLS),
        height=max(console.height - 2, 1),
    )
    try:
        screen.print(Padding(draw(path, "auto", "auto"), (0, 0, 0, 2)))
    except OSError:
        return False
    return True
