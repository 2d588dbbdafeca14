"""What the encoder learns from: short stretches of reviews and the written opinions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.review.network import Floats
from models.review.text import plain
from models.review.training.opinions import SIDES, Opinion
from models.review.verdict import STANCES

_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+|\s{2,}")
_PUNCTUATION = re.compile(r"[^\w\s]")
_FEWEST, _MOST = 3, 45
# How much a stretch counts beside an opinion, and how far its label is drawn to one half.
_STRETCH_WEIGHT, _SMOOTHING = 0.6, 0.05
# A stretch whose words say so little of its review's label teaches more wrong than right.
_CONTRARY = 0.25
# Share of the repeated opinions with a slip of the fingers.
_ROUGH = 0.25


class Lesson(NamedTuple):
    """A text to learn from."""

    text: str  # as it is read
    side: float  # how likely it is positive
    side_weight: float  # how much that counts
    stance: int  # number of its stance
    stance_weight: float  # how much that counts; a stretch of a review has no known stance


@dataclass(frozen=True)
class Recipe:
    """What is learned how often in one round."""

    stretches: int = 16_000  # of reviews
    repeats: int = 3  # how often an opinion of a hard kind is read
    plain_repeats: int = 3  # how often any other is read
    pace: float = 1.0  # share of the full learning rate


def of_opinions(opinions: Sequence[Opinion], recipe: Recipe, seed: int) -> list[Lesson]:
    """Return every opinion, several times; the later ones now and then with a slip."""
    random = np.random.default_rng(seed)
    lessons = []
    for turn in range(max(recipe.repeats, recipe.plain_repeats)):
        for opinion in opinions:
            if turn >= (recipe.repeats if opinion.is_hard else recipe.plain_repeats):
                continue
            text = plain(opinion.text).text
            if turn and random.random() < _ROUGH:
                text = _roughened(text, random)
            if opinion.label in SIDES:
                lessons.append(Lesson(text, SIDES.index(opinion.label), 1.0, 0, 1.0))
            else:
                lessons.append(Lesson(text, 0.5, 0.3, STANCES.index(opinion.label), 1.0))
    return lessons


def of_reviews(
    reviews: Sequence[str],
    labels: npt.NDArray[np.int64],
    judge: Callable[[Sequence[str]], Floats],
    stretches: int,
    seed: int,
) -> list[Lesson]:
    """Return so many stretches of one to three sentences with their review's label.

    Those are left out that contradict it: ``judge`` says how likely a text is positive by its
    words.
    """
    random = np.random.default_rng(seed)
    found: list[tuple[str, int]] = []
    order = random.permutation(len(reviews))
    for turn in range(4 * len(order)):
        if len(found) >= stretches * 1.25:
            break
        number = order[turn % len(order)]
        if stretch := _stretch(plain(reviews[number]).text, random):
            found.append((stretch, int(labels[number])))
    likely = judge([text for text, _ in found])
    return [
        Lesson(text, abs(label - _SMOOTHING), _STRETCH_WEIGHT, 0, 0.0)
        for (text, label), positive in zip(found, likely, strict=True)
        if (positive if label else 1 - positive) >= _CONTRARY
    ][:stretches]


def _stretch(text: str, random: np.random.Generator) -> str | None:
    """Cut one to three sentences out, from the end more often than from the middle."""
    sentences = [part.strip() for part in _END.split(text) if part.strip()]
    size = int(random.choice([1, 1, 2, 2, 3]))
    spare = max(0, len(sentences) - size)
    first = spare if random.random() < 0.35 else int(random.integers(0, spare + 1))
    words = " ".join(sentences[first : first + size]).split()
    return " ".join(words[:_MOST]) if len(words) >= _FEWEST else None


def _roughened(text: str, random: np.random.Generator) -> str:
    """Return a text with a slip of the fingers, as people type it."""
    at = int(random.integers(0, max(1, len(text) - 1)))
    letters = text[at : at + 2]
    # A letter left out, two letters exchanged, one typed twice; or no punctuation at all.
    slips = [letters[1:], letters[::-1], letters[:1] + letters]
    slip = int(random.integers(0, len(slips) + 1))
    if slip == len(slips):
        return _PUNCTUATION.sub("", text)
    return text[:at] + slips[slip] + text[at + 2 :]
