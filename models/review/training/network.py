"""Train the n-gram network: n-grams and filters that teach each other, then how they are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.review.scorer import NEGATORS, FilterSum, Floats, Mix, NgramSum, Scorer, Shares
from models.review.text import FIRST, Ids, Vocabulary
from models.review.training import SEED, Progress, Step, filters, ngrams
from models.review.training.ngrams import Fitted, NgramTrainer, Texts, crops

# Weights beyond this percentile are cut, so that eight bits tell the others apart.
_CLIP = 99.99
# How often the n-grams learn: from labels alone, with own labels, with the labels of both parts.
_STAGES = 3
# How often an epoch of the filters goes through the opinions.
_REPEATED = 4

History = dict[str, list[float]]


@dataclass(frozen=True)
class Sizes:
    """How large everything is."""

    words: int = 40_000  # of the vocabulary
    common: int = 5  # a word that fewer reviews hold is left out
    validation: float = 0.06  # share of the training reviews that is kept apart, by id
    ngrams: ngrams.Sizes = field(default_factory=ngrams.Sizes)  # sizes of the first part
    filters: filters.Sizes = field(default_factory=filters.Sizes)  # sizes of the second part


class Training:
    """One training of both parts.

    Attributes:
        history: accuracy on the validation reviews after each stage, by part.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        reviews: Texts,
        unlabelled: Sequence[Ids],
        validation: Texts,
        opinions: Texts,
        opinions_apart: Texts,
        sizes: Sizes,
        progress: Progress,
    ) -> None:
        """Find the n-grams of every text."""
        self.history: History = {"n-grams": [], "filters": [], "both": []}
        self._reviews, self._unlabelled, self._opinions = reviews, unlabelled, opinions
        self._sizes, self._progress, self._long = sizes, progress, validation
        pieces, owners = crops(validation.ids, SEED + 2, 2)
        labels = np.concatenate([validation.labels[owners], opinions_apart.labels])
        self._short = Texts([*pieces, *opinions_apart.ids], labels)
        negators = [word in NEGATORS for word in vocabulary.words]
        self._negator = np.array([False] * FIRST + negators)
        progress(Step("finding n-grams", 0, 1))
        self._ngrams = NgramTrainer(
            vocabulary, self._negator, reviews, opinions, unlabelled, sizes.ngrams
        )
        progress(Step("finding n-grams", 1, 1))

    def learned(self) -> Scorer:
        """Train the n-grams, the filters with them as teacher, and the n-grams once more."""
        first = self._fitted()
        second = self._fitted(expit(self._ngrams.logits(first, self._unlabelled)))
        labelled = self._ngrams.logits(second, self._unlabelled)
        network = self._filters(expit(labelled))
        shares = self._mix(second, network).long
        seen = self._seen(network, self._unlabelled)
        last = self._fitted(expit(shares[0] * labelled + shares[1] * seen + shares[2]))
        mix = self._mix(last, network)
        table = self._ngrams.table(last)
        step = np.float32(np.percentile(np.abs(table[table != 0]), _CLIP) / 127)
        (vectors,) = network.get_layer("vectors").get_weights()
        grain = np.float32(np.abs(vectors).max() / 127)
        kernel, threshold = network.get_layer("filters").get_weights()
        weigh, bias = network.get_layer("weigh").get_weights()
        table = np.clip(np.rint(table / step), -127, 127).astype(np.int8)
        return Scorer(
            NgramSum(table, self._negator.astype(np.int8), step),
            FilterSum(
                np.rint(vectors / grain).astype(np.int8),
                grain,
                kernel,
                threshold,
                mean=weigh[: len(threshold), 0],
                highest=weigh[len(threshold) :, 0],
            ),
            Mix(
                _with_biases(mix.short, last.bias, float(bias[0])),
                _with_biases(mix.long, last.bias, float(bias[0])),
            ),
        )

    def _fitted(self, probabilities: Floats | None = None) -> Fitted:
        """Fit the n-grams and tell how good they are."""
        model = self._ngrams.fit(probabilities)
        logits = self._ngrams.logits(model, self._long.ids)
        accuracy = self._accuracy("n-grams", logits)
        loss = np.logaddexp(0, np.where(self._long.labels == 1, -logits, logits)).mean()
        done = len(self.history["n-grams"])
        self._progress(Step("n-grams", done, _STAGES, float(loss), accuracy))
        return model

    def _filters(self, labelled: Floats) -> Any:
        short, sizes = self._opinions, self._sizes.filters
        taught = [*self._reviews.ids, *[ids for ids in short.ids for _ in range(_REPEATED)]]
        labels = self._reviews.labels, np.repeat(short.labels, _REPEATED), labelled
        targets = np.concatenate(labels).astype(np.float32)

        def told(epoch: int, loss: float, network: Any) -> None:
            accuracy = self._accuracy("filters", self._seen(network, self._long.ids))
            self._progress(Step("filters", epoch, sizes.epochs, loss, accuracy))

        return filters.train([*taught, *self._unlabelled], targets, len(taught), sizes, told)

    def _mix(self, model: Fitted, network: Any) -> Mix:
        """Fit the shares of both parts on stretches of validation reviews and on whole ones."""
        shares: list[Shares] = []
        for texts in (self._short, self._long):
            logits = self._ngrams.logits(model, texts.ids), self._seen(network, texts.ids)
            solver = LogisticRegression(C=100.0).fit(np.stack(logits, axis=1), texts.labels)
            first, second = map(float, solver.coef_[0])
            shares.append((first, second, float(solver.intercept_[0])))
        self._accuracy("both", first * logits[0] + second * logits[1] + shares[1][2])
        return Mix(*shares)

    def _seen(self, network: Any, texts: Sequence[Ids]) -> Floats:
        return filters.logits(network, texts, self._sizes.filters.words)

    def _accuracy(self, part: str, logits: Floats) -> float:
        """Note which share of the validation reviews a part gets right."""
        accuracy = float(((logits > 0) == (self._long.labels == 1)).mean())
        self.history[part].append(accuracy)
        return accuracy


def _with_biases(shares: Shares, ngrams: float, filters: float) -> Shares:
    """Return the shares for two parts whose sums do not hold their own bias."""
    first, second, bias = shares
    return first, second, bias + first * ngrams + second * filters
