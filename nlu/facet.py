"""Which side of a concept a message asks for: its definition, why, how, the formula, code, ..."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models.encoder.vectors import Array
from models.knowledge import is_answer
from nlu.examples import FOLLOW_UP, dialogues, indexed, of_intents
from nlu.grams import Grams
from nlu.names import Names, masked

# What a follow-up can ask for that is a side of a concept.
ASIDE = (
    "definition",
    "why",
    "how",
    "when",
    "formula",
    "code",
    "example",
    "strengths",
    "weaknesses",
    "pros_cons",
    "symptoms",
    "simple",
    "picture",
    "source",
    "article",
    "more",
)
# What asks for no side: a small question, which a block may have an answer to.
SMALL = "small"
# What a follow-up can do that names another concept and asks for no side of it.
GOES_ON = ("other_concept", "back")
# What the conversations call a side, where it has another name here.
SIDES = {"comparison": "compare"}
# A name alone counts as often as so many questions.
BARE_NAMES = 20
C = 3.0
# Sides with their probabilities, the likeliest first.
Ranking = list[tuple[str, float]]
_PRONOUN = re.compile(r"\b(?:it|this|that|them|these)\b", re.I)


class FacetModel:
    """A logistic regression on words and letters of messages with every name masked."""

    def __init__(
        self,
        words: Grams,
        letters: Grams,
        labels: list[str],
        weights: Array,
        bias: Array,
    ) -> None:
        """Keep the fitted parts, the weights of shape (terms, labels)."""
        self._words, self._letters = words, letters
        self.labels, self._weights, self._bias = labels, weights, bias

    @staticmethod
    def _untrained() -> tuple[TfidfVectorizer, TfidfVectorizer]:
        shared = {"sublinear_tf": True, "dtype": np.float32}
        return (
            TfidfVectorizer(
                ngram_range=(1, 3), token_pattern=r"(?u)\b\w+\b", max_features=8_000, **shared
            ),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=8_000, **shared),
        )

    @classmethod
    def train(cls, names: Names) -> FacetModel:
        """Fit on the questions of all blocks and on follow-ups."""
        asked = [example for example in indexed() if example.part != "name"]
        said = [(masked(e.text, names.link(e.text)), _side(e.part)) for e in asked]
        sides = {side for _, side in said} | {*ASIDE}
        for turn in dialogues():
            if (side := SIDES.get(turn.side, turn.side)) in sides:
                said.append((masked(turn.text, names.link(turn.text)), side))
        for example in of_intents():
            facet = example.label.removeprefix(FOLLOW_UP)
            if facet in ASIDE and facet != example.label:
                said += [(example.text, facet), (with_name(example.text, "X"), facet)]
            elif facet in GOES_ON:  # "and X?" asks what X is
                said.append((masked(example.text, names.link(example.text)), "definition"))
        said += [("X", "definition")] * BARE_NAMES
        texts, labels = zip(*said, strict=True)
        counts = Counter(labels)
        words, letters = cls._untrained()
        features = hstack([words.fit_transform(texts), letters.fit_transform(texts)])
        model = LogisticRegression(C=C, max_iter=60, tol=1e-2)
        # A facet with few examples would never win against one with thousands.
        model.fit(features, labels, [(len(said) / counts[label]) ** 0.5 for label in labels])
        return cls(
            Grams(words),
            Grams(letters),
            [str(label) for label in model.classes_],
            np.ascontiguousarray(model.coef_.T, np.float32),
            model.intercept_.astype(np.float32),
        )

    def rank(self, text: str) -> Ranking:
        """Return every facet with its probability, the likeliest first.

        Args:
            text: a message whose names are masked.
        """
        (words, said), (letters, spelt) = self._words.weigh(text), self._letters.weigh(text)
        letters = letters + len(self._words.terms)
        values = said @ self._weights[words] + spelt @ self._weights[letters] + self._bias
        chances = np.exp(values - values.max())
        chances /= chances.sum()
        return [(self.labels[place], float(chances[place])) for place in np.argsort(-chances)]

    def save(self, path: Path) -> None:
        """Write the fitted parts as arrays, without pickle."""
        np.savez_compressed(
            path,
            words=np.array(self._words.terms),
            word_weights=self._words.rarity,
            letters=np.array(self._letters.terms),
            letter_weights=self._letters.rarity,
            labels=np.array(self.labels),
            weights=self._weights.astype(np.float16),
            bias=self._bias,
        )

    @classmethod
    def load(cls, path: Path) -> FacetModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            words, letters = (
                Grams.of(untrained, stored[f"{name}s"].tolist(), stored[f"{name}_weights"])
                for name, untrained in zip(("word", "letter"), cls._untrained(), strict=True)
            )
            weights = stored["weights"].astype(np.float32)
            return cls(words, letters, stored["labels"].tolist(), weights, stored["bias"])


def _side(part: str) -> str:
    return SMALL if is_answer(part) else part


def with_name(text: str, name: str) -> str:
    """Return "the formula of X" and "explain X" for "the formula" and "explain it"."""
    filled = _PRONOUN.sub(lambda _: name, text, count=1)
    return filled if filled != text else f"{text} of {name}"
