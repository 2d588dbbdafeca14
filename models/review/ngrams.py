"""The linear part of the default model: weighted words, pairs and triples of words.

Every n-gram has a bucket in one table of weights, found by arithmetic on word ids, so that
nothing has to be looked up by name. After a negating word the next three words count as
words of their own ("not ... good" is not "good"). The weights are those of a logistic
regression on features scaled by naive-Bayes log-count ratios (Wang and Manning, "Baselines
and bigrams", 2012). No neural network here; see ``convolution`` for that part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.review.tokens import FIRST

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

BUCKETS = 1 << 22
SCOPE = 3
_MULTIPLIERS = (-7046029254386353131, -4417276706812531889, 1609587929392839161)
_FINISH = -49064778989728563
_NEGATORS = (
    "not no never neither nor none nothing without hardly barely cannot cant dont doesnt didnt "
    "isnt wasnt arent werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint lacks lacking "
    "can't don't doesn't didn't isn't wasn't aren't weren't won't wouldn't couldn't shouldn't "
    "hasn't haven't hadn't ain't "
)
NEGATORS = frozenset(_NEGATORS.split())


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of a stream of words.

    Attributes:
        bucket: of each n-gram, shape (n-grams,).
        start: index of its first word in the stream.
        length: 1, 2 or 3 words.
    """

    bucket: Ints
    start: Ints
    length: Ints


def negated(ids: Ints, owner: Ints, negator: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark the words within ``SCOPE`` words after a negating one of the same review.

    Args:
        ids: word ids of all reviews, one after the other.
        owner: number of the review of each word.
        negator: whether a word id negates, by id.
    """
    is_negator = negator[ids]
    marked = np.zeros(len(ids), bool)
    for distance in range(1, SCOPE + 1):
        marked[distance:] |= is_negator[:-distance] & (owner[distance:] == owner[:-distance])
    return marked


def hashed(first: Ints, second: Ints | int, third: Ints | int) -> Ints:
    """Return the bucket of an n-gram; its arithmetic wraps around at 64 bits."""
    with np.errstate(over="ignore"):
        a, b, c = (np.int64(multiplier) for multiplier in _MULTIPLIERS)
        mixed = first * a + np.int64(1) * second * b + np.int64(1) * third * c
        mixed = (mixed ^ (mixed >> 29)) * np.int64(_FINISH)
    buckets: Ints = (mixed >> 32) & np.int64(BUCKETS - 1)
    return buckets


def extract(ids: Ints, owner: Ints, negator: npt.NDArray[np.bool_]) -> Ngrams:
    """Return every n-gram of known words, of one, two and three words in turn."""
    scope = negated(ids, owner, negator)
    known = ids >= FIRST
    places = [np.flatnonzero(known)]
    buckets = [hashed(ids[places[0]], 0, scope[places[0]].astype(np.int64))]
    for length in (2, 3):
        last = length - 1
        if len(ids) < length:
            places.append(np.zeros(0, np.int64))
            buckets.append(np.zeros(0, np.int64))
            continue
        fits = (owner[last:] == owner[: len(ids) - last]) & known[last:]
        for offset in range(last):
            fits &= known[offset : len(ids) - last + offset]
        place = np.flatnonzero(fits)
        places.append(place)
        third = ids[place + 2] if length == 3 else 0
        buckets.append(hashed(ids[place], ids[place + 1], third))
    lengths = [np.full(len(place), length) for length, place in enumerate(places, 1)]
    return Ngrams(np.concatenate(buckets), np.concatenate(places), np.concatenate(lengths))


def matrix(
    ids: Ints, sizes: Ints, negator: npt.NDArray[np.bool_]
) -> tuple[sparse.csr_matrix, Floats]:
    """Return which buckets each review holds, and the scale of each review.

    Args:
        ids: word ids of all reviews, one after the other.
        sizes: number of words of each review.
        negator: whether a word id negates, by id.

    Returns:
        A matrix of ones, shape (reviews, ``BUCKETS``), and 1 / sqrt(words + 1) a review.
    """
    owner = np.repeat(np.arange(len(sizes)), sizes)
    found = extract(ids, owner, negator)
    keys = np.unique(owner[found.start] * np.int64(BUCKETS) + found.bucket)
    rows, columns = keys // BUCKETS, keys % BUCKETS
    starts = np.searchsorted(rows, np.arange(len(sizes) + 1))
    ones = np.ones(len(keys), np.float32)
    shape = (len(sizes), BUCKETS)
    held = sparse.csr_matrix((ones, columns.astype(np.int32), starts), shape)
    return held, scales(sizes)


def scales(sizes: Any) -> Floats:
    """Return 1 / sqrt(words + 1) for each review."""
    result: Floats = (1 / np.sqrt(np.asarray(sizes, np.float32) + 1)).astype(np.float32)
    return result


def ratios(
    held: sparse.csr_matrix, labels: Ints, importance: Floats, smoothing: float = 1.0
) -> Floats:
    """Return the log-count ratio of each bucket: above zero where praise holds it more."""
    positive = np.asarray(held.T @ (importance * (labels == 1))) + smoothing
    negative = np.asarray(held.T @ (importance * (labels == 0))) + smoothing
    result: Floats = np.log(positive / positive.sum() / (negative / negative.sum()))
    return result.astype(np.float32)


def fit(
    held: sparse.csr_matrix,
    scale: Floats,
    labels: Ints,
    importance: Floats,
    strength: float,
    seed: int,
    rarest: int = 2,
) -> tuple[Floats, float]:
    """Fit the weights.

    Args:
        held: which buckets each review holds.
        scale: of each review.
        labels: 1 positive, 0 negative.
        importance: how much each review counts.
        strength: inverse of the regularisation (``C`` of scikit-learn).
        seed: of the solver.
        rarest: buckets in fewer reviews get no weight.

    Returns:
        The weight of each bucket, shape (``BUCKETS``,), and the bias of the logit, which is
        the sum of the weights of the held buckets, times the scale, plus the bias.
    """
    from sklearn.linear_model import LogisticRegression

    counts = np.bincount(held.indices, minlength=BUCKETS)
    kept = np.flatnonzero(counts >= rarest)
    smaller = held[:, kept]
    ratio = ratios(smaller, labels, importance)
    scaled = sparse.diags(scale) @ smaller @ sparse.diags(ratio)
    solver = LogisticRegression(
        C=strength, solver="liblinear", dual=True, max_iter=60, tol=0.02, random_state=seed
    )
    solver.fit(scaled, labels, sample_weight=importance)
    weights = np.zeros(BUCKETS, np.float32)
    weights[kept] = solver.coef_[0] * ratio
    return weights, float(solver.intercept_[0])


def logits(held: sparse.csr_matrix, scale: Floats, weights: Floats, bias: float) -> Floats:
    """Return the logit of each review, shape (reviews,)."""
    result: Floats = np.asarray(held @ weights) * scale + np.float32(bias)
    return result
