"""Short texts that were written and labelled for this project, to learn from beside the reviews.

The IMDb reviews are long and carry no label per sentence. These lines teach what a person types
in a chat: slang, negations, contrasts, comparisons, irony, hedges, and what holds no opinion.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from models.review.errors import ReviewModelError
from models.review.verdict import STANCES, Label

# In the order of the reviews' labels, 0 and 1.
SIDES: tuple[Label, Label] = ("negative", "positive")
FILE = Path(__file__).with_name("opinions.tsv")
# Every tenth is kept apart to choose from.
_APART = 10


@dataclass(frozen=True)
class Opinion:
    """A text and what a fair reader takes it for.

    Attributes:
        text: the text.
        label: of the verdict that is right.
        kind: what makes it hard, "any" for most.
    """

    text: str
    label: Label
    kind: str


def load(path: Path = FILE) -> tuple[list[Opinion], list[Opinion]]:
    """Return the opinions to learn from, and those to choose from.

    Raises:
        ReviewModelError: if the file is missing or has an unknown label.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        found = [Opinion(text, _label(label), kind) for label, kind, text in rows[1:]]
    except (OSError, ValueError) as error:
        raise ReviewModelError(f"The opinions cannot be read: {error}") from error
    numbered = list(enumerate(found))
    return (
        [opinion for number, opinion in numbered if number % _APART],
        [opinion for number, opinion in numbered if number % _APART == 0],
    )


def stance_of(label: Label) -> int:
    """Return the number of the stance that a label belongs to."""
    return STANCES.index(label) if label in STANCES else 0


def _label(name: str) -> Label:
    for label in get_args(Label):
        if name == label:
            return label  # type: ignore[no-any-return]
    raise ValueError(f"there is no label {name!r}")
