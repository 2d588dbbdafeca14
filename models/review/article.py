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
from models.review.verdict import Label, Reason, Verdict

NUM_WORDS = 10_000
LENGTH = 200
START, UNKNOWN, OFFSET = 1, 2, 3
# Texts of fewer known words are short. Between these probabilities the network is not sure.
_SHORT, _SHORT_DOUBT, _LONG_DOUBT = 30, (0.30, 0.70), (0.35, 0.65)

Floats = npt.NDArray[np.float32]
Row = Sequence[int] | npt.NDArray[np.int32]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r\x0b\x0c'
_BLANKS = str.maketrans(_FILTERS, " " * len(_FILTERS))
_SPECIAL = ("<pad>", "<start>", "<unknown>", "<unused>")


class Vocabulary:
    """The words a model knows and their ids; line ``i`` of its file is the word of id ``i``."""

    def __init__(self, words: Sequence[str]) -> None:
        """Number the words from 4 in the given order, most frequent first."""
        self._words = tuple(words)
        self._ids = {word: number + OFFSET + 1 for number, word in enumerate(self._words)}

    @property
    def words(self) -> tuple[str, ...]:
        """The known words, most frequent first."""
        return self._words

    def __len__(self) -> int:
        """Count every id, special ones included."""
        return len(self._words) + len(_SPECIAL)

    def __contains__(self, word: object) -> bool:
        """Whether a word is known."""
        return word in self._ids

    @classmethod
    def from_ranks(cls, ranks: dict[str, int], num_words: int) -> Vocabulary:
        """Take the words whose id is below ``num_words``."""
        chosen = sorted((rank, word) for word, rank in ranks.items() if rank + OFFSET < num_words)
        return cls([word for _, word in chosen])

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Read a vocabulary file."""
        return cls(path.read_text(encoding="utf-8").split("\n")[len(_SPECIAL) : -1])

    def write(self, path: Path) -> None:
        """Write the vocabulary, one word a line."""
        path.write_text("\n".join((*_SPECIAL, *self._words)) + "\n", encoding="utf-8")

    def encode(self, text: str) -> list[int]:
        """Return the start id and the id of each word, unknown words included."""
        return [START, *(self._ids.get(word, UNKNOWN) for word in split(text))]


def split(text: str) -> list[str]:
    """Return the words of a text, in lower case, without punctuation."""
    return text.lower().translate(_BLANKS).split()


def pad(rows: Sequence[Row], length: int) -> npt.NDArray[np.int32]:
    """Return ids of shape (reviews, length): the last ``length`` of each, zeros after them.

    That is ``pad_sequences(rows, maxlen=length, padding="post")`` of Keras, which cuts long
    rows at their start.
    """
    padded = np.zeros((len(rows), length), np.int32)
    for row, ids in zip(padded, rows, strict=True):
        tail = ids[-length:]
        row[: len(tail)] = tail
    return padded


class ArticleScorer:
    """The trained network in plain NumPy, which answers one review in well under 1 ms."""

    def __init__(self, network: Any) -> None:
        """Take the weights out of the Keras model."""
        weights = [np.asarray(weight, np.float32) for weight in network.get_weights()]
        self._embedding, self._hidden, self._hidden_bias, self._output, self._output_bias = weights

    def logits(self, ids: npt.NDArray[np.int32]) -> Floats:
        """Return the logit of each padded row of ``ids``, shape (reviews, 200) to (reviews,)."""
        mean = self._embedding[ids].mean(axis=1)
        hidden = np.maximum(mean @ self._hidden + self._hidden_bias, 0)
        logits: Floats = (hidden @ self._output + self._output_bias)[:, 0]
        return logits

    def probabilities(self, reviews: Sequence[Row], batch: int = 1024) -> Floats:
        """Return the probability of a positive review for each list of ids."""
        parts = [
            self.logits(pad(reviews[start : start + batch], LENGTH))
            for start in range(0, len(reviews), batch)
        ]
        logits = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        probabilities: Floats = 1 / (1 + np.exp(-logits))
        return probabilities


class ArticleClassifier:
    """The article's network, ready to answer; safe to share between threads."""

    def __init__(self, scorer: ArticleScorer, vocabulary: Vocabulary, name: str) -> None:
        """Keep what answers."""
        self._scorer, self._vocabulary, self._name = scorer, vocabulary, name

    @classmethod
    def load(cls, folder: Path) -> ArticleClassifier:
        """Load the network.

        Raises:
            ReviewModelError: if its files are missing or damaged.
        """
        network = artifact.load_network(folder)
        vocabulary = Vocabulary.read(folder / artifact.VOCABULARY)
        return cls(ArticleScorer(network), vocabulary, folder.name)

    def classify(self, text: str) -> Verdict:
        """Judge a text of any length."""
        ids = self._vocabulary.encode(text)
        known = sum(i > UNKNOWN for i in ids)
        if nothing := _nothing(text, known, len(ids)):
            return Verdict("no_opinion", 0.5, known, self._name, nothing)
        probability = float(self._scorer.probabilities([ids])[0])
        low, high = _SHORT_DOUBT if known < _SHORT else _LONG_DOUBT
        label: Label = "positive" if probability >= 0.5 else "negative"
        reason: Reason | None = None
        if low < probability < high:
            label, reason = "unsure", "undecided"
        return Verdict(label, probability, known, self._name, reason)

    def classify_many(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge several texts, one after the other."""
        return [self.classify(text) for text in texts]


def _nothing(text: str, known: int, ids: int) -> Reason | None:
    """Say why there is nothing to judge, if so; the start id counts as one of the ids."""
    if is_foreign(text):
        return "foreign"
    if known:
        return None
    return "unknown_words" if ids > 1 else "empty"
