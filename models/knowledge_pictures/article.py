"""Pictures for what the article explains in words: its terms, its chart and its network."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from models.canvas import BLUE, GREEN, INK, ORANGE, PINK, TINTS, blank, picture

# The article's comparison in short: (aspect, machine learning, deep learning).
CHART = (
    (
        "Learning",
        "algorithms learn\nfrom data, without\nexplicit rules",
        "layered networks\nmodelled on the\nhuman brain",
    ),
    (
        "Methods",
        "linear regression,\nclustering,\ndecision trees",
        "artificial neural\nnetworks (ANN)",
    ),
    ("Inspiration", "analytics and\nstatistics", "the human brain"),
    (
        "Used in",
        "chatbots, dynamic\npricing, translation",
        "NLP, driving, military,\ntech industry",
    ),
    ("Requires", "people who choose\nthe features", "vast data, far less\nhuman help"),
    ("Latest", "blockchain\nand IoT", "transfer learning"),
)

_LAYERS = (
    ("Review", "200 word numbers", "", TINTS[0], ORANGE),
    ("Embedding", "200 × 16: a point in space for each word", "160,000 weights", TINTS[1], BLUE),
    ("GlobalAveragePooling1D", "16: the average of all words", "no weights", TINTS[1], BLUE),
    ("Dense, ReLU", "16 neurons", "272 weights", TINTS[2], GREEN),
    ("Dense, sigmoid", "1 neuron: 0 negative … 1 positive", "17 weights", "#F2D9E6", PINK),
)


@picture(6.8)
def nested(drawing: Figure) -> None:
    """Draw deep learning inside machine learning inside artificial intelligence."""
    axes = blank(drawing, 10, 10.3)
    rings = (
        (
            (5, 5.1),
            4.8,
            TINTS[0],
            ORANGE,
            "Artificial intelligence",
            "machines that do what\nseems to need a mind",
            9.0,
        ),
        (
            (5, 4.0),
            3.5,
            TINTS[1],
            BLUE,
            "Machine learning",
            "learns from data\ninstead of rules",
            6.65,
        ),
        (
            (5, 2.75),
            2.15,
            TINTS[2],
            GREEN,
            "Deep learning",
            "learns with\nneural networks\nof many layers",
            3.5,
        ),
    )
    for centre, radius, face, edge, name, text, y in rings:
        axes.add_patch(Circle(centre, radius, fc=face, ec=edge, lw=3))
        axes.text(5, y, name, ha="center", fontsize=19, fontweight="bold")
        axes.text(5, y - 0.2, text, ha="center", va="top", fontsize=15)


@picture(9.6)
def chart(drawing: Figure) -> None:
    """Draw the six-row comparison as a table that can be read on a phone."""
    axes = blank(drawing, 10, 14.5)
    _box(axes, 0.2, 13.1, 4.7, 1.1, TINTS[1], BLUE, "Machine learning", 17, "bold")
    _box(axes, 5.1, 13.1, 4.7, 1.1, TINTS[2], GREEN, "Deep learning", 17, "bold")
    for row, (aspect, ml, dl) in enumerate(CHART):
        y = 10.75 - row * 2.1
        axes.text(5, y + 1.62, aspect, ha="center", fontsize=15, fontweight="bold", color=INK)
        _box(axes, 0.2, y, 4.7, 1.5, "#F3F9FD", BLUE, ml, 15)
        _box(axes, 5.1, y, 4.7, 1.5, "#F2FBF8", GREEN, dl, 15)


@picture(9.4)
def network(drawing: Figure) -> None:
    """Draw the layers of the article's Keras network with shapes and numbers of weights."""
    axes = blank(drawing, 10, 14.2)
    for number, (name, shape, weights, face, edge) in enumerate(_LAYERS):
        y = 11.7 - number * 2.75
        _box(axes, 0.4, y, 9.2, 1.9, face, edge, "", 15)
        axes.text(5, y + 1.28, name, ha="center", va="center", fontsize=17, fontweight="bold")
        axes.text(5, y + 0.55, shape, ha="center", va="center", fontsize=15)
        if number:
            axes.annotate(
                "",
                (5, y + 1.95),
                (5, y + 2.72),
                arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": INK, "mutation_scale": 22},
            )
            axes.text(5.35, y + 2.3, weights, va="center", fontsize=15)


def _box(
    axes: Any,
    x: float,
    y: float,
    width: float,
    height: float,
    face: str,
    edge: str,
    text: str,
    size: float,
    weight: str = "normal",
) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x + 0.1, y + 0.1),
            width - 0.2,
            height - 0.2,
            boxstyle="round,pad=0.1",
            fc=face,
            ec=edge,
            lw=2,
        )
    )
    axes.text(
        x + width / 2,
        y + height / 2,
        text,
        ha="center",
        va="center",
        fontsize=size,
        fontweight=weight,
        linespacing=1.15,
    )
