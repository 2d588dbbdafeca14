"""The concepts, and which others one of them could be mistaken for, as tables in the terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from models.encoder.vectors import encode
from models.knowledge import Block, KnowledgeError, library
from nlu.examples import indexed

MOST_NEIGHBOURS = 5
# Questions of two blocks that are closer than this are for most readers the same question.
COLLISION = 0.9


def show_all() -> None:
    """List every concept with its area, its level and the number of its questions."""
    table = Table("concept", "name", "area", "level", "questions")
    for block in library().concepts:
        asked = sum(map(len, block.questions.values()))
        table.add_row(block.id, block.name, block.area, block.level, str(asked))
    Console().print(table)


def show_one(name: str) -> None:
    """Show the blocks whose questions come nearest to those of one, and the closest pairs.

    Raises:
        KnowledgeError: if there is no such block.
    """
    if name not in library():
        raise KnowledgeError(f"there is no block {name!r}; `python -m bot concepts` lists them")
    console = Console(highlight=False)
    table = Table("nearest blocks", "likeness", "closest questions")
    for near, (ours, theirs, likeness) in nearest(library()[name])[:MOST_NEIGHBOURS]:
        table.add_row(near, f"{likeness:.2f}", ours)
        table.add_row("", "", theirs)
    console.print(table)
    console.print(
        f"Above {COLLISION} two blocks will be mistaken for each other: make their questions say"
        " what sets them apart."
    )


def nearest(block: Block) -> list[tuple[str, tuple[str, str, float]]]:
    """Return other blocks with the closest pair of questions and its cosine, nearest first."""
    asked = [example for example in indexed() if example.is_question]
    vectors = encode([example.text for example in asked])
    own = [row for row, example in enumerate(asked) if example.label == block.id]
    likeness = vectors[own] @ vectors.T
    best: dict[str, tuple[str, str, float]] = {}
    for row in np.argsort(-likeness.max(axis=0)):
        label = asked[row].label
        if label != block.id and label not in best:
            closest = int(likeness[:, row].argmax())
            pair = (asked[own[closest]].text, asked[row].text, float(likeness[closest, row]))
            best[label] = pair
    return list(best.items())
