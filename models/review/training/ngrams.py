"""Train the n-gram part: on reviews, short stretches, opinions, and on what it labels itself.

It is a logistic regression on n-grams that are weighted by how one-sided they are, the naive-Bayes
log-count ratio (Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic
classification", 2012), and by the length of the text.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from models.review.network import BUCKETS, Flags, Floats, extract, scales
from models.review.text import Ids
from models.review.training import SEED
from models.review.training.corpus import Labelled

# How much a text of each kind counts beside a review.
_CROP, _OPINION, _OWN, _OWN_CROP = 0.25, 10.0, 0.5, 0.15
# Short stretches of each labelled review, and how many words one has.
_CROPS, _LEAST, _MOST = 3, 6, 45
# As so many reviews an opinion counts for which n-grams are frequent.
_PER_OPINION = 2
# Inverse of the penalty of the regression.
_STRENGTH = 10.0
# The probability from which an own label is believed.
_SURE = 0.8
# So many reviews are looked through at a time, which keeps sorting quick.
_CHUNK = 400


@dataclass(frozen=True)
class Sizes:
    """How large the n-gram part is."""

    buckets: int = BUCKETS  # size of the table of weights, a power of two
    rarest: int = 4  # n-grams of fewer reviews are left out
    kept: int = 450_000  # so many n-grams get a weight in the end, the strongest ones
    rounds: int = 12  # how often a regression goes through its texts; few rounds regularise, too


class Fitted(NamedTuple):
    """A weight per column and a bias: ``logit = scale * sum(weights held) + bias``."""

    weights: Floats
    bias: float


class NgramTrainer:
    """Holds which n-grams each text has; ``fit`` learns from them."""

    def __init__(
        self,
        negator: Flags,
        reviews: Labelled,
        opinions: Labelled,
        unlabelled: Sequence[Ids],
        sizes: Sizes,
    ) -> None:
        """Find the n-grams of every text, all as word ids, and which of them are frequent.

        ``negator`` says of each word id whether it negates.
        """
        self._negator, self._sizes = negator, sizes
        pieces, owners = crops(reviews.texts, SEED, _CROPS)
        cut, self._cut_from = crops(unlabelled, SEED + 1)
        whole, told, more = map(self._held, (reviews.texts, opinions.texts, unlabelled))
        counts = whole.getnnz(0) + _PER_OPINION * told.getnnz(0) + more.getnnz(0)
        frequent = np.flatnonzero(counts >= sizes.rarest)
        # The most frequent columns side by side fit the processor's cache.
        self._frequent = frequent[np.argsort(-counts[frequent], kind="stable")]
        whole, told, more = (held[:, self._frequent] for held in (whole, told, more))
        cropped, own_cut = (self._held(texts)[:, self._frequent] for texts in (pieces, cut))
        self._texts = sparse.vstack([whole, cropped, told, more, own_cut], format="csr")
        parts = [reviews.texts, pieces, opinions.texts, unlabelled, cut]
        self._scale = scales([len(ids) for part in parts for ids in part])
        kinds = [1, _CROP, _OPINION, _OWN, _OWN_CROP]
        self._importance = np.repeat(kinds, [len(part) for part in parts]).astype(np.float32)
        own = np.full(len(unlabelled) + len(cut), -1)  # not known yet
        self._labels = np.concatenate(
            [reviews.labels, reviews.labels[owners], opinions.labels, own]
        )

    def fit(self, probabilities: Floats | None = None) -> Fitted:
        """Minimise the weighted cross-entropy with a squared penalty, by liblinear.

        Where ``probabilities`` of each unlabelled review to be positive are sure, they are learned
        from as well.
        """
        labels = self._labels.copy()
        if probabilities is not None:
            own = np.concatenate([probabilities, probabilities[self._cut_from]])
            labels[-len(own) :] = np.where(np.abs(own - 0.5) >= _SURE - 0.5, own > 0.5, -1)
        rows = labels >= 0
        held, labels, importance = self._texts[rows], labels[rows], self._importance[rows]
        ratio, scaled = _ratios(held, labels, importance), held.astype(np.float64)
        scaled.data[:] = np.repeat(self._scale[rows], np.diff(held.indptr)) * ratio[held.indices]
        solver = LogisticRegression(
            C=_STRENGTH,
            solver="liblinear",
            dual=True,
            max_iter=self._sizes.rounds,
            random_state=SEED,
        )
        with warnings.catch_warnings():  # stopping early is meant
            warnings.simplefilter("ignore", ConvergenceWarning)
            solver.fit(scaled, labels, importance.astype(np.float64))
        weights = (solver.coef_[0] * ratio).astype(np.float32)
        return Fitted(weights, float(solver.intercept_[0]))

    def logits(self, model: Fitted, texts: Sequence[Ids]) -> Floats:
        """Return the logit of each text."""
        held, scale = self._held(texts)[:, self._frequent], scales([len(ids) for ids in texts])
        logits: Floats = held @ model.weights * scale + np.float32(model.bias)
        return logits

    def table(self, model: Fitted) -> Floats:
        """Return the weight of each bucket; only the strongest are not zero.

        A weight is as strong as its effect over all texts: frequent n-grams count more.
        """
        given = self._labels >= 0
        counts = self._texts[given].T @ np.maximum(self._importance[given], 1)
        effect = np.abs(model.weights) * np.sqrt(counts + 1)
        kept = np.argsort(-effect, kind="stable")[: self._sizes.kept]
        table = np.zeros(self._sizes.buckets, np.float32)
        table[self._frequent[kept]] = model.weights[kept]
        return table

    def _held(self, texts: Sequence[Ids]) -> sparse.csr_matrix:
        """Return which buckets each text holds: ones, shape (texts, buckets)."""
        parts = [sparse.csr_matrix((0, self._sizes.buckets), dtype=np.float32)]
        for start in range(0, len(texts), _CHUNK):
            part = texts[start : start + _CHUNK]
            owner = np.repeat(np.arange(len(part)), [len(ids) for ids in part])
            found = extract(np.concatenate(part), owner, self._negator, self._sizes.buckets)
            times = np.ones(len(found.bucket), np.float32)
            shape = (len(part), self._sizes.buckets)
            parts.append(sparse.csr_matrix((times, (owner[found.start], found.bucket)), shape))
        held = sparse.vstack(parts, format="csr")
        held.data[:] = 1
        return held


def _ratios(held: sparse.csr_matrix, labels: Ids, importance: Floats) -> Floats:
    """Return the log-count ratio of each column: above zero where praise holds it more."""
    praised = (importance * labels).astype(np.float32)
    praise = held.T @ praised + np.float32(1)
    blame = held.T @ (importance - praised) + np.float32(1)
    ratios: Floats = np.log(praise / praise.sum() / (blame / blame.sum())).astype(np.float32)
    return ratios


def crops(reviews: Sequence[Ids], seed: int, each: int = 1) -> tuple[list[Ids], Ids]:
    """Cut random stretches of 6 to 45 words; return them and the review each is from."""
    random = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(reviews)), each)
    sizes = random.integers(_LEAST, _MOST + 1, len(owners))
    spare = np.array([len(ids) for ids in reviews], np.int64)[owners] - sizes
    starts = random.integers(0, np.maximum(1, spare))
    pieces = [
        reviews[owner][start : start + size]
        for owner, start, size in zip(owners, starts, sizes, strict=True)
    ]
    return pieces, owners
