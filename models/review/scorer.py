"""The default model in plain NumPy: logits, and what each word did, in a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.review.network import Tables
from models.review.ngrams import extract, scales
from models.review.tokens import PADDING, UNKNOWN, Ids

Doubles = npt.NDArray[np.float64]
# What a filter found belongs to the word in its middle by half, to its neighbours by a quarter.
_SIDE = 0.25


@dataclass(frozen=True)
class Evidence:
    """What the words of one text add up to.

    Attributes:
        words: what each word added to the logit, shape (words,).
        bias: what belongs to no word.
    """

    words: Doubles
    bias: float

    @property
    def logit(self) -> float:
        """The logit of a positive review."""
        return float(self.words.sum()) + self.bias


class Scorer:
    """The tables of the network, shared by all threads and never changed."""

    def __init__(self, tables: Tables) -> None:
        """Multiply the filters with every word vector beforehand, so that texts only add."""
        self._weights = tables.weights
        self._negator = tables.negator > 0
        self._step, self._mix = tables.step, tables.mix
        vectors = tables.vectors.astype(np.float32) * np.float32(tables.grain)
        vectors[PADDING] = 0
        self._vectors = vectors
        self._filtered = [vectors @ part for part in tables.kernel]
        self._threshold = tables.threshold
        self._mean, self._highest = tables.mean, tables.highest

    def explain(self, reviews: Sequence[Ids]) -> list[Evidence]:
        """Return what each word of each review added to its logit."""
        sizes = np.array([len(ids) for ids in reviews], np.int64)
        shares = self._mix.shares(sizes)
        if not sizes.sum():
            return [Evidence(np.zeros(0), float(bias)) for bias in shares[2]]
        ids, owner = np.concatenate(reviews), np.repeat(np.arange(len(reviews)), sizes)
        words = self.ngrams(ids, owner, sizes) * shares[0][owner]
        words += self.filters(ids, owner, sizes) * shares[1][owner]
        parts = np.split(words, np.cumsum(sizes)[:-1])
        return [Evidence(part, float(bias)) for part, bias in zip(parts, shares[2], strict=True)]

    def ngrams(self, ids: Ids, owner: Ids, sizes: Ids) -> Doubles:
        """Return what each word adds to the sum over the n-grams.

        The weight of an n-gram goes to its words in equal parts; that of one which stands
        in a text several times is counted once and goes to all of these places.
        """
        size = len(self._weights)
        found = extract(ids, owner, self._negator, size)
        weight = self._weights[found.bucket]
        heavy = np.flatnonzero(weight)
        start, length = found.start[heavy], found.length[heavy]
        keys = owner[start] * size + found.bucket[heavy]
        _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
        each = weight[heavy] * np.float64(self._step) / times[place] / length
        words = np.zeros(len(ids))
        for offset in range(3):
            longer = length > offset
            words += np.bincount(start[longer] + offset, each[longer], len(ids))
        scaled: Doubles = words * scales(sizes)[owner]
        return scaled

    def filters(self, ids: Ids, owner: Ids, sizes: Ids) -> Doubles:
        """Return what each word adds to the sum over the filters."""
        known = np.where(ids < len(self._filtered[0]), ids, UNKNOWN)
        left, middle, right = self._filtered
        inside = owner[1:] == owner[:-1]
        before = np.where(inside, known[:-1], PADDING)
        after = np.where(inside, known[1:], PADDING)
        seen = middle[known] + self._threshold
        seen[1:] += left[before]
        seen[:-1] += right[after]
        np.maximum(seen, 0, out=seen)
        places = (seen @ self._mean / sizes[owner]).astype(np.float64)
        starts = np.cumsum(sizes) - sizes
        for first, size in zip(starts[sizes > 0], sizes[sizes > 0], strict=True):
            part = seen[first : first + size]
            at = part.argmax(axis=0)
            added = part[at, np.arange(len(at))] * self._highest
            places[first : first + size] += np.bincount(at, added, int(size))
        words: Doubles = places.copy()
        moved = _SIDE * places[1:] * inside
        words[:-1] += moved
        words[1:] -= moved
        moved = _SIDE * places[:-1] * inside
        words[1:] += moved
        words[:-1] -= moved
        return words
