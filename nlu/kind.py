"""Which kind of message it is: a question on the field, a demonstration, small talk, outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.encoder.vectors import Array, encode
from nlu.examples import QUESTION, indexed, of_dialogues, of_intents
from nlu.regression import Ranking, Regression
from nlu.review_text import ASKS, parted

# Weight of the vectors and inverse regularisation strength, chosen by cross-validation.
SCALE, C, ROUNDS = 4.0, 2.0, 25
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

    def __init__(self, kinds: Regression, announcing: Regression) -> None:
        """Keep what tells the kinds apart, and what tells the words before a review."""
        self._kinds, self._announcing, self.labels = kinds, announcing, kinds.labels

    @classmethod
    def train(cls) -> KindModel:
        """Fit on the examples of the intents, and on all questions and names as one kind."""
        said = [(example.text, example.label) for example in (*of_intents(), *of_dialogues())]
        heads = [(head, label) for text, label in said for head, _ in parted(text) if head]
        for is_aside, step in ((False, ONE_OF), (True, ONE_ASIDE_OF)):
            asked = [example.text for example in indexed() if example.is_aside is is_aside]
            said += [(text, QUESTION) for text in asked[::step]]
        texts, labels = zip(*(each for each in said if each[1] != NO_KIND), strict=True)
        kinds = Regression.fit(encode(texts), labels, c=C, rounds=ROUNDS, scale=SCALE)
        heard = encode([text for text, _ in (*said, *heads)])
        announced = [label == ASKS for _, label in (*said, *heads)]
        return cls(kinds, Regression.fit(heard, announced, c=C, rounds=ROUNDS, scale=SCALE))

    def announces(self, vector: Array) -> float:
        """Return how likely a text stands before a review that is to be judged."""
        return self._announcing.chance(vector)

    def rank(self, vector: Array) -> Ranking:
        """Return every label with its probability, the likeliest first.

        Args:
            vector: the sentence vector of the message, shape (384,).
        """
        return self._kinds.rank(vector)

    def arrays(self) -> dict[str, Any]:
        """Return the fitted parts."""
        return {**self._kinds.arrays("kinds"), **self._announcing.arrays("announcing")}

    @classmethod
    def of_arrays(cls, stored: Any) -> KindModel:
        """Return what ``arrays`` packed."""
        return cls(*(Regression.of_arrays(stored, name) for name in ("kinds", "announcing")))
