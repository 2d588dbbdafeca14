"""The look shared by all pictures: large letters, and colours that everybody can tell apart."""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# M. Okabe and K. Ito, "Color Universal Design", 2008. Every colour also has its own marker.
ORANGE, BLUE, GREEN, RED, PINK = "#E69F00", "#0072B2", "#009E73", "#D55E00", "#CC79A7"
INK, GREY, PAPER = "#222222", "#8A8A8A", "#FFFFFF"
COLOURS = (ORANGE, BLUE, GREEN)
TINTS = ("#FBE3B0", "#B5D8EE", "#B2E2D4")
MARKERS = ("o", "s", "^")

DPI = 120
# In a picture that is shown 360 pixels wide, letters of this size are 13 pixels high.
PHONE = 17.0
_STYLE: dict[str, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "text.color": INK,
    "legend.frameon": False,
}
_ONE_AT_A_TIME = threading.RLock()

Numbers = Mapping[str, Any]  # what can be read off a picture, by name
Drawn = tuple[bytes, Numbers]
Fill = Callable[[Figure], Numbers | None]


def _sizes(size: float) -> dict[str, Any]:
    return {"font.size": size, "axes.titlesize": size + 2, "axes.labelsize": size}


def figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches, that belongs to nobody else."""
    drawing = Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(drawing)
    return drawing


@contextmanager
def style(size: float = 15) -> Iterator[None]:
    """Return the context in which axes are made; ``size`` is that of the letters, in points."""
    # matplotlib keeps the style for the whole process, so only one thread may change it at a time.
    with _ONE_AT_A_TIME, rc_context({**_STYLE, **_sizes(size)}):
        yield


def picture(height: float) -> Callable[[Fill], Callable[[], Drawn]]:
    """Make a function that fills a figure one that returns its PNG, in letters for a phone.

    What it computed and returns goes with the PNG.
    """

    def decorate(fill: Fill) -> Callable[[], Drawn]:
        @functools.wraps(fill)
        def draw() -> Drawn:
            drawing = figure(6.6, height)
            with style(PHONE):
                numbers = fill(drawing) or {}
                if hasattr(drawing.axes[0], "get_subplotspec"):
                    drawing.tight_layout(pad=0.7)
                return png(drawing), numbers

        return draw

    return decorate


def blank(drawing: Figure, width: float, height: float) -> Any:
    """Return axes without ticks that fill the figure, measured 0..width and 0..height."""
    axes: Any = drawing.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    return axes


def panels(drawing: Figure, rows: int, columns: int = 1) -> list[Any]:
    """Return axes without ticks, row by row."""
    axes: list[Any] = [drawing.add_subplot(rows, columns, n + 1) for n in range(rows * columns)]
    for each in axes:
        each.set(xticks=(), yticks=())
    return axes


def write(axes: Any, x: float, y: float, text: Any, **look: Any) -> None:
    """Write a text around a point, or otherwise if ``look`` says so; its minus is a true one."""
    axes.text(x, y, str(text).replace("-", "−"), **{"ha": "center", "va": "center", **look})


def png(drawing: Figure) -> bytes:
    """Return the picture as PNG bytes; the same drawing gives the same bytes."""
    buffer = io.BytesIO()
    drawing.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
