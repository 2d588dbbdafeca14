"""What is measured where on an iris."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from models.canvas import BLUE, GREEN, INK, ORANGE, RED, blank, figure, png, style

_LABELS = {
    "sepal_length": ("sepal length", ORANGE),
    "sepal_width": ("sepal width", ORANGE),
    "petal_length": ("petal length", BLUE),
    "petal_width": ("petal width", BLUE),
}


def anatomy(field: str | None = None) -> bytes:
    """Draw a sepal and a petal with their length and width; ``field`` stands out if given.

    Raises:
        KeyError: if there is no such feature.
    """
    if field is not None:
        _LABELS[field]
    drawing = figure(6.6, 6.8)
    with style():
        axes = blank(drawing, 10, 10.3)
        axes.plot([5, 5], [0.2, 4.4], color=GREEN, lw=9, solid_capstyle="round", zorder=0)
        for angle in (-32, 32, 0):
            _leaf(axes, (5, 4.6), 90 + angle, 3.6, 1.5, "#C9DDF2", BLUE)
        for angle in (-62, 62):
            _leaf(axes, (5, 4.6), -90 + angle, 4.4, 2.3, "#FBE3B0", ORANGE)
        _measure(axes, "petal_length", (5.0, 4.6), (5.0, 8.2), (5.9, 8.75), field)
        _measure(axes, "petal_width", (4.24, 6.6), (5.76, 6.6), (0.5, 8.9), field, (4.35, 6.75))
        _measure(axes, "sepal_length", (5.15, 5.05), (8.95, 3.03), (7.0, 5.35), field)
        _measure(axes, "sepal_width", (2.35, 4.65), (3.35, 2.65), (0.4, 1.6), field, (3.1, 3.15))
        axes.text(5, 9.75, "Petals stand up, sepals hang down", ha="center", fontsize=17)
        return png(drawing)


def _leaf(
    axes: Any,
    base: tuple[float, float],
    angle: float,
    length: float,
    width: float,
    face: str,
    edge: str,
) -> None:
    turn = np.deg2rad(angle)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    start = np.array(base)
    tip = start + length * along
    shoulder, side = 0.45 * length * along, 0.66 * width * across
    near, far = start + 0.6 * shoulder, tip
    path = Path(
        [start, near + side, far + side, tip, far - side, near - side, start],
        [Path.MOVETO, *[Path.CURVE4] * 6],
    )
    axes.add_patch(PathPatch(path, fc=face, ec=edge, lw=2.5))


def _measure(
    axes: Any,
    name: str,
    start: tuple[float, float],
    end: tuple[float, float],
    place: tuple[float, float],
    field: str | None,
    anchor: tuple[float, float] | None = None,
) -> None:
    label, _ = _LABELS[name]
    chosen = field == name
    colour = RED if chosen else INK
    if field and not chosen:
        colour = "#9A9A9A"
    arrow = {
        "arrowstyle": "<|-|>",
        "lw": 4 if chosen else 2.2,
        "color": colour,
        "shrinkA": 0,
        "shrinkB": 0,
        "mutation_scale": 20,
    }
    axes.annotate("", end, start, arrowprops=arrow)
    text = {
        "color": colour,
        "fontsize": 19 if chosen else 16,
        "fontweight": "bold" if chosen else "normal",
    }
    if anchor is None:
        axes.text(*place, label, **text)
        return
    # The line leaves the label at the edge that looks at the arrow, not across its letters.
    edge = (0.7, 1.0) if anchor[1] > place[1] else (1.0, 0.0)
    line = {"arrowstyle": "-", "lw": 1.2, "color": colour, "relpos": edge, "shrinkB": 0}
    axes.annotate(label, anchor, place, arrowprops=line, **text)
