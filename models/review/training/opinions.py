"""Short texts that were written and labelled for this project, to learn from beside the reviews.

The IMDb reviews are long and carry no label per sentence. These lines teach what a person types
in a chat: slang, negations, contrasts, comparisons, irony, hedges, and what holds no opinion.
"""

from __future__ import annotations

import ast
import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import yaml

from models.review.errors import ReviewModelError
from models.review.verdict import STANCES, Label

# In the order of the reviews' labels, 0 and 1.
SIDES: tuple[Label, Label] = ("negative", "positive")
FILE = Path(__file__).with_name("opinions.tsv")
# Kinds that are not hard.
PLAIN = ("any", "none")
# Every tenth is kept apart to choose from.
_APART = 10
_TESTS = Path(__file__).parents[3] / "tests"
# What is written alike, but for signs and capitals, is the same text.
_SIGNS = re.compile(r"[\W_]+")


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

    A text that also stands in a test is in neither.

    Raises:
        ReviewModelError: if the file is missing or has an unknown label.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        found = [Opinion(text, _label(label), kind) for label, kind, text in rows[1:]]
    except (OSError, ValueError) as error:
        raise ReviewModelError(f"The opinions cannot be read: {error}") from error
    tested = _tested()
    numbered = [(n, each) for n, each in enumerate(found) if _alike(each.text) not in tested]
    return (
        [opinion for number, opinion in numbered if number % _APART],
        [opinion for number, opinion in numbered if number % _APART == 0],
    )


def _tested() -> set[str]:
    """Return the texts of the tests: opinions in YAML, in the last column, in code."""
    texts: set[str] = set()
    for path in (_TESTS / "conversations").glob("held_out_reviews.yml"):
        texts.update(str(each["text"]) for each in yaml.safe_load(path.read_text("utf-8")))
    for path in (_TESTS / "review" / "blind").glob("*.tsv"):
        texts.update(line.split("\t")[-1] for line in path.read_text("utf-8").splitlines())
    for path in (_TESTS / "models").glob("test_review_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    return {_alike(text) for text in texts}


def _alike(text: str) -> str:
    return _SIGNS.sub(" ", text.casefold()).strip()


def stance_of(label: Label) -> int:
    """Return the number of the stance that a label belongs to."""
    return STANCES.index(label) if label in STANCES else 0


def _label(name: str) -> Label:
    for label in get_args(Label):
        if name == label:
            return label  # type: ignore[no-any-return]
    raise ValueError(f"there is no label {name!r}")
