"""A neuron, a small network, activation functions, a convolution and attention, in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.lib.stride_tricks import sliding_window_view

from models.canvas import (
    COLOURS,
    GREY,
    INK,
    PINK,
    RED,
    TINTS,
    Numbers,
    blank,
    panels,
    picture,
    write,
)

INPUTS, WEIGHTS, BIAS = np.array([1.5, 2, -1]), np.array([0.8, 0.4, 0.6]), -0.5

# "One or the other, not both" (XOR) by two hidden neurons with ReLU, after I. Goodfellow,
# Y. Bengio and A. Courville, "Deep Learning", 2016, section 6.1.
HIDDEN, HIDDEN_BIAS, OUTPUT = np.array([[1, 1], [1, 1]]), np.array([0, -1]), np.array([1, -2])

IMAGE = np.array(
    [list(map(int, row)) for row in (*["011110", "000110", "000100"], *["001100"] * 3)]
)
EDGES = np.array([[-1, 0, 1]] * 3)

SENTENCE = {  # how much of a (function word, animal, act, state) each word is: set by hand
    "The": (2.2, 0.6, 0.0, 0.0),
    "cat": (0.0, 3.0, 0.8, 0.6),
    "slept": (0.0, 0.8, 2.6, 1.2),
    "because": (2.4, 0.0, 0.4, 0.4),
    "it": (0.4, 2.6, 0.2, 0.6),
    "was": (1.2, 0.2, 1.2, 1.0),
    "tired": (0.0, 0.9, 0.9, 2.8),
}


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


@picture(6.2)
def neuron(drawing: Figure) -> None:
    """Draw one neuron: inputs times weights, their sum with the bias, and a sigmoid."""
    axes = blank(drawing, 10, 9.4)
    total = INPUTS @ WEIGHTS + BIAS
    for y, value, weight in zip((7.3, 4.9, 2.5), INPUTS, WEIGHTS, strict=True):
        _wire(axes, (1.1, y), (4.7, 4.9), f"× {weight:g}")
        _node(axes, 0, y, f"{value:g}")
    _wire(axes, (4.7, 4.9), (8.8, 4.9), "sigmoid")
    _node(axes, 1, 4.9, f"{total:.1f}", f"bias {BIAS:g}")
    _node(axes, 2, 4.9, f"{_sigmoid(total):.2f}")
    _heads(axes, 8.7, "inputs", "sum", "output")
    terms = " + ".join(f"{x:g}·{w:g}" for x, w in zip(INPUTS, WEIGHTS, strict=True))
    write(axes, 5, 0.7, f"{terms} + {BIAS:g} = {total:.1f}".replace("+ -", "- "))


@picture(7.4)
def neural_network(drawing: Figure) -> None:
    """Draw a network with all its weights and what each neuron answers to the inputs 1 and 0."""
    axes = blank(drawing, 10, 11.2)
    inputs = np.array([1, 0])
    hidden = np.maximum(inputs @ HIDDEN + HIDDEN_BIAS, 0)
    for i, y in enumerate((8.2, 4.4)):
        for j, end in enumerate((8.2, 4.4)):
            _wire(axes, (1.1, y), (4.7, end), f"× {HIDDEN[i, j]}", 0.37)
        _wire(axes, (4.7, y), (8.8, 6.3), f"× {OUTPUT[i]}")
        _node(axes, 0, y, inputs[i])
        _node(axes, 1, y, hidden[i], f"bias {HIDDEN_BIAS[i]}")
    _node(axes, 2, 6.3, hidden @ OUTPUT)
    _heads(axes, 10.3, "inputs", "hidden, ReLU", "output")
    for place, pair in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        answer = np.maximum(np.array(pair) @ HIDDEN + HIDDEN_BIAS, 0) @ OUTPUT
        told = f"{pair[0]}, {pair[1]}  →  {answer}"
        write(axes, (2.6, 7.4)[place % 2], 1.6 - place // 2, told, fontsize=19)


@picture(7.2)
def activation_functions(drawing: Figure) -> None:
    """Draw four activation functions with their values at -2 and 2."""
    x = np.linspace(-4, 4, 161)
    functions = {
        "ReLU": np.maximum(x, 0),
        "leaky ReLU": np.maximum(x, 0.1 * x),
        "sigmoid": _sigmoid(x),
        "tanh": np.tanh(x),
    }
    for axes, colour, name in zip(panels(drawing, 2, 2), (*COLOURS, PINK), functions, strict=True):
        axes.axhline(0, color=GREY, lw=1)
        axes.axvline(0, color=GREY, lw=1)
        axes.plot(x, functions[name], color=colour, lw=4)
        for at in (-2, 2):
            value = float(np.interp(at, x, functions[name]))
            axes.plot(at, value, "o", ms=10, color=INK)
            write(axes, at - 0.4, value + 0.4, f"{value:.2f}".rstrip("0").rstrip("."))
        axes.set(title=name, xticks=(-2, 0, 2), yticks=(-1, 0, 1), ylim=(-1.4, 2.8))


@picture(7.6)
def convolution(drawing: Figure) -> Numbers:
    """Draw a small image, a filter for vertical edges, its feature map and max pooling."""
    features = (sliding_window_view(IMAGE, (3, 3)) * EDGES).sum((2, 3))
    pooled = features.reshape(2, 2, 2, 2).max((1, 3))
    steps = {"image": IMAGE, "filter": EDGES, "feature map": features, "max pooling": pooled}
    # (panel, column, row, side): where the filter looks and its answer; four cells and the largest.
    rings = ((0, 3, 0, 3, "-"), (2, 3, 0, 1, "-"), (2, 0, 2, 2, "--"), (3, 0, 1, 1, "--"))
    grids = panels(drawing, 2, 2)
    for axes, (name, values) in zip(grids, steps.items(), strict=True):
        is_image = values is IMAGE
        colours, low, high = ("gray", 0, 1) if is_image else ("PuOr", -4, 4)
        axes.imshow(values, colours, vmin=low, vmax=high)
        for (row, column), value in np.ndenumerate(values):
            dark = value == 0 if is_image else abs(value) > 2
            write(axes, column, row, value, color="white" if dark else INK, fontsize=18)
        axes.set_title(name)
        axes.set_axis_off()
    for panel, column, row, side, line in rings:
        corner, look = (column - 0.5, row - 0.5), {"fill": False, "ec": RED, "lw": 5, "ls": line}
        grids[panel].add_patch(Rectangle(corner, side, side, clip_on=False, zorder=3, **look))
    return {"pooled": [f"{value}".replace("-", "−") for value in pooled.flat]}


@picture(7.6)
def attention(drawing: Figure) -> Numbers:
    """Draw how much each word attends to each: softmax(V V' / sqrt(d)) of the vectors V."""
    words, vectors = list(SENTENCE), np.array(list(SENTENCE.values()))
    scores = np.exp(vectors @ vectors.T / np.sqrt(vectors.shape[1]))
    (axes,) = panels(drawing, 1)
    weights = scores / scores.sum(axis=1, keepdims=True)
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=0.8)
    for (row, column), weight in np.ndenumerate(weights):
        if weight >= 0.1:
            colour = "white" if weight > 0.45 else INK
            write(axes, column, row, f"{weight:.2f}"[1:], color=colour)
    corner = (-0.5, words.index("it") - 0.5)
    axes.add_patch(Rectangle(corner, len(words), 1, fill=False, ec=RED, lw=4))
    axes.set_xticks(range(len(words)), words, rotation=40, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(len(words)), words)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.set_xlabel("word vectors set by hand, not learned;\nweights: softmax of dot products")
    return dict(zip(words, weights[words.index("it")], strict=True))


def _node(axes: Any, column: int, y: float, value: Any, below: str = "") -> None:
    x = (1.1, 4.7, 8.8)[column]
    axes.add_patch(Circle((x, y), 0.85, fc=TINTS[column], ec=COLOURS[column], lw=3, zorder=3))
    write(axes, x, y, value, fontsize=22, zorder=4)
    write(axes, x, y - 1.35, below)


def _wire(
    axes: Any, start: tuple[float, float], end: tuple[float, float], text: str, at: float = 0.48
) -> None:
    arrow = {"arrowstyle": "-|>", "color": GREY, "lw": 2.5, "shrinkB": 42, "mutation_scale": 22}
    axes.annotate("", end, start, arrowprops=arrow, zorder=1)
    x, y = np.array(start) * (1 - at) + np.array(end) * at
    write(axes, x, y, text, bbox={"fc": "white", "ec": "none", "pad": 2}, fontsize=18, zorder=2)


def _heads(axes: Any, y: float, *heads: str) -> None:
    for x, text in zip((1.2, 4.7, 8.8), heads, strict=True):
        write(axes, x, y, text, fontweight="bold")
