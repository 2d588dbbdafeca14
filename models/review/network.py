"""The n-gram network in plain NumPy: logits, and what each word did, in a millisecond.

Words, pairs and triples of words are buckets of one table of weights. A bucket is found by
arithmetic on word ids, so that nothing has to be looked up by name. After a negating word the next
three words count as words of their own ("not ... good" is not "good"). Weights take eight bits
each. ``training/network.py`` makes the Keras model that is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.review import artifact
from models.review.text import FIRST, Ids

Bytes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

BUCKETS = 1 << 24
_SCOPE, _AT_ONCE = 3, 64
# Odd 64-bit numbers without a pattern, so that neighbouring ids end far apart.
_MULTIPLIERS = (-7046029254386353131, -4417276706812531889, 1609587929392839161)
_FINISH = -49064778989728563


class Evidence(NamedTuple):
    """What the words of one text add up to."""

    words: Doubles  # what each word added to the logit, shape (words,)
    bias: float  # what belongs to no word

    @property
    def logit(self) -> float:
        """The logit of a positive review."""
        return float(self.words.sum()) + self.bias


class Ngrams(NamedTuple):
    """The n-grams of a stream of words."""

    bucket: Ids  # of each n-gram, shape (n-grams,)
    start: Ids  # index of its first word in the stream
    length: Ids  # 1, 2 or 3 words


@dataclass(frozen=True)
class Network:
    """What was learned, shared by all threads: ``logit = sum of weights / sqrt(words + 1) + bias``.

    An n-gram counts once in a text, wherever it stands.
    """

    weights: Bytes  # of each n-gram's bucket, in units of ``step``
    negator: Bytes  # 1 for each word id that negates
    step: np.float32
    bias: np.float32

    @classmethod
    def load(cls, folder: Path) -> Network:
        """Load the network of a model.

        Raises:
            ReviewModelError: if a file is missing or damaged.
        """
        return cls(*artifact.load_network(folder)["network_layer"])

    def explain(self, texts: Sequence[Ids]) -> list[Evidence]:
        """Return what each word of each text added to its logit."""
        parts = (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))
        return [evidence for part in parts for evidence in self._explain(part)]

    def _explain(self, texts: Sequence[Ids]) -> list[Evidence]:
        """Look the n-grams of some texts up together, which takes less time for each.

        The weight of an n-gram goes to its words in equal parts; that of one which stands
        in a text several times is shared by all of these places.
        """
        buckets, sizes = len(self.weights), np.array([len(ids) for ids in texts], np.int64)
        ids, owner = np.concatenate(texts), np.repeat(np.arange(len(texts)), sizes)
        found = extract(ids, owner, self.negator > 0, buckets)
        weight = self.weights[found.bucket]
        heavy = np.flatnonzero(weight)
        start, length = found.start[heavy], found.length[heavy]
        keys = owner[start] * buckets + found.bucket[heavy]
        _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
        each = weight[heavy] * np.float64(self.step) / times[place] / length
        words = np.zeros(len(ids))
        for offset in range(3):
            longer = length > offset
            words += np.bincount(start[longer] + offset, each[longer], len(ids))
        parts = np.split(words * scales(sizes)[owner], np.cumsum(sizes)[:-1])
        return [Evidence(part, float(self.bias)) for part in parts]


def extract(ids: Ids, owner: Ids, negator: Flags, buckets: int = BUCKETS) -> Ngrams:
    """Return every n-gram of known words, of one, two and three words in turn.

    Args:
        ids: word ids of all texts, one after the other.
        owner: number of the text of each word.
        negator: whether a word id negates, by id.
        buckets: size of the table, a power of two.
    """
    scope = negated(ids, owner, negator)
    known = ids >= FIRST
    places = [np.flatnonzero(known)]
    found = [hashed(ids[places[0]], 0, scope[places[0]].astype(np.int64), buckets)]
    for length in (2, 3):
        last = min(length - 1, len(ids))
        fits = (owner[last:] == owner[: len(ids) - last]) & known[last:]
        for offset in range(last):
            fits &= known[offset : len(ids) - last + offset]
        place = np.flatnonzero(fits)
        places.append(place)
        third = ids[place + 2] if length == 3 else 0
        found.append(hashed(ids[place], ids[place + 1], third, buckets))
    lengths = np.repeat([1, 2, 3], [len(place) for place in places])
    return Ngrams(np.concatenate(found), np.concatenate(places), lengths)


def negated(ids: Ids, owner: Ids, negator: Flags) -> Flags:
    """Mark the words within three words after a negating one of the same text."""
    negates = negator[ids]
    marked = np.zeros(len(ids), bool)
    for distance in range(1, _SCOPE + 1):
        marked[distance:] |= negates[:-distance] & (owner[distance:] == owner[:-distance])
    return marked


def hashed(first: Ids, second: Ids | int, third: Ids | int, buckets: int) -> Ids:
    """Return the bucket of an n-gram; its arithmetic wraps around at 64 bits."""
    with np.errstate(over="ignore"):
        a, b, c = (np.int64(multiplier) for multiplier in _MULTIPLIERS)
        mixed = first * a + np.int64(1) * second * b + np.int64(1) * third * c
        mixed = (mixed ^ (mixed >> 29)) * np.int64(_FINISH)
    bucket: Ids = (mixed >> 32) & np.int64(buckets - 1)
    return bucket


def scales(sizes: npt.ArrayLike) -> Floats:
    """Return 1 / sqrt(words + 1) for each text."""
    result: Floats = (1 / np.sqrt(np.asarray(sizes, np.float32) + 1)).astype(np.float32)
    return result
