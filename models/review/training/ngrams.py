"""Train the n-gram part: on reviews, short stretches, phrases, and on what it labels itself.

It is a logistic regression on n-grams that are weighted by how one-sided they are, the naive-Bayes
log-count ratio (Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic
classification", 2012), and by the length of the text.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from models.review.scorer import BUCKETS, Flags, Floats, extract, hashed, scales
from models.review.text import FIRST, Ids, Vocabulary, tokens
from models.review.training import SEED

# How much a text of each kind counts beside a review.
_CROP, _PHRASE, _OPINION, _OWN, _OWN_CROP = 0.25, 0.5, 10.0, 0.5, 0.15
# Short stretches of each labelled review, and how many words one has.
_CROPS, _LEAST, _MOST = 3, 6, 45
# As so many reviews an opinion counts for which n-grams are frequent.
_PER_OPINION = 2
# So many texts hold a word that phrases are made of.
_COMMON = 60
# Inverse of the penalty of the regression.
_STRENGTH = 10.0
# The probability from which an own label is believed.
_SURE = 0.8
# So many reviews are looked through at a time, which keeps sorting quick.
_CHUNK = 400
_PLAIN = ("{}", "it was {}", "this film is {}", "really {}", "a {} movie")
_NEGATED = ("not {}", "it was not {}", "this film isn't {}", "never {}", "not a {} movie")


@dataclass(frozen=True)
class Sizes:
    """How large the n-gram part is."""

    buckets: int = BUCKETS  # size of the table of weights, a power of two
    rarest: int = 4  # n-grams of fewer reviews are left out
    kept: int = 450_000  # so many n-grams get a weight in the end, the strongest ones
    rounds: int = 12  # how often a regression goes through its texts; few rounds regularise, too
    strongest: int = 250  # words of either side to make phrases of


@dataclass(frozen=True)
class Texts:
    """Word ids of some texts, and for each 1 if it is positive, 0 if negative."""

    ids: Sequence[Ids]
    labels: Ids


@dataclass(frozen=True)
class Fitted:
    """A weight per column and a bias: ``logit = scale * sum(weights held) + bias``."""

    weights: Floats
    bias: float


class NgramTrainer:
    """Holds which n-grams each text has; ``fit`` learns from them."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        negator: Flags,
        reviews: Texts,
        opinions: Texts,
        unlabelled: Sequence[Ids],
        sizes: Sizes,
    ) -> None:
        """Find the n-grams of every text and choose those that are frequent enough."""
        self._negator, self._sizes = negator, sizes
        whole, told, more = map(self._buckets, (reviews.ids, opinions.ids, unlabelled))
        counts = np.bincount(whole.indices, minlength=sizes.buckets)
        counts += np.bincount(more.indices, minlength=sizes.buckets)
        counts += _PER_OPINION * np.bincount(told.indices, minlength=sizes.buckets)
        frequent = np.flatnonzero(counts >= sizes.rarest)
        # The most frequent columns side by side fit the processor's cache.
        self._frequent = frequent[np.argsort(-counts[frequent], kind="stable")]
        self._column = np.full(sizes.buckets, -1, np.int32)
        self._column[self._frequent] = np.arange(len(self._frequent), dtype=np.int32)
        whole, told, more = map(self._columns, (whole, told, more))
        pieces, owners = crops(reviews.ids, SEED, _CROPS)
        labels = np.concatenate([reviews.labels, reviews.labels[owners]])
        cropped = self._columns(self._buckets(pieces))
        held = sparse.vstack([whole, cropped], format="csr")
        importance = np.repeat([1, _CROP], [len(reviews.ids), len(pieces)]).astype(np.float32)
        one_sided = self._one_sided(vocabulary, held, _ratios(held, labels, importance))
        made = phrases(vocabulary, one_sided, sizes.strongest)
        cut, self._cut_from = crops(unlabelled, SEED + 1)
        made_up, own_cut = (self._columns(self._buckets(texts)) for texts in (made.ids, cut))
        self._held = sparse.vstack([held, made_up, told, more, own_cut], format="csr")
        parts = [reviews.ids, pieces, made.ids, opinions.ids, unlabelled, cut]
        self._scale = scales([len(ids) for part in parts for ids in part])
        kinds = [1, _CROP, _PHRASE, _OPINION, _OWN, _OWN_CROP]
        self._importance = np.repeat(kinds, [len(part) for part in parts]).astype(np.float32)
        # What is not known yet is -1.
        own = np.full(len(unlabelled) + len(cut), -1)
        self._labels = np.concatenate([labels, made.labels, opinions.labels, own])

    def fit(self, probabilities: Floats | None = None) -> Fitted:
        """Minimise the weighted cross-entropy with a squared penalty, by liblinear.

        Args:
            probabilities: of each unlabelled review to be positive; where they are sure they are
                learned from as well.
        """
        labels = self._labels.copy()
        if probabilities is not None:
            own = np.concatenate([probabilities, probabilities[self._cut_from]])
            labels[-len(own) :] = np.where(np.abs(own - 0.5) >= _SURE - 0.5, own > 0.5, -1)
        rows = labels >= 0
        held, labels, importance = self._held[rows], labels[rows], self._importance[rows]
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
        held, scale = self._columns(self._buckets(texts)), scales([len(ids) for ids in texts])
        logits: Floats = held @ model.weights * scale + np.float32(model.bias)
        return logits

    def table(self, model: Fitted) -> Floats:
        """Return the weight of each bucket; only the strongest are not zero.

        A weight is as strong as its effect over all texts: frequent n-grams count more.
        """
        given = self._labels >= 0
        counts = self._held[given].T @ np.maximum(self._importance[given], 1)
        effect = np.abs(model.weights) * np.sqrt(counts + 1)
        kept = np.argsort(-effect, kind="stable")[: self._sizes.kept]
        table = np.zeros(self._sizes.buckets, np.float32)
        table[self._frequent[kept]] = model.weights[kept]
        return table

    def _one_sided(self, vocabulary: Vocabulary, held: sparse.csr_matrix, ratios: Floats) -> Floats:
        """Return the ratio of each common word, by id; 0 for the others."""
        numbers = np.arange(FIRST + len(vocabulary.words))
        columns = self._column[hashed(numbers, 0, 0, self._sizes.buckets)]
        counts = np.bincount(held.indices, minlength=len(ratios))
        common = (columns >= 0) & (numbers >= FIRST)
        common[common] = counts[columns[common]] >= _COMMON
        return np.where(common, ratios[columns], np.float32(0))

    def _buckets(self, texts: Sequence[Ids]) -> sparse.csr_matrix:
        """Return which buckets each text holds: ones, shape (texts, buckets)."""
        buckets = self._sizes.buckets
        columns, counts = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
        for start in range(0, len(texts), _CHUNK):
            part = texts[start : start + _CHUNK]
            owner = np.repeat(np.arange(len(part)), [len(ids) for ids in part])
            found = extract(np.concatenate(part), owner, self._negator, buckets)
            keys = np.unique(owner[found.start] * np.int64(buckets) + found.bucket)
            columns.append((keys & (buckets - 1)).astype(np.int32))
            counts.append(np.bincount(keys // buckets, minlength=len(part)))
        indices, starts = np.concatenate(columns), np.cumsum(np.concatenate(counts))
        ones = np.ones(len(indices), np.float32)
        return sparse.csr_matrix((ones, indices, starts), (len(texts), buckets))

    def _columns(self, held: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return the same for the frequent buckets alone, shape (texts, columns)."""
        columns = self._column[held.indices]
        frequent = columns >= 0
        starts = np.concatenate([[0], np.cumsum(frequent)])[held.indptr]
        shape = (held.shape[0], len(self._frequent))
        return sparse.csr_matrix((held.data[frequent], columns[frequent], starts), shape)


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
    pieces, owners = [], []
    for number, ids in enumerate(reviews):
        for size in random.integers(_LEAST, _MOST + 1, each):
            start = int(random.integers(0, max(1, len(ids) - size)))
            pieces.append(ids[start : start + size])
            owners.append(number)
    return pieces, np.array(owners, np.int64)


def phrases(vocabulary: Vocabulary, ratios: Floats, strongest: int) -> Texts:
    """Make short phrases from the strongest words; a negation turns their label around.

    Args:
        vocabulary: the words.
        ratios: how one-sided each word is, by id; 0 for one too rare to tell.
        strongest: how many words of either side to use.
    """
    order = np.argsort(ratios[FIRST:], kind="stable")
    made: list[Ids] = []
    labels = []
    for label, chosen in ((0, order[:strongest]), (1, order[-strongest:])):
        for number in chosen:
            for pattern in (*_PLAIN, *_NEGATED):
                made.append(vocabulary.number(tokens(pattern.format(vocabulary.words[number]))))
                labels.append(label if pattern in _PLAIN else 1 - label)
    return Texts(made, np.array(labels, np.int64))
