"""The look shared by all pictures: large letters, and colours that everybody can tell apart."""

from __future__ import annotations

import io
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
_STYLE: dict[str, Any] = {
    "font.size": 14,
    "axes.titlesize": 16,
    "axes.labelsize": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "text.color": INK,
    "legend.frameon": False,
}


def figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches, that belongs to nobody else."""
    drawing = Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(drawing)
    return drawing


def style() -> Any:
    """Return the context in which axes are made."""
    return rc_context(_STYLE)


def blank(drawing: Figure, width: float, height: float) -> Any:
    """Return axes without ticks that fill the figure, measured 0..width and 0..height."""
    axes: Any = drawing.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    return axes


def png(drawing: Figure) -> bytes:
    """Return the picture as PNG bytes; the same drawing gives the same bytes."""
    buffer = io.BytesIO()
    drawing.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
