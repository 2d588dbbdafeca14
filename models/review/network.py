"""The n-gram network in plain NumPy: logits, and what each word did, in a millisecond.

Words, pairs and triples of words are buckets of one table of weights. A bucket is found by
arithmetic on word ids, so that nothing has to be looked up by name. After a negating word the next
three words count as words of their own ("not ... good" is not "good"). Beside the n-grams, filters
see three word vectors at a time; the mean and the maximum of each filter count. Weights and vectors
take eight bits each. ``training/network.py`` makes the Keras model that is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.review import artifact
from models.review.text import FIRST, PADDING, UNKNOWN, Ids

Bytes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
# Of the n-grams, of the filters, and a bias.
Shares = tuple[float, float, float]

BUCKETS = 1 << 24
_SCOPE = 3
# Odd 64-bit numbers without a pattern, so that neighbouring ids end far apart.
_MULTIPLIERS = (-7046029254386353131, -4417276706812531889, 1609587929392839161)
_FINISH = -49064778989728563
# Texts of up to so many words are mixed as short ones, those of so many or more as long ones.
_SHORT, _LONG = 10, 100
# What a filter found belongs to the word in its middle by half, to its neighbours by a quarter.
_SIDE = 0.25


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


class Mix(NamedTuple):
    """How much the two parts count in short and in long texts; in between it changes evenly."""

    short: Shares
    long: Shares

    def shares(self, sizes: npt.ArrayLike) -> Floats:
        """Return the three shares for texts of so many words, shape (3, texts)."""
        long = np.clip((np.asarray(sizes, np.float32) - _SHORT) / (_LONG - _SHORT), 0, 1)
        low, high = np.array(self.short)[:, None], np.array(self.long)[:, None]
        result: Floats = low + (high - low) * long
        return result


@dataclass(frozen=True)
class NgramSum:
    """The n-gram part: the sum of weights over sqrt(words + 1)."""

    weights: Bytes  # of each n-gram's bucket, in units of ``step``
    negator: Bytes  # 1 for each word id that negates
    step: np.float32

    def __call__(self, ids: Ids, owner: Ids, sizes: Ids) -> Doubles:
        """Return what each word adds; ids and owner as in ``extract``, sizes of the texts.

        The weight of an n-gram goes to its words in equal parts; that of one which stands
        in a text several times is counted once and goes to all of these places.
        """
        size = len(self.weights)
        found = extract(ids, owner, self.negator > 0, size)
        weight = self.weights[found.bucket]
        heavy = np.flatnonzero(weight)
        start, length = found.start[heavy], found.length[heavy]
        keys = owner[start] * size + found.bucket[heavy]
        _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
        each = weight[heavy] * np.float64(self.step) / times[place] / length
        words = np.zeros(len(ids))
        for offset in range(3):
            longer = length > offset
            words += np.bincount(start[longer] + offset, each[longer], len(ids))
        scaled: Doubles = words * scales(sizes)[owner]
        return scaled


@dataclass(frozen=True)
class FilterSum:
    """The filters: their weighed means and maxima."""

    vectors: Bytes  # of each word id, shape (words, dimensions), in units of ``grain``
    grain: np.float32
    kernel: Floats  # of the filters, shape (3, dimensions, filters)
    threshold: Floats  # what is added to each filter before its negative part is cut
    mean: Floats  # weight of each filter's mean
    highest: Floats  # weight of each filter's maximum

    @cached_property
    def _filtered(self) -> list[Floats]:
        """The filters times every word vector, so that texts only add."""
        vectors = self.vectors.astype(np.float32) * self.grain
        vectors[PADDING] = 0
        return [vectors @ part for part in self.kernel]

    def __call__(self, ids: Ids, owner: Ids, sizes: Ids) -> Doubles:
        """Return what each word adds; the arguments are those of ``NgramSum``."""
        left, middle, right = self._filtered
        known = np.where(ids < len(middle), ids, UNKNOWN)
        inside = owner[1:] == owner[:-1]
        seen = middle[known] + self.threshold
        seen[1:] += left[np.where(inside, known[:-1], PADDING)]
        seen[:-1] += right[np.where(inside, known[1:], PADDING)]
        np.maximum(seen, 0, out=seen)
        places = (seen @ self.mean / sizes[owner]).astype(np.float64)
        starts = np.cumsum(sizes) - sizes
        for first, size in zip(starts[sizes > 0], sizes[sizes > 0], strict=True):
            part = seen[first : first + size]
            at = part.argmax(axis=0)
            added = part[at, np.arange(len(at))] * self.highest
            places[first : first + size] += np.bincount(at, added, int(size))
        words: Doubles = places.copy()
        for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:-1], np.s_[1:])):
            moved = _SIDE * places[one] * inside
            words[other] += moved
            words[one] -= moved
        return words


@dataclass(frozen=True)
class Network:
    """Everything the network learned, shared by all threads and never changed."""

    ngrams: NgramSum
    filters: FilterSum
    mix: Mix

    @classmethod
    def load(cls, folder: Path) -> Network:
        """Load the network of a model.

        Raises:
            ReviewModelError: if a file is missing or damaged.
        """
        weights, config = artifact.load_network(folder)
        mix = Mix(*(tuple(config["blend"][name]) for name in Mix._fields))
        return cls(NgramSum(*weights["ngram_sum"]), FilterSum(*weights["filter_sum"]), mix)

    @property
    def parameters(self) -> int:
        """The number of all weights."""
        parts = (self.ngrams, self.filters)
        return sum(np.size(getattr(part, each.name)) for part in parts for each in fields(part))

    def explain(self, reviews: Sequence[Ids]) -> list[Evidence]:
        """Return what each word of each review added to its logit."""
        sizes = np.array([len(ids) for ids in reviews], np.int64)
        shares = self.mix.shares(sizes)
        ids, owner = np.concatenate(reviews), np.repeat(np.arange(len(reviews)), sizes)
        words = self.ngrams(ids, owner, sizes) * shares[0][owner]
        words += self.filters(ids, owner, sizes) * shares[1][owner]
        parts = np.split(words, np.cumsum(sizes)[:-1])
        return [Evidence(part, float(bias)) for part, bias in zip(parts, shares[2], strict=True)]


def extract(ids: Ids, owner: Ids, negator: Flags, buckets: int = BUCKETS) -> Ngrams:
    """Return every n-gram of known words, of one, two and three words in turn.

    Args:
        ids: word ids of all reviews, one after the other.
        owner: number of the review of each word.
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
    """Mark the words within three words after a negating one of the same review."""
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
    """Return 1 / sqrt(words + 1) for each review."""
    result: Floats = (1 / np.sqrt(np.asarray(sizes, np.float32) + 1)).astype(np.float32)
    return result
