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
    """How large the n-gram part is.

    Attributes:
        buckets: size of the table of weights, a power of two.
        rarest: n-grams of fewer reviews are left out.
        kept: so many n-grams get a weight in the end, the strongest ones.
        rounds: how often a regression goes through its texts; few rounds regularise, too.
        strongest: words of either side to make phrases of.
    """

    buckets: int = BUCKETS
    rarest: int = 4
    kept: int = 450_000
    rounds: int = 12
    strongest: int = 250


@dataclass(frozen=True)
class Texts:
    """Word ids of some texts, and for each 1 if it is positive, 0 if negative."""

    ids: Sequence[Ids]
    labels: Ids


@dataclass(frozen=True)
class Examples:
    """What to learn from; every attribute holds one entry a text.

    Attributes:
        held: which columns each text holds, ones, shape (texts, columns).
        scale: what the sum of a text's weights is multiplied with.
        labels: 1 positive, 0 negative.
        importance: how much each text counts.
    """

    held: sparse.csr_matrix
    scale: Floats
    labels: Ids
    importance: Floats

    def __add__(self, other: Examples) -> Examples:
        """Return the examples of both."""
        return Examples(
            sparse.vstack([self.held, other.held], format="csr"),
            np.concatenate([self.scale, other.scale]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.importance, other.importance]),
        )

    def chosen(self, rows: Flags, labels: Ids) -> Examples:
        """Return some of the examples, with labels that were found for all."""
        return Examples(self.held[rows], self.scale[rows], labels[rows], self.importance[rows])

    def ratios(self) -> Floats:
        """Return the log-count ratio of each column: above zero where praise holds it more."""
        turned = self.held.T
        praised = (self.importance * self.labels).astype(np.float32)
        praise = turned @ praised + np.float32(1)
        blame = turned @ (self.importance - praised) + np.float32(1)
        ratios: Floats = np.log(praise / praise.sum() / (blame / blame.sum())).astype(np.float32)
        return ratios


@dataclass(frozen=True)
class Fitted:
    """A weight per column and a bias: ``logit = scale * sum(weights held) + bias``."""

    weights: Floats
    bias: float

    def logits(self, texts: Examples) -> Floats:
        """Return the logit of each text, shape (texts,)."""
        logits: Floats = texts.held @ self.weights * texts.scale + np.float32(self.bias)
        return logits


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
        whole, told, more = map(self._held, (reviews.ids, opinions.ids, unlabelled))
        counts = np.bincount(whole.indices, minlength=sizes.buckets)
        counts += np.bincount(more.indices, minlength=sizes.buckets)
        counts += _PER_OPINION * np.bincount(told.indices, minlength=sizes.buckets)
        frequent = np.flatnonzero(counts >= sizes.rarest)
        # The most frequent columns side by side fit the processor's cache.
        self._frequent = frequent[np.argsort(-counts[frequent], kind="stable")]
        self._column = np.full(sizes.buckets, -1, np.int32)
        self._column[self._frequent] = np.arange(len(self._frequent), dtype=np.int32)
        self._base = self._examples(reviews, 1.0, whole)
        pieces, owners = crops(reviews.ids, SEED, _CROPS)
        self._base += self._examples(Texts(pieces, reviews.labels[owners]), _CROP)
        made = phrases(vocabulary, self._one_sided(len(vocabulary.words) + FIRST), sizes.strongest)
        self._base += self._examples(made, _PHRASE)
        self._base += self._examples(opinions, _OPINION, told)
        cut, self._cut_from = crops(unlabelled, SEED + 1)
        self._own = self._examples(_unknown(unlabelled), _OWN, more)
        self._own_cut = self._examples(_unknown(cut), _OWN_CROP)

    def fit(self, probabilities: Floats | None = None) -> Fitted:
        """Minimise the weighted cross-entropy with a squared penalty, by liblinear.

        Args:
            probabilities: of each unlabelled review to be positive; where they are sure they are
                learned from as well.
        """
        examples = self._base
        if probabilities is not None:
            sure = np.abs(probabilities - 0.5) >= _SURE - 0.5
            sides = (probabilities > 0.5).astype(np.int64)
            examples = examples + self._own.chosen(sure, sides)
            owners = self._cut_from
            examples = examples + self._own_cut.chosen(sure[owners], sides[owners])
        ratio, scaled = examples.ratios(), examples.held.astype(np.float64)
        values = np.repeat(examples.scale, np.diff(scaled.indptr)) * ratio[scaled.indices]
        scaled.data[:] = values
        solver = LogisticRegression(
            C=_STRENGTH,
            solver="liblinear",
            dual=True,
            max_iter=self._sizes.rounds,
            random_state=SEED,
        )
        with warnings.catch_warnings():  # stopping early is meant
            warnings.simplefilter("ignore", ConvergenceWarning)
            solver.fit(scaled, examples.labels, examples.importance.astype(np.float64))
        weights = (solver.coef_[0] * ratio).astype(np.float32)
        return Fitted(weights, float(solver.intercept_[0]))

    def own_logits(self, model: Fitted) -> Floats:
        """Return the logit of each unlabelled review."""
        return model.logits(self._own)

    def logits(self, model: Fitted, texts: Sequence[Ids]) -> Floats:
        """Return the logit of each text."""
        return model.logits(self._examples(_unknown(texts), 1.0))

    def table(self, model: Fitted) -> Floats:
        """Return the weight of each bucket; only the strongest are not zero.

        A weight is as strong as its effect over all texts: frequent n-grams count more.
        """
        counts = self._base.held.T @ np.maximum(self._base.importance, 1)
        effect = np.abs(model.weights) * np.sqrt(counts + 1)
        kept = np.argsort(-effect, kind="stable")[: self._sizes.kept]
        table = np.zeros(self._sizes.buckets, np.float32)
        table[self._frequent[kept]] = model.weights[kept]
        return table

    def _one_sided(self, words: int) -> Floats:
        """Return the log-count ratio of each common word, by id; 0 for the others."""
        numbers = np.arange(words)
        columns = self._column[hashed(numbers, 0, 0, self._sizes.buckets)]
        counts = np.bincount(self._base.held.indices, minlength=len(self._frequent))
        common = (columns >= 0) & (numbers >= FIRST)
        common[common] = counts[columns[common]] >= _COMMON
        ratios: Floats = np.where(common, self._base.ratios()[columns], 0)
        return ratios

    def _examples(
        self, texts: Texts, importance: float, held: sparse.csr_matrix | None = None
    ) -> Examples:
        held = self._held(texts.ids) if held is None else held
        columns = self._column[held.indices]
        frequent = columns >= 0
        starts = np.concatenate([[0], np.cumsum(frequent)])[held.indptr]
        ones = np.ones(int(frequent.sum()), np.float32)
        shape = (len(texts.ids), len(self._frequent))
        return Examples(
            sparse.csr_matrix((ones, columns[frequent], starts), shape),
            scales([len(ids) for ids in texts.ids]),
            texts.labels,
            np.full(len(texts.ids), importance, np.float32),
        )

    def _held(self, texts: Sequence[Ids]) -> sparse.csr_matrix:
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


def _unknown(texts: Sequence[Ids]) -> Texts:
    return Texts(texts, np.zeros(0, np.int64))
