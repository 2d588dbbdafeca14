"""What is learned from beside whole reviews: written opinions, and short stretches of reviews.

The IMDb reviews are long and carry no label per sentence. The opinions were written and labelled
for this project; they teach what a person types in a chat: slang, negations, contrasts,
comparisons, irony, hedges, and what holds no opinion.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np

from models.review.network import Doubles
from models.review.text import plain
from models.review.training.corpus import Labelled
from models.review.verdict import STANCES, Label, ReviewModelError

# In the order of the reviews' labels, 0 and 1.
SIDES: tuple[Label, Label] = ("negative", "positive")
FILE = Path(__file__).with_name("opinions.tsv")
# Lines of that file that tests ask for as well, so that nothing may learn from them.
_TESTED = Path(__file__).with_name("tested.txt")
# Every tenth is kept apart to choose from.
_APART = 10
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+|\s{2,}")
_PUNCTUATION = re.compile(r"[^\w\s]")
_FEWEST, _MOST = 3, 45
# How much a stretch counts beside an opinion, and how far its label is drawn to one half.
_STRETCH_WEIGHT, _SMOOTHING = 0.6, 0.05
# A stretch whose words say so little of its review's label teaches more wrong than right.
_CONTRARY = 0.25
# Share of the repeated opinions with a slip of the fingers.
_ROUGH = 0.25


class Opinion(NamedTuple):
    """A text and what a fair reader takes it for."""

    label: Label  # of the verdict that is right
    kind: str  # what makes it hard, "any" for most
    text: str  # the text

    @property
    def is_hard(self) -> bool:
        """Whether it is of a kind that needs more than its words."""
        return self.kind not in ("any", "none")


def load_opinions(path: Path = FILE) -> tuple[list[Opinion], list[Opinion]]:
    """Return the opinions to learn from, and those to choose from.

    Raises:
        ReviewModelError: if the file has an unknown label.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    if unknown := {label for label, _, _ in rows} - set(get_args(Label)):
        raise ReviewModelError(f"The opinions have an unknown label: {', '.join(unknown)}")
    tested = set(_TESTED.read_text(encoding="utf-8").split("\n"))
    parts: tuple[list[Opinion], list[Opinion]] = ([], [])
    for number, (label, kind, text) in enumerate(rows):
        if text not in tested:
            parts[number % _APART == 0].append(Opinion(label, kind, text))  # type: ignore[arg-type]
    return parts


def sided(opinions: Sequence[Opinion]) -> Labelled:
    """Return the opinions that take a side."""
    chosen = [opinion for opinion in opinions if opinion.label in SIDES]
    labels = [SIDES.index(opinion.label) for opinion in chosen]
    return Labelled([opinion.text for opinion in chosen], np.array(labels, np.int64))


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
    for opinion in opinions:
        for turn in range(recipe.repeats if opinion.is_hard else recipe.plain_repeats):
            text = plain(opinion.text).text
            if turn and random.random() < _ROUGH:
                text = _roughened(text, random)
            if opinion.label in SIDES:
                lessons.append(Lesson(text, SIDES.index(opinion.label), 1.0, 0, 1.0))
            else:
                lessons.append(Lesson(text, 0.5, 0.3, STANCES.index(opinion.label), 1.0))
    return lessons


def of_reviews(
    reviews: Labelled, judge: Callable[[Sequence[str]], Doubles], stretches: int, seed: int
) -> list[Lesson]:
    """Return so many stretches of one to three sentences with their review's label.

    Those are left out that contradict it: ``judge`` says how likely a text is positive by its
    words.
    """
    random = np.random.default_rng(seed)
    found: list[tuple[str, int]] = []
    order = random.permutation(len(reviews.texts))
    for number in np.tile(order, 4):
        if len(found) >= stretches * 1.25:
            break
        if stretch := _stretch(plain(reviews.texts[number]).text, random):
            found.append((stretch, int(reviews.labels[number])))
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
