"""The network of the article, served: word ids of ``keras.datasets.imdb`` in, a logit out.

The encoding is that of Keras's ``Tokenizer``: lower case, its punctuation filter, split at
blanks. The breaks of the web page (``<br />``) lose only their brackets there, so that the
word "br" is one of the most frequent: the article's network was trained with it and gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review import artifact
from models.review.language import is_foreign
from models.review.text import Vocabulary
from models.review.verdict import Verdict

NAME = "article"
NUM_WORDS = 10_000
LENGTH = 200
START, UNKNOWN, OFFSET = 1, 2, 3
# What the first ids stand for; no text holds them, for want of their brackets.
SPECIAL = ("<pad>", "<start>", "<unknown>", "<unused>")
# Texts of fewer known words are short. Closer to one half the network is not sure.
_SHORT, _SHORT_DOUBT, _LONG_DOUBT = 30, 0.2, 0.15
# The layers that learned, by the names that Keras's file gives them.
_LAYERS = ("embedding", "dense", "dense_2")

Floats = npt.NDArray[np.float32]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r\x0b\x0c'
_BLANKS = str.maketrans(_FILTERS, " " * len(_FILTERS))


def split(text: str) -> list[str]:
    """Return the words of a text, in lower case, without punctuation."""
    return text.lower().translate(_BLANKS).split()


class ArticleClassifier:
    """The article's network in plain NumPy, which answers one review in well under 1 ms.

    Safe to share between threads.
    """

    def __init__(self, weights: Sequence[Floats], vocabulary: Vocabulary) -> None:
        """Take the weights of the Keras model, in its order."""
        self._embedding, self._hidden, self._hidden_bias, self._output, self._output_bias = weights
        self._vocabulary = vocabulary

    @classmethod
    def load(cls, folder: Path) -> ArticleClassifier:
        """Load the network.

        Raises:
            ReviewModelError: if its files are missing or damaged.
        """
        stored = artifact.load_network(folder)
        weights = [array for layer in _LAYERS for array in stored[layer]]
        return cls(weights, Vocabulary.read(folder / artifact.VOCABULARY, 0, UNKNOWN))

    def classify(self, text: str) -> Verdict:
        """Judge a text of any length."""
        ids = self._vocabulary.number(split(text))
        known = int((ids != UNKNOWN).sum())
        if is_foreign(text):
            return Verdict("no_opinion", 0.5, known, NAME, "foreign")
        if not known:
            return Verdict("no_opinion", 0.5, 0, NAME, "unknown_words" if len(ids) else "empty")
        probability = float(self.probabilities([np.append(START, ids)])[0])
        doubt = _SHORT_DOUBT if known < _SHORT else _LONG_DOUBT
        if abs(probability - 0.5) < doubt:
            return Verdict("unsure", probability, known, NAME, "undecided")
        return Verdict("positive" if probability > 0.5 else "negative", probability, known, NAME)

    def classify_many(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge several texts, one after the other."""
        return [self.classify(text) for text in texts]

    def probabilities(self, reviews: Sequence[npt.NDArray[Any]]) -> Floats:
        """Return the probability of a positive review for each review's ids, the start included."""
        hidden = np.array([self._mean(ids) for ids in reviews]) @ self._hidden + self._hidden_bias
        logits: Floats = (np.maximum(hidden, 0) @ self._output + self._output_bias)[:, 0]
        return 1 / (1 + np.exp(-logits))

    def _mean(self, ids: npt.NDArray[Any]) -> Floats:
        """Average the last words of a review, filled up with padding as in training."""
        words = self._embedding[ids[-LENGTH:]]
        mean: Floats = (words.sum(0) + (LENGTH - len(words)) * self._embedding[0]) / LENGTH
        return mean
