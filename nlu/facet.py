"""Which side of a concept a message asks for: its definition, why, how, the formula, code, ..."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from models.knowledge import is_answer
from nlu.examples import FOLLOW_UP, dialogues, indexed, of_intents
from nlu.grams import Grams
from nlu.names import Names, masked
from nlu.regression import Ranking, Regression

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
C, ROUNDS = 3.0, 80
_PRONOUN = re.compile(r"\b(?:it|this|that|them|these)\b", re.I)


class FacetModel:
    """A logistic regression on words and letters of messages with every name masked."""

    def __init__(self, words: Grams, letters: Grams, model: Regression) -> None:
        """Keep the fitted parts."""
        self._words, self._letters, self._model = words, letters, model
        self.labels, self._weights = model.labels, np.ascontiguousarray(model.weights.T)

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
        # A facet with few examples would never win against one with thousands.
        weights = [(len(said) / counts[label]) ** 0.5 for label in labels]
        model = Regression.fit(features, labels, c=C, rounds=ROUNDS, counts=weights)
        return cls(Grams(words), Grams(letters), model)

    def rank(self, text: str) -> Ranking:
        """Return every facet with its probability, the likeliest first.

        Args:
            text: a message whose names are masked.
        """
        (words, said), (letters, spelt) = self._words.weigh(text), self._letters.weigh(text)
        letters = letters + len(self._words.terms)
        return self._model.ranked(said @ self._weights[words] + spelt @ self._weights[letters])

    def arrays(self) -> dict[str, Any]:
        """Return the fitted parts."""
        return {
            "words": np.array(self._words.terms),
            "word_weights": self._words.rarity,
            "letters": np.array(self._letters.terms),
            "letter_weights": self._letters.rarity,
            **self._model.arrays(),
        }

    @classmethod
    def of_arrays(cls, stored: Any) -> FacetModel:
        """Return what ``arrays`` packed."""
        words, letters = (
            Grams.of(untrained, stored[f"{name}s"].tolist(), stored[f"{name}_weights"])
            for name, untrained in zip(("word", "letter"), cls._untrained(), strict=True)
        )
        return cls(words, letters, Regression.of_arrays(stored))


def _side(part: str) -> str:
    return SMALL if is_answer(part) else part


def with_name(text: str, name: str) -> str:
    """Return "the formula of X" and "explain X" for "the formula" and "explain it"."""
    filled = _PRONOUN.sub(lambda _: name, text, count=1)
    return filled if filled != text else f"{text} of {name}"
