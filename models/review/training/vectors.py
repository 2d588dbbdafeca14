"""Word vectors from which words stand near which: positive mutual information, factorised.

That is what word2vec does implicitly (Levy and Goldberg, "Neural word embedding as implicit
matrix factorization", 2014), in two minutes of linear algebra.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.review.ngrams import Floats
from models.review.tokens import FIRST, Ids

REACH = 3
_CONTEXTS = 2000
_SPARE, _ROUNDS = 16, 3
_SMOOTHING = 0.75


def train(reviews: Sequence[Ids], words: int, dimensions: int, seed: int) -> Floats:
    """Return a vector for each word id, shape (words, dimensions), of variance 1 each.

    Args:
        reviews: word ids of every review that may be read.
        words: number of ids.
        dimensions: of a vector.
        seed: of the random projection.
    """
    counts = _count(np.concatenate(reviews), words, min(_CONTEXTS + FIRST, words))
    informed = _mutual_information(counts)
    random = np.random.default_rng(seed)
    width = min(dimensions + _SPARE, *informed.shape)
    basis = random.standard_normal((informed.shape[1], width)).astype(np.float32)
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(informed.T @ (informed @ basis))[0].astype(np.float32)
    left, strength, _ = np.linalg.svd(informed @ basis, full_matrices=False)
    found = np.zeros((words, dimensions), np.float32)
    kept = min(dimensions, width)
    found[:, :kept] = left[:, :kept] * np.sqrt(strength[:kept])
    spread = np.sqrt(np.square(found).mean(axis=1, keepdims=True))
    vectors: Floats = found / np.maximum(spread, 1e-6)
    return vectors


def _count(stream: Ids, words: int, contexts: int) -> Floats:
    """Count how often each context word stands within ``REACH`` words of each word."""
    counts = np.zeros(words * contexts, np.float32)
    for distance in range(1, REACH + 1):
        one, other = stream[distance:], stream[:-distance]
        for word, context in ((one, other), (other, one)):
            fits = (word < words) & (context >= FIRST) & (context < contexts)
            keys = word[fits] * np.int64(contexts) + context[fits]
            counts += np.bincount(keys, minlength=len(counts))
    return counts.reshape(words, contexts)


def _mutual_information(counts: Floats) -> Floats:
    """Return the positive part of the pointwise mutual information of words and contexts."""
    word = counts.sum(axis=1, keepdims=True)
    context = counts.sum(axis=0, keepdims=True) ** _SMOOTHING
    expected = np.maximum(word, 1) * (context / context.sum())
    ratio = counts / np.maximum(expected, 1e-9)
    positive: Floats = np.log(np.maximum(ratio, 1), dtype=np.float32)
    positive[:FIRST] = 0
    return positive
