"""Whether a topic's questions can be told from those of the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.knowledge import KnowledgeError, library
from nlu.questions import read_questions
from nlu.topic_model import prepare
from nlu.vectors import encode

CLOSEST_PAIRS = 5
# Questions of two topics that are closer than this are for most readers the same question.
COLLISION = 0.9


@dataclass(frozen=True)
class Neighbour:
    """Another subject and how near its questions are.

    Attributes:
        subject: the other subject.
        nearness: mean over this subject's questions of the cosine similarity, -1 to 1, to the
            nearest question of the other.
        pairs: the closest pairs of questions with their similarity, closest first.
    """

    subject: str
    nearness: float
    pairs: tuple[tuple[float, str, str], ...]

    @property
    def collides(self) -> bool:
        """Whether some question of the other asks nearly the same."""
        return bool(self.pairs) and self.pairs[0][0] >= COLLISION


@dataclass(frozen=True)
class Standing:
    """A subject, how alike its own questions are, and its neighbours, nearest first."""

    subject: str
    questions: int
    cohesion: float
    neighbours: tuple[Neighbour, ...]


def subject_of(name: str) -> str:
    """Return the subject that a topic or a subject of this name has.

    Raises:
        KnowledgeError: if there is neither.
    """
    if name in library():
        return library()[name].subject
    if library().variants(name):
        return name
    raise KnowledgeError(f"there is no topic called {name!r}; `python -m bot topics` lists them")


def standing(name: str) -> Standing:
    """Compare the questions of a topic with those of every other.

    Args:
        name: a topic or a subject.

    Raises:
        KnowledgeError: if there is no such topic, or a topic file cannot be used.
    """
    subject = subject_of(name)
    questions = read_questions()
    texts = [text for group in questions.values() for text in group]
    owners = np.array([owner for owner, group in questions.items() for _ in group])
    table = encode([prepare(text) for text in texts])
    own = np.flatnonzero(owners == subject)
    likeness = table[own] @ table.T
    inner = likeness[:, own].copy()
    np.fill_diagonal(inner, -1.0)
    neighbours = [
        _neighbour(other, likeness, own, np.flatnonzero(owners == other), texts)
        for other in questions
        if other != subject
    ]
    return Standing(
        subject,
        len(own),
        float(inner.max(axis=1).mean()) if len(own) > 1 else 1.0,
        tuple(sorted(neighbours, key=lambda neighbour: -neighbour.nearness)),
    )


def _neighbour(
    other: str,
    likeness: NDArray[np.float32],
    own: NDArray[np.intp],
    rows: NDArray[np.intp],
    texts: list[str],
) -> Neighbour:
    block = likeness[:, rows]
    nearest = np.argsort(-block, axis=None)[:CLOSEST_PAIRS]
    pairs = [divmod(int(place), len(rows)) for place in nearest]
    return Neighbour(
        other,
        float(block.max(axis=1).mean()),
        tuple((float(block[a, b]), texts[own[a]], texts[rows[b]]) for a, b in pairs),
    )
