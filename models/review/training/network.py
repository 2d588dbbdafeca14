"""Train the n-gram network, whose parts teach each other.

The n-grams learn from labels alone, then from what they label themselves; the filters learn from
both; then the n-grams learn once more, from the labels of the two. At last it is fitted how much
either part counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.review import artifact
from models.review.network import FilterSum, Floats, Mix, Network, NgramSum, Shares
from models.review.text import FIRST, Ids, Vocabulary, tokens
from models.review.training import SEED, Progress, Step, filters, ngrams
from models.review.training.corpus import Labelled, Reviews
from models.review.training.keras_network import build
from models.review.training.ngrams import Fitted, NgramTrainer, crops

# Weights beyond this percentile are cut, so that eight bits tell the others apart.
_CLIP = 99.99
# How often the n-grams learn.
_STAGES = 3
# How often an epoch of the filters goes through the opinions.
_REPEATED = 4
# As so many reviews an opinion counts for which words are frequent.
_PER_OPINION = 3
_PACE = 2500
_NEGATORS = (
    "not no never neither nor none nothing without hardly barely cannot cant dont doesnt didnt "
    "isnt wasnt arent werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint lacks lacking "
    "can't don't doesn't didn't isn't wasn't aren't weren't won't wouldn't couldn't shouldn't "
    "hasn't haven't hadn't ain't"
)
NEGATORS = frozenset(_NEGATORS.split())

History = dict[str, list[float]]


@dataclass(frozen=True)
class Sizes:
    """How large everything is."""

    words: int = 40_000  # of the vocabulary
    common: int = 5  # a word that fewer reviews hold is left out
    validation: float = 0.06  # share of the training reviews that is kept apart, by id
    ngrams: ngrams.Sizes = field(default_factory=ngrams.Sizes)  # sizes of the first part
    filters: filters.Sizes = field(default_factory=filters.Sizes)  # sizes of the second part


def train(
    reviews: Reviews,
    opinions: Labelled,
    opinions_apart: Labelled,
    folder: Path,
    sizes: Sizes,
    progress: Progress,
) -> None:
    """Train the network; write it into a folder, with its vocabulary and its history."""
    parts = [reviews.learned.texts, reviews.unlabelled, reviews.apart.texts]
    learned, unlabelled, apart = (_read(texts, progress) for texts in parts)
    told, told_apart = (_read(each.texts, progress) for each in (opinions, opinions_apart))
    counts = Counter(word for words in [*learned, *unlabelled] for word in set(words))
    for word in (word for words in told for word in set(words)):
        counts[word] += _PER_OPINION
    frequent = sorted((-count, word) for word, count in counts.items() if count >= sizes.common)
    vocabulary = Vocabulary([word for _, word in frequent[: sizes.words]])

    def numbered(texts: Sequence[list[str]]) -> list[Ids]:
        return list(map(vocabulary.number, texts))

    long = Labelled(numbered(apart), reviews.apart.labels)
    pieces, owners = crops(long.texts, SEED + 2, 2)
    labels = np.concatenate([long.labels[owners], opinions_apart.labels])
    training = _Training(
        vocabulary,
        Labelled(numbered(learned), reviews.learned.labels),
        Labelled(numbered(told), opinions.labels),
        numbered(unlabelled),
        Labelled([*pieces, *numbered(told_apart)], labels),
        long,
        sizes,
        progress,
    )
    with artifact.writing(folder) as partial:
        artifact.save_network(build(training.learned()), partial / artifact.MODEL)
        vocabulary.write(partial / artifact.VOCABULARY)
        artifact.write_json(partial / artifact.METRICS, {"extra": {"history": training.history}})


def _read(texts: Sequence[str], progress: Progress) -> list[list[str]]:
    rows = []
    for number, text in enumerate(texts, 1):
        rows.append(tokens(text))
        if number % _PACE == 0 or number == len(texts):
            progress(Step(f"reading {len(texts):,} texts", number, len(texts)))
    return rows


class _Training:
    """One training of both parts, on texts as word ids."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        reviews: Labelled,
        opinions: Labelled,
        unlabelled: Sequence[Ids],
        short: Labelled,
        long: Labelled,
        sizes: Sizes,
        progress: Progress,
    ) -> None:
        """Find the n-grams of every text; ``short`` and ``long`` are the texts kept apart."""
        # Of each part, the accuracy on the long texts kept apart after each stage.
        self.history: History = {"n-grams": [], "filters": [], "both": []}
        self._reviews, self._opinions, self._unlabelled = reviews, opinions, unlabelled
        self._short, self._long, self._sizes, self._progress = short, long, sizes, progress
        negators = [word in NEGATORS for word in vocabulary.words]
        self._negator = np.array([False] * FIRST + negators)
        progress(Step("finding n-grams", 0, 1))
        self._ngrams = NgramTrainer(self._negator, reviews, opinions, unlabelled, sizes.ngrams)
        progress(Step("finding n-grams", 1, 1))

    def learned(self) -> Network:
        """Train the n-grams, the filters with them as teacher, and the n-grams once more."""
        parts, unlabelled = self._ngrams, self._unlabelled
        second = self._fitted(expit(parts.logits(self._fitted(), unlabelled)))
        labelled = parts.logits(second, unlabelled)
        seeing = self._filters(expit(labelled))
        one, other, bias = self._mix(second, seeing).long
        last = self._fitted(expit(one * labelled + other * self._seen(seeing, unlabelled) + bias))
        mix = self._mix(last, seeing)
        table = parts.table(last)
        step = np.float32(np.percentile(np.abs(table[table != 0]), _CLIP) / 127)
        names = ("vectors", "filters", "weigh")
        (vectors,), (kernel, threshold), (weigh,) = (
            seeing.get_layer(name).get_weights() for name in names
        )
        grain = np.float32(np.abs(vectors).max() / 127)
        return Network(
            NgramSum(
                np.clip(np.rint(table / step), -127, 127).astype(np.int8),
                self._negator.astype(np.int8),
                step,
            ),
            FilterSum(
                np.rint(vectors / grain).astype(np.int8),
                grain,
                kernel,
                threshold,
                mean=weigh[: len(threshold), 0],
                highest=weigh[len(threshold) :, 0],
            ),
            # The sums of the n-grams do not hold their own bias.
            Mix(*((one, other, bias + one * last.bias) for one, other, bias in mix)),
        )

    def _fitted(self, probabilities: Floats | None = None) -> Fitted:
        """Fit the n-grams and tell how good they are."""
        model = self._ngrams.fit(probabilities)
        logits = self._ngrams.logits(model, self._long.texts)
        loss = np.logaddexp(0, np.where(self._long.labels == 1, -logits, logits)).mean()
        accuracy, done = self._accuracy("n-grams", logits), len(self.history["n-grams"])
        self._progress(Step("n-grams", done, _STAGES, float(loss), accuracy))
        return model

    def _filters(self, labelled: Floats) -> Any:
        """Train the filters; ``labelled`` is how likely each unlabelled text is positive."""
        told, labels = self._opinions
        taught = [*self._reviews.texts, *list(told) * _REPEATED]
        targets = np.concatenate([self._reviews.labels, np.tile(labels, _REPEATED), labelled])
        network, self.history["filters"] = filters.train(
            taught, self._unlabelled, targets, self._long, self._sizes.filters, self._progress
        )
        return network

    def _mix(self, model: Fitted, seeing: Any) -> Mix:
        """Fit the shares of both parts, on the short texts kept apart and on the long ones."""
        shares: list[Shares] = []
        for texts, labels in (self._short, self._long):
            both = np.stack([self._ngrams.logits(model, texts), self._seen(seeing, texts)], axis=1)
            solver = LogisticRegression(C=100.0).fit(both, labels)
            one, other = map(float, solver.coef_[0])
            shares.append((one, other, float(solver.intercept_[0])))
        self._accuracy("both", solver.decision_function(both))
        return Mix(*shares)

    def _seen(self, seeing: Any, texts: Sequence[Ids]) -> Floats:
        """Return what the filters say of each text."""
        return filters.logits(seeing, texts, self._sizes.filters)

    def _accuracy(self, part: str, logits: Floats) -> float:
        """Note which share of the long texts kept apart a part gets right."""
        accuracy = float(((logits > 0) == self._long.labels).mean())
        self.history[part].append(accuracy)
        return accuracy
