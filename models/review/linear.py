"""The default model in plain NumPy: a verdict and what each word did, in a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.ngrams import Floats, Ints, extract, scales


@dataclass(frozen=True)
class Settings:
    """Numbers of the network that are not tables; see ``network.build``."""

    step: float
    bias: float
    short_gain: float
    long_gain: float


@dataclass(frozen=True)
class Evidence:
    """What the words of one text add up to.

    Attributes:
        logit: of a positive review.
        words: what each word added, shape (words,); with ``bias`` they sum to the logit.
        bias: what belongs to no word.
        strength: the largest absolute weight of a word before it is scaled by the length.
    """

    logit: float
    words: npt.NDArray[np.float64]
    bias: float
    strength: float


def gains(sizes: Any, settings: Settings) -> Floats:
    """Return what the logit of a text of so many words is multiplied with."""
    share = np.clip((np.asarray(sizes, np.float32) - 10) / 90, 0, 1)
    result: Floats = settings.short_gain + (settings.long_gain - settings.short_gain) * share
    return result.astype(np.float32)


class LinearScorer:
    """The tables of the network, shared by all threads and never changed."""

    def __init__(
        self, table: npt.NDArray[np.int8], negator: npt.NDArray[np.int8], settings: Settings
    ) -> None:
        """Keep the eight-bit table as it is: 4 MB."""
        self._table, self._negator, self._settings = table, negator > 0, settings

    @classmethod
    def from_network(cls, network: Any) -> LinearScorer:
        """Take the tables out of the Keras model."""
        layer = network.get_layer("ngrams")
        table, negator = layer.get_weights()
        return cls(
            np.asarray(table, np.int8),
            np.asarray(negator, np.int8),
            Settings(layer.step, layer.bias, layer.short_gain, layer.long_gain),
        )

    def logits(self, reviews: Sequence[Ints]) -> Floats:
        """Return the logit of each review, shape (reviews,)."""
        sizes = np.array([len(ids) for ids in reviews], np.int64)
        if not sizes.sum():
            return np.full(len(reviews), self._settings.bias, np.float32)
        owner = np.repeat(np.arange(len(reviews)), sizes)
        found = extract(np.concatenate(reviews), owner, self._negator)
        weight = self._table[found.bucket]
        heavy = np.flatnonzero(weight)
        keys, first = np.unique(
            owner[found.start[heavy]] << 22 | found.bucket[heavy], return_index=True
        )
        total = np.bincount(keys >> 22, weight[heavy][first], len(reviews)) * self._settings.step
        logits: Floats = (total * scales(sizes) + self._settings.bias) * gains(
            sizes, self._settings
        )
        return logits.astype(np.float32)

    def explain(self, ids: Ints) -> Evidence:
        """Return the logit of one text and what each of its words added to it.

        The weight of an n-gram goes to its words in equal parts; that of one which stands
        in the text several times is counted once and goes to all of these places.
        """
        size = np.float64(len(ids))
        gain = float(gains(size, self._settings))
        bias = self._settings.bias * gain
        if not len(ids):
            return Evidence(bias, np.zeros(0), bias, 0.0)
        found = extract(ids, np.zeros(len(ids), np.int64), self._negator)
        weight = self._table[found.bucket].astype(np.float64)
        heavy = np.flatnonzero(weight)
        _, place, times = np.unique(found.bucket[heavy], return_inverse=True, return_counts=True)
        each = weight[heavy] / times[place] / found.length[heavy] * self._settings.step
        words = np.zeros(len(ids))
        for offset in range(3):
            longer = found.length[heavy] > offset
            np.add.at(words, found.start[heavy][longer] + offset, each[longer])
        strength = float(np.abs(words).max())
        words *= gain / np.sqrt(size + 1)
        return Evidence(float(words.sum()) + bias, words, bias, strength)
