"""What the encoder learns from: short stretches of reviews and the written opinions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.review.plain import plain
from models.review.training.opinions import PLAIN, SIDES, Opinion, stance_of
from models.review.verdict import STANCES

Floats = npt.NDArray[np.float32]

_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+|\s{2,}")
_FEWEST, _MOST = 3, 45
# A stretch whose words say so little of its review's label teaches more wrong than right.
_CONTRARY = 0.25


@dataclass(frozen=True)
class Lesson:
    """A text to learn from.

    Attributes:
        text: as it is read.
        side: how likely it is positive.
        side_weight: how much that counts.
        stance: number of its stance.
        stance_weight: how much that counts; a stretch of a review has no known stance.
    """

    text: str
    side: float
    side_weight: float
    stance: int
    stance_weight: float


@dataclass(frozen=True)
class Recipe:
    """What is learned how often.

    Attributes:
        stretches: of reviews.
        repeats: how often an opinion of a hard kind is read.
        plain_repeats: how often any other is read.
        stretch_weight: how much a stretch counts.
        smoothing: how far a stretch's label is drawn to one half.
        rough: share of the repeats with a slip of the fingers.
        pace: share of the full learning rate.
    """

    stretches: int = 16_000
    repeats: int = 3
    plain_repeats: int = 3
    stretch_weight: float = 0.6
    smoothing: float = 0.05
    rough: float = 0.25
    pace: float = 1.0


def of_opinions(opinions: Sequence[Opinion], recipe: Recipe, seed: int) -> list[Lesson]:
    """Return every opinion, several times; the later ones now and then with a slip."""
    random = np.random.default_rng(seed)
    lessons = []
    for turn in range(max(recipe.repeats, recipe.plain_repeats)):
        for opinion in opinions:
            if turn >= (recipe.plain_repeats if opinion.kind in PLAIN else recipe.repeats):
                continue
            text = plain(opinion.text).text
            if turn and random.random() < recipe.rough:
                text = roughen(text, random)
            sided = opinion.label in SIDES
            side = float(SIDES.index(opinion.label)) if sided else 0.5
            weight = 1.0 if sided else 0.3
            lessons.append(Lesson(text, side, weight, stance_of(opinion.label), 1.0))
    return lessons


def of_reviews(
    reviews: Sequence[str],
    labels: npt.NDArray[np.int64],
    judge: Callable[[Sequence[str]], Floats],
    recipe: Recipe,
    seed: int,
) -> list[Lesson]:
    """Return stretches of one to three sentences with their review's label.

    Args:
        reviews: raw texts.
        labels: 1 positive, 0 negative.
        judge: how likely a text is positive by its words, to leave out what contradicts.
        recipe: how many.
        seed: of the choice.
    """
    random = np.random.default_rng(seed)
    texts: list[str] = []
    sides: list[int] = []
    order = random.permutation(len(reviews))
    turn = 0
    while len(texts) < recipe.stretches * 1.25 and turn < 4 * len(order):
        number = int(order[turn % len(order)])
        turn += 1
        if stretch := _stretch(plain(reviews[number]).text, random):
            texts.append(stretch)
            sides.append(int(labels[number]))
    likely = judge(texts)
    target = np.array(sides, np.float32)
    agrees = np.where(target == 1, likely, 1 - likely) >= _CONTRARY
    low, high = recipe.smoothing, 1 - recipe.smoothing
    kept = np.flatnonzero(agrees)[: recipe.stretches]
    stance = STANCES.index("sided")
    return [
        Lesson(texts[i], high if sides[i] else low, recipe.stretch_weight, stance, 0.0)
        for i in kept
    ]


def _stretch(text: str, random: np.random.Generator) -> str | None:
    """Cut one to three sentences out, from the end more often than from the middle."""
    sentences = [part.strip() for part in _END.split(text) if part.strip()]
    if not sentences:
        return None
    size = int(random.choice([1, 1, 2, 2, 3]))
    spare = max(0, len(sentences) - size)
    first = spare if random.random() < 0.35 else int(random.integers(0, spare + 1))
    words = " ".join(sentences[first : first + size]).split()
    return " ".join(words[:_MOST]) if len(words) >= _FEWEST else None


def roughen(text: str, random: np.random.Generator) -> str:
    """Return a text with a slip of the fingers, as people type it."""
    kind = int(random.integers(0, 4))
    at = int(random.integers(0, max(1, len(text) - 1)))
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    if kind == 2:
        return text[:at] + text[at : at + 1] + text[at:]
    return re.sub(r"[^\w\s]", "", text)


def targets(lessons: Sequence[Lesson]) -> Floats:
    """Return side, its weight, stance and its weight of each lesson, shape (lessons, 4)."""
    rows = [(each.side, each.side_weight, each.stance, each.stance_weight) for each in lessons]
    return np.array(rows, np.float32)
