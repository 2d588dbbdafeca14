"""What is measured where on an iris."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from models.canvas import BLUE, GREEN, INK, ORANGE, RED, blank, figure, png, style
from models.iris._data import FEATURES, Floats

_BASE = np.array([5.0, 4.6])
# Where the label stands, and the point of the arrow that a line leads to where it stands apart.
_PLACES: dict[str, tuple[tuple[float, float], tuple[float, float] | None]] = {
    "petal_length": ((5.9, 8.75), None),
    "petal_width": ((0.5, 8.9), (4.5, 6.76)),
    "sepal_length": ((6.9, 4.75), None),
    "sepal_width": ((0.3, 1.6), (2.95, 2.87)),
}


def anatomy(field: str | None = None) -> bytes:
    """Draw petals and sepals with their length and width; ``field`` stands out if given.

    Raises:
        KeyError: if there is no such feature.
    """
    if field is not None:
        _PLACES[field]
    drawing = figure(6.6, 6.8)
    with style():
        axes = blank(drawing, 10, 10.3)
        axes.plot([5, 5], [0.2, 4.4], color=GREEN, lw=9, solid_capstyle="round", zorder=0)
        _leaf(axes, -90, 2.9, 2.0, "#FBE3B0", ORANGE)
        sepals = [_leaf(axes, angle, 4.4, 2.3, "#FBE3B0", ORANGE) for angle in (-28, -152)]
        petals = [_leaf(axes, angle, 3.6, 1.5, "#C9DDF2", BLUE) for angle in (58, 122, 90)]
        arrows = (sepals[0][:2], sepals[1][2:], petals[2][:2], petals[2][2:])
        for name, ends in zip(FEATURES, arrows, strict=True):
            _measure(axes, name, ends, field)
        axes.text(5, 9.75, "Petals stand up, sepals hang down", ha="center", fontsize=17)
        return png(drawing)


def _leaf(axes: Any, angle: float, length: float, width: float, face: str, edge: str) -> Floats:
    """Draw a leaf from the middle of the flower, and return ``(4, 2)``: base, tip, both sides."""
    turn = np.deg2rad(angle)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    tip, side = _BASE + length * along, 0.66 * width * across
    near = _BASE + 0.27 * length * along
    path = Path(
        [_BASE, near + side, tip + side, tip, tip - side, near - side, _BASE],
        [Path.MOVETO, *[Path.CURVE4] * 6],
    )
    axes.add_patch(PathPatch(path, fc=face, ec=edge, lw=2.5))
    # Half way along its edge, a curve of the third degree lies three quarters of the way out.
    widest = (_BASE + 3 * near + 3 * tip + tip) / 8
    return np.array([_BASE, tip, widest + 0.75 * side, widest - 0.75 * side])


def _measure(axes: Any, name: str, ends: Floats, field: str | None) -> None:
    label, (place, anchor) = name.replace("_", " "), _PLACES[name]
    chosen = field == name
    colour = RED if chosen else INK if field is None else "#9A9A9A"
    arrow = {"arrowstyle": "<|-|>", "lw": 4 if chosen else 2.2, "color": colour}
    arrow |= {"shrinkA": 0, "shrinkB": 0, "mutation_scale": 20}
    axes.annotate("", ends[1], ends[0], arrowprops=arrow)
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
