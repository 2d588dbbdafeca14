"""The classifier of intents and topics: scikit-learn on words, characters and sentence vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from nlu.neighbours import Neighbours
from nlu.quantised import Quantised
from nlu.questions import Example
from nlu.sentence_encoder import SentenceEncoder
from nlu.spelling import Speller
from nlu.vectors import encode

MAX_CHARACTERS = 600

# Weights of the three views of a text and the inverse regularisation strength, chosen by
# cross-validation on the training data alone.
VECTOR_WEIGHT = 4.0
LEXICAL_WEIGHT = 3.0
LEXICAL_DIMENSIONS = 256
C = 2.0
# What the nearest example of a label has to say beside the regression, 0 to 1.
NEAREST_SHARE = 0.3
# How sure the model must be of a field that no word names; chosen in the same way.
SURE_OF_FIELD = 0.7
# A word in so many examples is what a slip of the fingers was meant to be.
FAMILIAR = 4


@dataclass(frozen=True)
class Reading:
    """What the model makes of a text.

    Attributes:
        ranking: the likeliest labels with their probabilities, best first.
        field: ``ml``, ``dl`` or ``both``; None where the text speaks for none clearly.
    """

    ranking: list[tuple[str, float]]
    field: str | None


class TopicModel:
    """Give every label a probability, and say which field a text is about.

    A regression on all examples and the nearest example of each label speak together.

    Example:
        >>> model = TopicModel.train(
        ...     [
        ...         Example("hello", "greet"),
        ...         Example("what is knn", "methods", "ml"),
        ...         Example("what is a cnn", "methods", "dl"),
        ...     ]
        ... )
        >>> model.read(["hi there"])[0].ranking[0][0]
        'greet'
    """

    def __init__(
        self,
        words: TfidfVectorizer,
        characters: TfidfVectorizer,
        reduction: TruncatedSVD,
        classifier: LogisticRegression,
        fields: LogisticRegression,
        neighbours: Neighbours | None = None,
    ) -> None:
        """Keep the fitted parts; ``train`` and ``load`` make them."""
        self._words = words
        self._characters = characters
        self._reduction = reduction
        self._classifier = classifier
        self._fields = fields
        self._neighbours = neighbours

    @classmethod
    def untrained(cls) -> TopicModel:
        """Return the parts with their settings, fitted to nothing."""
        return cls(
            TfidfVectorizer(
                ngram_range=(1, 2),
                sublinear_tf=True,
                token_pattern=r"(?u)\b\w+\b",
                max_features=5000,
                dtype=np.float32,
            ),
            TfidfVectorizer(
                analyzer="char_wb",
                ngram_range=(2, 4),
                sublinear_tf=True,
                max_features=8000,
                dtype=np.float32,
            ),
            TruncatedSVD(LEXICAL_DIMENSIONS, n_iter=3, random_state=0),
            LogisticRegression(C=C, max_iter=100, tol=1e-2),
            LogisticRegression(C=C, max_iter=300),
        )

    @classmethod
    def train(cls, examples: Sequence[Example]) -> TopicModel:
        """Fit on examples, at least one of each of two fields among them."""
        texts = [prepare(example.text) for example in examples]
        labels = [example.label for example in examples]
        model = cls.untrained()
        model._words.fit(texts)
        model._characters.fit(texts)
        model._reduction.fit(model._lexical(texts))
        vectors = encode(texts)
        features = model._features(texts, vectors)
        model._classifier.fit(features, labels, [example.weight for example in examples])
        about = [row for row, example in enumerate(examples) if example.field]
        model._fields.fit(features[about], [examples[row].field for row in about])
        model._neighbours = Neighbours.train(vectors, labels)
        return model

    @property
    def labels(self) -> list[str]:
        """Every label the model knows."""
        return [str(label) for label in self._classifier.classes_]

    def read(self, texts: Sequence[str], most: int = 10) -> list[Reading]:
        """Return the ``most`` likeliest labels of each text, and its field."""
        if self._neighbours is None:
            raise RuntimeError("The model is asked before it is trained")
        texts = [self._speller.mend(prepare(text)) for text in texts]
        vectors = SentenceEncoder.load().encode(texts)
        features = self._features(texts, vectors)
        labels = self.labels
        voices = (1 - NEAREST_SHARE) * self._classifier.predict_log_proba(features)
        voices += NEAREST_SHARE * self._neighbours.log_probabilities(vectors)
        return [
            Reading(
                [(labels[column], float(row[column])) for column in np.argsort(-row)[:most]],
                field,
            )
            for row, field in zip(softmax(voices, axis=1), self._field_of(features), strict=True)
        ]

    def _field_of(self, features: NDArray[np.float32]) -> list[str | None]:
        chances = self._fields.predict_proba(features)
        return [
            str(self._fields.classes_[row.argmax()]) if row.max() >= SURE_OF_FIELD else None
            for row in chances
        ]

    def save(self, path: Path) -> None:
        """Write the fitted parts as arrays, without pickle."""
        if self._neighbours is None:
            raise RuntimeError("The model is saved before it is trained")
        components = Quantised.of(self._reduction.components_.T.astype(np.float32))
        np.savez_compressed(
            path,
            words=self._words.get_feature_names_out().astype(str),
            word_weights=self._words.idf_,
            characters=self._characters.get_feature_names_out().astype(str),
            character_weights=self._characters.idf_,
            components=components.bytes,
            component_scale=components.scale,
            coefficients=self._classifier.coef_,
            intercepts=self._classifier.intercept_,
            labels=np.array(self.labels),
            field_coefficients=self._fields.coef_,
            field_intercepts=self._fields.intercept_,
            fields=self._fields.classes_.astype(str),
            points=self._neighbours.points.bytes,
            point_scale=self._neighbours.points.scale,
            first_points=self._neighbours.first,
        )

    @classmethod
    def load(cls, path: Path) -> TopicModel:
        """Read what ``save`` wrote."""
        model = cls.untrained()
        with np.load(path, allow_pickle=False) as stored:
            for vectorizer, terms, weights in (
                (model._words, "words", "word_weights"),
                (model._characters, "characters", "character_weights"),
            ):
                vectorizer.set_params(vocabulary=stored[terms].tolist())
                vectorizer.idf_ = stored[weights]
            components = Quantised(stored["components"], stored["component_scale"])
            model._reduction.components_ = components.values().T
            points = Quantised(stored["points"], stored["point_scale"])
            model._neighbours = Neighbours(points, stored["first_points"])
            for classifier, coefficients, intercepts, classes in (
                (model._classifier, "coefficients", "intercepts", "labels"),
                (model._fields, "field_coefficients", "field_intercepts", "fields"),
            ):
                classifier.coef_ = stored[coefficients]
                classifier.intercept_ = stored[intercepts]
                classifier.classes_ = stored[classes]
        return model

    @cached_property
    def _speller(self) -> Speller:
        known = SentenceEncoder.load().knows
        weights = self._words.idf_
        # The weight of a word falls with the logarithm of the examples that hold it, plus one.
        heaviest = weights.max() - np.log((FAMILIAR + 1) / 2)
        terms = self._words.get_feature_names_out()
        return Speller((term for term in terms[weights <= heaviest] if " " not in term), known)

    @cached_property
    def _projection(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self._reduction.components_.T, np.float32)

    def _lexical(self, texts: Sequence[str]) -> csr_matrix:
        return hstack([self._words.transform(texts), self._characters.transform(texts)]).tocsr()

    def _features(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        # A dense table of few columns trains many times faster than the sparse one, as well. The
        # product is ours because the reduction's own copies its whole table for every message.
        reduced = self._lexical(texts) @ self._projection
        return np.hstack([vectors * VECTOR_WEIGHT, reduced * LEXICAL_WEIGHT]).astype(np.float32)


def prepare(text: str) -> str:
    """Return the text as the model reads it: cut, in one line, never empty."""
    return " ".join(text[:MAX_CHARACTERS].split()) or "?"
