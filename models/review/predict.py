"""Judge one text with a stored model, loaded once and only when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from models.review import artifact
from models.review.article import ArticleScorer
from models.review.data import UNKNOWN
from models.review.language import is_foreign
from models.review.policy import Thresholds
from models.review.text import Vocabulary
from models.review.verdict import Reason, Verdict


class ReviewClassifier:
    """The article's network, ready to answer; safe to share between threads."""

    def __init__(self, folder: Path, thresholds: Thresholds | None = None) -> None:
        """Remember where the model is; nothing is read yet."""
        self._folder = folder
        self._thresholds = thresholds or Thresholds()

    def load(self) -> tuple[ArticleScorer, Vocabulary]:
        """Load the model unless that is done.

        Raises:
            ReviewModelError: if its files are missing or damaged.
        """
        return self._model

    @cached_property  # which locks: two threads do not load twice
    def _model(self) -> tuple[ArticleScorer, Vocabulary]:
        network = artifact.load_network(self._folder)
        return ArticleScorer(network), Vocabulary.read(self._folder / artifact.VOCABULARY)

    def classify(self, text: str) -> Verdict:
        """Judge a text of any length.

        Raises:
            ReviewModelError: if the model cannot be loaded.
        """
        scorer, vocabulary = self.load()
        ids = vocabulary.encode(text)
        known = sum(i > UNKNOWN for i in ids)
        name = self._folder.name
        nothing = _nothing(text, known, len(ids))
        if nothing:
            return Verdict("no_opinion", 0.5, known, name, nothing)
        probability = float(scorer.probabilities([ids])[0])
        label, doubt = self._thresholds.label(probability, known)
        return Verdict(label, probability, known, name, doubt)

    def classify_many(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge several texts, one after the other.

        Raises:
            ReviewModelError: if the model cannot be loaded.
        """
        return [self.classify(text) for text in texts]


def _nothing(text: str, known: int, ids: int) -> Reason | None:
    """Say why there is nothing to judge, if so; the start id counts as one of the ids."""
    if is_foreign(text):
        return "foreign"
    if known:
        return None
    return "unknown_words" if ids > 1 else "empty"
