"""Whether a block answers the small question that is asked, and what of it does.

"Can it be negative?" has an answer of its own in the block on R squared; "which test shows it?"
may be answered by one sentence of a side. A written answer is compared by the questions it was
written for and by what it says, a sentence only by what it says. How far either can be trusted is
learned on questions kept back, some of which no answer is meant for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.encoder.vectors import Array, encode, quantise, restore
from models.knowledge import is_answer
from nlu.examples import Example, as_aside, indexed, told
from nlu.facet import SMALL
from nlu.regression import Ranking, Regression, fit_trust

FEATURES = ("small", "side", "asked", "told", "ahead")
# A sentence was written for no question; an answer's is at least so near when it is meant.
UNASKED = 0.3
# So alike two texts say the same.
SAME = 0.6


class Texts:
    """Texts of blocks as vectors, sorted by block."""

    def __init__(self, labels: Sequence[str], sides: Sequence[str], vectors: Array) -> None:
        """Keep the texts' blocks, the side that each is or asks for, and their vectors."""
        self.labels, self.sides, self.vectors = np.array(labels), list(sides), vectors
        blocks, first, counts = np.unique(self.labels, return_index=True, return_counts=True)
        self._places = {
            str(block): slice(at, at + count)
            for block, at, count in zip(blocks, first, counts, strict=True)
        }

    @classmethod
    def of(cls, examples: Sequence[Example], texts: Sequence[str], project: Project) -> Texts:
        """Encode the texts of examples, which are sorted by block."""
        labels, sides = [each.label for each in examples], [each.part for each in examples]
        return cls(labels, sides, project(encode(texts)))

    def has(self, block: str) -> bool:
        """Whether a block has any text."""
        return block in self._places

    def vectors_of(self, block: str) -> dict[str, Array]:
        """Return the vector of each text of a block by its side."""
        place = self._places[block]
        return dict(zip(self.sides[place], self.vectors[place], strict=True))

    def near(self, block: str, vector: Array) -> dict[str, float]:
        """Return how near the nearest text of each side of a block is."""
        place = self._places.get(block, slice(0, 0))
        near: dict[str, float] = {}
        for side, score in zip(self.sides[place], self.vectors[place] @ vector, strict=True):
            near[side] = max(near.get(side, -1.0), float(score))
        return near

    def nearest(self, block: str, vector: Array) -> float:
        """Return how near the nearest text of a block is."""
        place = self._places.get(block)
        return float((self.vectors[place] @ vector).max()) if place else 0.0


# Brings sentence vectors into the dimensions of the points.
Project = Callable[[Array], Array]


class AnswerModel:
    """Every small question, everything that answers one, and a regression that trusts the best."""

    def __init__(self, asked: Texts, told: Texts, trust: Regression | None = None) -> None:
        """Keep the questions, what can be told, and what ``FEATURES`` say of the best."""
        self._asked, self._told, self._trust = asked, told, trust

    @classmethod
    def train(cls, project: Project, facets: Callable[[str], Ranking]) -> AnswerModel:
        """Learn from the questions that were kept back, those for answers and those for sides.

        Args:
            project: brings sentence vectors into the dimensions of the points.
            facets: which side a question asks for, the likeliest first.
        """
        every = sorted(indexed(), key=lambda each: each.label)
        asked = [example for example in every if is_answer(example.part)]
        says = sorted(told(), key=lambda each: each.label)
        spoken = Texts.of(says, [each.text for each in says], project)

        def model(examples: Sequence[Example], trust: Regression | None) -> AnswerModel:
            texts = [as_aside(each.text, each.label) for each in examples]
            return cls(Texts.of(examples, texts, project), spoken, trust)

        seen = [example for example in asked if not example.is_kept_back]
        part = model(seen, None)
        fresh = [example for example in every if example.is_kept_back and spoken.has(example.label)]
        texts = [as_aside(each.text, each.label) for each in fresh]
        rows: list[list[float]] = []
        right: list[bool] = []
        for example, vector in zip(fresh, project(encode(texts)), strict=True):
            side, features = part._best(example.label, vector, facets(example.text))
            rows.append(features)
            right.append(part._says_the_same(example.label, side, example.part))
        return model(asked, fit_trust(np.array(rows), right))

    def find(self, block: str, vector: Array, facets: Ranking) -> tuple[str, float] | None:
        """Return the likeliest answer of a block and how sure it is that it was asked for.

        Args:
            block: the id of the block.
            vector: the vector among the points of a question as one asks it of that block.
            facets: which side it asks for, the likeliest first.
        """
        if self._trust is None or not self._told.has(block):
            return None
        side, features = self._best(block, vector, facets)
        return side, self._trust.chance(features)

    def nearest(self, block: str, vector: Array) -> float:
        """Return how near the nearest small question of a block is."""
        return self._asked.nearest(block, vector)

    def _best(self, block: str, vector: Array, facets: Ranking) -> tuple[str, list[float]]:
        """Return the likeliest answer of a block, with ``FEATURES``."""
        asked, says = self._asked.near(block, vector), self._told.near(block, vector)
        scores = sorted((asked.get(side, UNASKED) + near, side) for side, near in says.items())
        (second, _), (first, side) = scores[-2:]
        chances = dict(facets)
        other = max(chance for facet, chance in facets if facet != SMALL)
        nearest = (max(asked.values()), max(says.values()))
        return side, [chances[SMALL], other, *nearest, first - second]

    def _says_the_same(self, block: str, side: str, other: str) -> bool:
        """Whether a side says what an answer says."""
        if side == other or not is_answer(other):
            return side == other
        said = self._told.vectors_of(block)
        return float(said[side] @ said[other]) >= SAME

    def arrays(self) -> dict[str, Any]:
        """Return the fitted parts."""
        arrays = self._trust.arrays() if self._trust else {}
        for name, texts in (("asked", self._asked), ("told", self._told)):
            small, scale = quantise(texts.vectors)
            arrays |= {f"{name}_labels": texts.labels, f"{name}_sides": np.array(texts.sides)}
            arrays |= {f"{name}_vectors": small, f"{name}_scale": scale}
        return arrays

    @classmethod
    def of_arrays(cls, stored: Any) -> AnswerModel:
        """Return what ``arrays`` packed."""
        asked, told = (
            Texts(
                stored[f"{name}_labels"].tolist(),
                stored[f"{name}_sides"].tolist(),
                restore(stored[f"{name}_vectors"], stored[f"{name}_scale"]),
            )
            for name in ("asked", "told")
        )
        return cls(asked, told, Regression.of_arrays(stored))
