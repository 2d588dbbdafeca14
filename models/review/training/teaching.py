"""N-grams and filters that teach each other, then their blend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review import mixing, ngrams
from models.review.mixing import Mix
from models.review.network import Tables
from models.review.ngrams import Floats
from models.review.progress import Progress, Step
from models.review.tokens import FIRST, Ids, Lexicon
from models.review.training import convolution, vectors
from models.review.training.crops import crops
from models.review.training.logistic import Fitted
from models.review.training.ngram_training import NgramTrainer, Recipe

CLIP = 99.99
_STAGES = ("labels alone", "own labels", "labels of both")


@dataclass(frozen=True)
class Sizes:
    """How large everything is.

    Attributes:
        words: of the vocabulary.
        common: a word that fewer reviews hold is left out.
        per_opinion: as so many reviews a short opinion counts for that.
        repeated: how often an epoch of the filters goes through the short opinions.
        validation: share of the training reviews that is kept apart, by id.
        ngrams: recipe of the first part.
        filters: shape of the second part.
    """

    words: int = 40_000
    common: int = 5
    per_opinion: int = 3
    repeated: int = 4
    validation: float = 0.06
    ngrams: Recipe = field(default_factory=Recipe)
    filters: convolution.Shape = field(default_factory=convolution.Shape)


@dataclass(frozen=True)
class Texts:
    """Word ids of some texts, and for each 1 if it is positive, 0 if negative."""

    ids: Sequence[Ids]
    labels: npt.NDArray[np.int64]


class Teaching:
    """One training of both parts.

    Attributes:
        history: accuracy on the validation reviews after each stage, by part.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        texts: Texts,
        unlabelled: Sequence[Ids],
        validation: Texts,
        opinions: tuple[Texts, Texts],
        sizes: Sizes,
        seed: int,
        progress: Progress,
    ) -> None:
        """Find the n-grams of every text."""
        self.history: dict[str, list[float]] = {"n-grams": [], "filters": [], "both": []}
        self._texts, self._unlabelled, self._long = texts, unlabelled, validation
        self._opinions, apart = opinions
        self._sizes, self._seed, self._progress = sizes, seed, progress
        pieces, owners = crops(validation.ids, seed + 2, 2)
        self._short = Texts(
            [*pieces, *apart.ids], np.concatenate([validation.labels[owners], apart.labels])
        )
        negators = [word in ngrams.NEGATORS for word in lexicon.words]
        self._negator = np.array([False] * FIRST + negators)
        progress(Step("finding n-grams", 0, 1))
        self._trainer = NgramTrainer(
            *(lexicon, self._negator, texts.ids, texts.labels, unlabelled),
            *(self._opinions.ids, self._opinions.labels, sizes.ngrams, seed),
        )
        progress(Step("finding n-grams", 1, 1))

    def tables(self) -> Tables:
        """Train the n-grams, the filters with them as teacher, and the n-grams once more."""
        trainer = self._trainer
        first = self._fitted(trainer.fit())
        second = self._fitted(trainer.fit(_probability(trainer.own_logits(first))))
        labelled = trainer.own_logits(second)
        network = self._filters(_probability(labelled))
        mix = self._mix(second, network)
        both = mixing.blend(mix.long, labelled, self._seen(network, self._unlabelled))
        last = self._fitted(trainer.fit(_probability(both)))
        mix = self._mix(last, network)
        table = trainer.table(last)
        step = float(np.percentile(np.abs(table[table != 0]), CLIP)) / 127
        return convolution.tables(
            network,
            weights=np.clip(np.rint(table / step), -127, 127).astype(np.int8),
            negator=self._negator.astype(np.int8),
            step=step,
            mix=mix,
            bias=last.bias,
        )

    def _fitted(self, model: Fitted) -> Fitted:
        """Tell how good a model of n-grams is."""
        loss, accuracy = _measure(self._trainer.logits(model, self._long.ids), self._long.labels)
        self.history["n-grams"].append(accuracy)
        done = len(self.history["n-grams"])
        self._progress(Step("n-grams", done, len(_STAGES), loss, accuracy))
        return model

    def _filters(self, labelled: Floats) -> Any:
        shape = self._sizes.filters
        short, times = self._opinions, self._sizes.repeated
        taught = [*self._texts.ids, *[ids for ids in short.ids for _ in range(times)]]
        everything = [*taught, *self._unlabelled]
        found = vectors.train(everything, shape.words, shape.dimensions, self._seed)
        targets = np.concatenate([self._texts.labels, np.repeat(short.labels, times), labelled])

        def told(epoch: int, loss: float, network: Any) -> None:
            logits = self._seen(network, self._long.ids)
            _, accuracy = _measure(logits, self._long.labels)
            self.history["filters"].append(accuracy)
            self._progress(Step("filters", epoch, shape.epochs, loss, accuracy))

        targets, first = targets.astype(np.float32), len(taught)
        return convolution.fit(everything, targets, first, found, shape, self._seed, told)

    def _mix(self, model: Fitted, network: Any) -> Mix:
        """Fit the shares of both parts on whole validation reviews and stretches of them."""
        shares = []
        for texts in (self._short, self._long):
            logits = self._trainer.logits(model, texts.ids), self._seen(network, texts.ids)
            shares.append(mixing.fit(*logits, texts.labels))
        _, accuracy = _measure(mixing.blend(shares[1], *logits), self._long.labels)
        self.history["both"].append(accuracy)
        return Mix(*shares)

    def _seen(self, network: Any, texts: Sequence[Ids]) -> Floats:
        return convolution.logits(network, texts, self._sizes.filters.words)


def _probability(logits: Floats) -> Floats:
    probabilities: Floats = 1 / (1 + np.exp(-logits))
    return probabilities


def _measure(logits: Floats, labels: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return the cross-entropy in nats and the accuracy."""
    loss = np.logaddexp(0, np.where(labels == 1, -logits, logits)).mean()
    return float(loss), float(((logits > 0) == (labels == 1)).mean())
