"""A verdict as a picture: the text with its words coloured, and how its sentences pull."""

from __future__ import annotations

import re
from itertools import accumulate, groupby, pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba

from models.canvas import BLUE, INK, ORANGE, blank, figure, png, style
from models.review.explain import FEWEST_SENTENCES
from models.review.verdict import Contribution, Verdict

_WIDTH, _MARGIN = 7.2, 0.25
# Of the letters, in points: the largest that needs no more than so many inches. A long text is
# set in the smallest, however long it is.
_SIZES, _TALLEST = (16.0, 13.0, 9.0, 6.5), 11.6
_LINE = 0.34 / 13  # inches from line to line for each point
_ASPECT = 0.602  # of a letter of the monospaced font: its width by its size
_MOST_BARS = 150
_BARS = 300.0  # points of the width that the bars of all sentences take
_LABELS = 15.0  # points, of everything but the text
_SHADES = 40
_FAINT = 0.08
_FIRST_WITHOUT_GLYPH = 0x2500
_MARKUP = re.compile(r"<[^<>]{1,40}>")
_CHUNK = re.compile(r"\S{1,60}")


class _Piece(NamedTuple):
    """A stretch of text on one line, with the weight of the word it is, 0 for none."""

    text: str
    column: int
    line: int
    weight: float


def explained(text: str, verdict: Verdict) -> bytes:
    """Draw a text with every word on the colour of its side, the stronger the fuller.

    Texts of several sentences get what each one adds as bars beneath, in units of the logit.
    Blue with a line above speaks for the film, orange with a line below against it.

    Args:
        text: what was judged.
        verdict: with the weights of its words.
    """
    size, columns = _fitting(len(text))
    pieces = _laid_out(text, verdict.words, columns)
    tall = (1 + max((piece.line for piece in pieces), default=0)) * _LINE * size
    curve = 3.1 if len(verdict.sentences) >= FEWEST_SENTENCES else 0.0
    height = 1.75 + tall + curve
    drawing = figure(_WIDTH, height)
    with style():
        axes = blank(drawing, _WIDTH, height)
        probability = f"{100 * verdict.probability:.0f} % positive"
        axes.text(_MARGIN, height - 0.5, probability, fontsize=20, fontweight="bold")
        if verdict.words:
            _scale(axes, max(abs(word.weight) for word in verdict.words), height)
        _write(axes, pieces, height - 1.6, size)
        if curve:
            _sentences(drawing, verdict.sentences, height)
        return png(drawing)


def _scale(axes: Any, strongest: float, height: float) -> None:
    """Draw what the colours say: from hardest against the film to hardest for it."""
    left, right, low, high = 3.7, _WIDTH - _MARGIN - 0.3, height - 0.87, height - 0.65
    edges = np.linspace(left, right, _SHADES + 1)
    boxes = [[(a, low), (b, low), (b, high), (a, high)] for a, b in pairwise(edges)]
    _, faces = _colours(np.linspace(-1, 1, _SHADES))
    axes.add_collection(PolyCollection(boxes, facecolors=faces))
    axes.text(_MARGIN, low, "a word adds to the logit", fontsize=_LABELS)
    axes.text(left, high + 0.12, "against it", fontsize=_LABELS)
    axes.text(right, high + 0.12, "for it", ha="right", fontsize=_LABELS)
    for x, told in (
        (left, f"−{strongest:.2f}"),
        ((left + right) / 2, "0"),
        (right, f"+{strongest:.2f}"),
    ):
        axes.text(x, low - 0.27, told, ha="center", fontsize=_LABELS)


def _colours(pulls: Any) -> tuple[Any, Any]:
    """Return the colours of lines and of boxes ``(n, 4)`` for pulls ``(n,)`` from -1 to 1.

    They are numbers: names would be looked up one by one, which takes as long as the rest.
    """
    pulls = pulls[:, None]
    sides = np.where(pulls > 0, to_rgba(BLUE), to_rgba(ORANGE))
    return sides, np.hstack([sides[:, :3], 0.55 * np.abs(pulls)])


def _fitting(letters: int) -> tuple[float, int]:
    """Return the size of the letters for a text of so many, and how many fit on a line."""
    for size in _SIZES:
        columns = int((_WIDTH - 2 * _MARGIN) * 72 / (size * _ASPECT))
        if letters <= 0.9 * columns * _TALLEST / (_LINE * size):  # lines are not quite full
            break
    return size, columns


def _laid_out(text: str, words: tuple[Contribution, ...], columns: int) -> list[_Piece]:
    """Break a text into lines of so many letters and cut it where words begin and end."""
    weights = [0.0] * len(text)
    for word in words:
        weights[word.start : word.end] = [word.weight] * (word.end - word.start)
    shown = "".join(
        letter if letter.isprintable() and ord(letter) < _FIRST_WITHOUT_GLYPH else " "
        for letter in _MARKUP.sub(lambda found: " " * len(found[0]), text)
    )
    pieces: list[_Piece] = []
    line = column = 0
    for found in _CHUNK.finditer(shown):
        if column and column + len(found.group()) > columns:
            line, column = line + 1, 0
        for weight, places in groupby(range(*found.span()), key=weights.__getitem__):
            run = list(places)
            pieces.append(_Piece(shown[run[0] : run[-1] + 1], column, line, weight))
            column += len(run)
        column += 1
    return pieces


def _write(axes: Any, pieces: list[_Piece], top: float, size: float) -> None:
    """Write the lines; few artists, since each one costs time."""
    letter, step = size * _ASPECT / 72, _LINE * size
    strongest = max((abs(piece.weight) for piece in pieces), default=0.0) or 1.0
    boxes, edges, shares = [], [], []
    for piece in pieces:
        share, y = piece.weight / strongest, top - piece.line * step
        if abs(share) > _FAINT:
            left, low, high = _MARGIN + piece.column * letter, y - 0.24 * step, y + 0.65 * step
            right, edge = left + len(piece.text) * letter, high if share > 0 else low
            boxes.append([(left, low), (right, low), (right, high), (left, high)])
            edges.append([(left, edge), (right, edge)])
            shares.append(share)
    sides, faces = _colours(np.array(shares))
    axes.add_collection(PolyCollection(boxes, facecolors=faces))
    axes.add_collection(LineCollection(edges, colors=sides, linewidths=size / 6.5))
    for number, line in groupby(pieces, key=lambda piece: piece.line):
        written = ""
        for piece in line:
            written = written.ljust(piece.column) + piece.text
        y = top - number * step
        axes.text(_MARGIN, y, written, fontsize=size, family="monospace", parse_math=False)


def _sentences(drawing: Any, sentences: tuple[Contribution, ...], height: float) -> None:
    axes = drawing.add_axes((0.17, 0.75 / height, 0.79, 1.95 / height))
    weights = [sentence.weight for sentence in sentences]
    numbers = range(1, len(weights) + 1)
    few = len(weights) <= _MOST_BARS  # of more, only the sum can be seen
    if few:
        colours = [BLUE if weight > 0 else ORANGE for weight in weights]
        axes.vlines(numbers, 0, weights, colors=colours, linewidths=_BARS / len(weights))
    sums, marker = list(accumulate(weights)), "o" if few else None
    axes.plot(numbers, sums, color=INK, lw=1.5, marker=marker, ms=3, label="sum so far")
    axes.axhline(0, color=INK, lw=0.8)
    axes.set_xlim(0.4, len(weights) + 0.6)
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel("number of the sentence", fontsize=_LABELS)
    axes.set_ylabel("added to the logit", fontsize=_LABELS)
    axes.tick_params(labelsize=_LABELS)
    axes.legend(fontsize=_LABELS, loc="lower right", bbox_to_anchor=(1, 0.95))
