"""Short texts that were written and labelled for this project, to learn from beside the reviews.

The IMDb reviews are long and carry no label per sentence. These lines teach what a person types
in a chat: slang, negations, contrasts, comparisons, irony, hedges, and what holds no opinion.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np

from models.review.training.corpus import Labelled
from models.review.verdict import Label, ReviewModelError

# In the order of the reviews' labels, 0 and 1.
SIDES: tuple[Label, Label] = ("negative", "positive")
FILE = Path(__file__).with_name("opinions.tsv")
# Lines of that file that tests ask for as well, so that nothing may learn from them.
_TESTED = Path(__file__).with_name("tested.txt")
# Every tenth is kept apart to choose from.
_APART = 10


class Opinion(NamedTuple):
    """A text and what a fair reader takes it for."""

    label: Label  # of the verdict that is right
    kind: str  # what makes it hard, "any" for most
    text: str  # the text

    @property
    def is_hard(self) -> bool:
        """Whether it is of a kind that needs more than its words."""
        return self.kind not in ("any", "none")


def load(path: Path = FILE) -> tuple[list[Opinion], list[Opinion]]:
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
