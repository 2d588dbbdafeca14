"""Which kind of message it is: a question on the field, a demonstration, small talk, outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.encoder.vectors import Array, encode
from nlu.examples import QUESTION, indexed, of_dialogues, of_intents
from nlu.review_text import ASKS, parted

# Weight of the vectors and inverse regularisation strength, chosen by cross-validation.
SCALE, C = 4.0, 2.0
# There are many more questions than examples of any other kind: one in so many is enough.
ONE_OF, ONE_ASIDE_OF = 4, 12
# A name that nobody knows looks like a name that somebody knows: nlu.concept tells them apart.
NO_KIND = "unknown_name"


def by_intent(ranking: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the probability of each intent, whatever stands behind the stroke of its labels."""
    chances: dict[str, float] = {}
    for label, chance in ranking:
        name = label.partition("/")[0]
        chances[name] = chances.get(name, 0.0) + chance
    return chances


class KindModel:
    """A logistic regression on sentence vectors: one class for an intent, one for all questions."""

    def __init__(
        self, labels: NDArray[np.str_], weights: Array, bias: Array, announces: Array
    ) -> None:
        """Keep labels, weights (labels, 384), bias (labels), and what announces a review (385)."""
        self.labels = [str(label) for label in labels]
        self._weights, self._bias, self._announces = weights, bias, announces

    @classmethod
    def train(cls) -> KindModel:
        """Fit on the examples of the intents, and on all questions and names as one kind."""
        said = [(example.text, example.label) for example in (*of_intents(), *of_dialogues())]
        heads = [(head, label) for text, label in said for head, _ in parted(text) if head]
        for is_aside, step in ((False, ONE_OF), (True, ONE_ASIDE_OF)):
            asked = [example.text for example in indexed() if example.is_aside is is_aside]
            said += [(text, QUESTION) for text in asked[::step]]
        texts, labels = zip(*(each for each in said if each[1] != NO_KIND), strict=True)
        model = LogisticRegression(C=C, max_iter=100, tol=1e-2)
        model.fit(encode(texts) * np.float32(SCALE), labels)
        return cls(
            model.classes_.astype(str),
            (model.coef_ * SCALE).astype(np.float32),
            model.intercept_.astype(np.float32),
            _announcing([*said, *heads]),
        )

    def announces(self, vector: Array) -> float:
        """Return how likely a text stands before a review that is to be judged."""
        return 1 / (1 + float(np.exp(-(self._announces[:-1] @ vector + self._announces[-1]))))

    def rank(self, vector: Array) -> list[tuple[str, float]]:
        """Return every label with its probability, the likeliest first.

        Args:
            vector: the sentence vector of the message, shape (384,).
        """
        values = self._weights @ vector + self._bias
        chances = np.exp(values - values.max())
        chances /= chances.sum()
        return [(self.labels[place], float(chances[place])) for place in np.argsort(-chances)]

    def save(self, path: Path) -> None:
        """Write the fitted parts as arrays, without pickle."""
        np.savez_compressed(
            path,
            labels=np.array(self.labels),
            weights=self._weights,
            bias=self._bias,
            announces=self._announces,
        )

    @classmethod
    def load(cls, path: Path) -> KindModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["labels"], stored["weights"], stored["bias"], stored["announces"])


def _announcing(said: Sequence[tuple[str, str]]) -> Array:
    """Fit what tells the words before a review from all others."""
    model = LogisticRegression(C=C, max_iter=100, tol=1e-2)
    vectors = encode([text for text, _ in said]) * np.float32(SCALE)
    model.fit(vectors, [label == ASKS for _, label in said])
    return np.append(model.coef_[0] * SCALE, model.intercept_).astype(np.float32)
