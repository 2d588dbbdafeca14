"""Whether a message stays with the concept that was spoken of: "how many folds?".

Two regressions: one sees in the words whether a message leans on what was said before, as asides
do and questions for themselves do not; the other weighs that against how near the message is to
the concept spoken of and to the nearest of all concepts. Both learned on what people ask, the
second on messages that the first never saw, each put into conversations it belongs to and into
others.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from models.encoder.vectors import Array, encode
from models.knowledge import library
from nlu.concept import ConceptIndex, Finding
from nlu.examples import indexed, of_intents
from nlu.trust import Floats, fit_trust, trust

FEATURES = (
    "leans",
    "nearest",
    "spoken_of",
    "small",
    "sure",
    "is_near",
    "named",
    "others_named",
    "words",
)
SCALE, C = 4.0, 1.0
FOLLOW_UP = "follow_up/"
SEED = 0

# How near the nearest small question of a block is to a vector among the points.
Nearest = Callable[[str, Array], float]


class TopicModel:
    """The chance that a message is about the concept spoken of."""

    def __init__(self, leans: Array, weights: Floats) -> None:
        """Keep the weights of a sentence vector, 384 and a bias, and those of ``FEATURES``."""
        self._leans, self._weights = leans, weights

    @classmethod
    def train(cls, nearest: Nearest) -> TopicModel:
        """Learn from asides and questions.

        Args:
            nearest: how near the nearest small question of a block is to a vector.
        """
        seen = [example for example in indexed() if not example.is_kept_back]
        follow = [example.text for example in of_intents() if example.label.startswith(FOLLOW_UP)]
        texts = [example.text for example in seen] + follow
        is_aside = [example.is_aside for example in seen] + [True] * len(follow)
        model = LogisticRegression(C=C, max_iter=100, tol=1e-2, class_weight="balanced")
        model.fit(encode(texts) * np.float32(SCALE), is_aside)
        leans = np.append(model.coef_[0] * SCALE, model.intercept_).astype(np.float32)
        part = cls(leans, np.zeros(len(FEATURES) + 1))
        return cls(leans, part._weigh(nearest))

    def _weigh(self, nearest: Nearest) -> Floats:
        """Return the weights of the features, from messages that were kept back."""
        index, random = ConceptIndex.without_kept_back(), np.random.default_rng(SEED)
        asked = [example for example in indexed() if example.is_kept_back]
        texts = [index.mend(example.text) for example in asked]
        everything = [block.id for block in library().blocks]
        rows: list[list[float]] = []
        stays: list[bool] = []
        for example, text, vector in zip(asked, texts, encode(texts), strict=True):
            finding = index.find(text, vector)
            near = sorted(library().neighbours(library()[example.label]))
            others = [str(random.choice(names)) for names in (near or everything, everything)]
            for spoken in {example.label, *(() if example.is_aside else others)}:
                rows.append(
                    self._features(finding, vector, spoken, nearest(spoken, finding.vector))
                )
                stays.append(spoken == example.label)
        return fit_trust(np.array(rows), np.array(stays))

    def _features(self, finding: Finding, vector: Array, spoken: str, small: float) -> list[float]:
        best, named = finding.best, {link.concept for link in finding.links}
        concepts = set(library()[spoken].concepts)
        return [
            self.leans(vector),
            finding.ranking[0][1],
            finding.score_of(spoken),
            small,
            finding.probability,
            float(best in library().neighbours(library()[spoken])),
            float(bool(named & concepts)),
            float(min(2, len(named - concepts))),
            float(np.log1p(len(finding.text.split()))),
        ]

    def leans(self, vector: Array) -> float:
        """Return how far a message leans on what was said before, in logits."""
        return float(self._leans[:-1] @ vector + self._leans[-1])

    def stays(self, finding: Finding, vector: Array, spoken: str, small: float) -> float:
        """Return the chance, 0 to 1, that a message is about the block spoken of.

        Args:
            finding: what the message can be about.
            vector: its sentence vector.
            spoken: the block spoken of.
            small: how near the nearest small question of that block is.
        """
        return trust(self._weights, self._features(finding, vector, spoken, small))

    def save(self, path: Path) -> None:
        """Write the weights as arrays, without pickle."""
        np.savez_compressed(path, leans=self._leans, weights=self._weights)

    @classmethod
    def load(cls, path: Path) -> TopicModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["leans"], stored["weights"])
