"""Train the n-gram part: on reviews, short stretches, phrases, and on what it labels itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from models.review import ngrams
from models.review.ngrams import Flags, Floats
from models.review.tokens import FIRST, Ids, Lexicon
from models.review.training import logistic
from models.review.training.crops import COMMON, crops, phrases
from models.review.training.logistic import Examples, Fitted


@dataclass(frozen=True)
class Recipe:
    """How the n-gram part is trained.

    Attributes:
        buckets: size of the table of weights, a power of two.
        rarest: n-grams of fewer reviews are left out.
        kept: so many n-grams get a weight in the end, the strongest ones.
        strength: inverse of the penalty of the regression.
        rounds: how often one regression goes through its texts.
        crops: short stretches of each labelled review.
        strongest: words of either side to make phrases of.
        teaching: how often to learn from one's own labels of the unlabelled reviews.
        sure: probability from which an own label is believed.
        per_opinion: as so many texts a short opinion counts for what is frequent.
    """

    buckets: int = ngrams.BUCKETS
    rarest: int = 4
    kept: int = 450_000
    strength: float = 10.0
    rounds: int = 12
    crops: int = 3
    strongest: int = 250
    teaching: int = 2
    sure: float = 0.8
    per_opinion: int = 2
    importance: dict[str, float] = field(
        default_factory=lambda: {
            "crop": 0.25,
            "phrase": 0.5,
            "opinion": 10.0,
            "own": 0.5,
            "own_crop": 0.15,
        }
    )


class NgramTrainer:
    """Holds which n-grams each text has; ``fit`` learns from them."""

    def __init__(
        self,
        lexicon: Lexicon,
        negator: Flags,
        reviews: Sequence[Ids],
        labels: Ids,
        unlabelled: Sequence[Ids],
        opinions: Sequence[Ids],
        sides: Ids,
        recipe: Recipe,
        seed: int,
    ) -> None:
        """Find the n-grams of every text and choose those that are frequent enough."""
        self._negator, self._recipe, self._seed = negator, recipe, seed
        self._lexicon = lexicon
        whole = ngrams.matrix(reviews, negator, recipe.buckets)
        more = ngrams.matrix(unlabelled, negator, recipe.buckets)
        counts = np.bincount(whole.indices, minlength=recipe.buckets)
        counts += np.bincount(more.indices, minlength=recipe.buckets)
        told = ngrams.matrix(opinions, negator, recipe.buckets)
        counts += recipe.per_opinion * np.bincount(told.indices, minlength=recipe.buckets)
        frequent = np.flatnonzero(counts >= recipe.rarest)
        # The most frequent columns side by side fit the processor's cache.
        self._frequent = frequent[np.argsort(-counts[frequent], kind="stable")]
        self._column = np.full(recipe.buckets, -1, np.int32)
        self._column[self._frequent] = np.arange(len(self._frequent), dtype=np.int32)
        self._base = self._examples(reviews, labels, 1.0, whole)
        pieces, owners = crops(reviews, seed, recipe.crops)
        self._base += self._examples(pieces, labels[owners], recipe.importance["crop"])
        made, labelled = phrases(lexicon, self._one_sided(), recipe.strongest)
        self._base += self._examples(made, labelled, recipe.importance["phrase"])
        self._base += self._examples(opinions, sides, recipe.importance["opinion"], told)
        cut, self._cut_from = crops(unlabelled, seed + 1)
        nothing = np.zeros(0, np.int64)
        self._own = self._examples(unlabelled, nothing, recipe.importance["own"], more)
        self._own_cut = self._examples(cut, nothing, recipe.importance["own_crop"])

    def fit(self, probabilities: Floats | None = None) -> Fitted:
        """Learn from the labels and, if given, from the sure ones among one's own.

        Args:
            probabilities: of each unlabelled review to be positive.
        """
        examples = self._base
        if probabilities is not None:
            sure = np.abs(probabilities - 0.5) >= self._recipe.sure - 0.5
            sides = (probabilities > 0.5).astype(np.int64)
            examples = examples + _chosen(self._own, sure, sides)
            owners = self._cut_from
            examples = examples + _chosen(self._own_cut, sure[owners], sides[owners])
        return logistic.fit(examples, self._recipe.strength, self._recipe.rounds, self._seed)

    def own_logits(self, model: Fitted) -> Floats:
        """Return the logit of each unlabelled review."""
        return model.logits(self._own.held, self._own.scale)

    def logits(self, model: Fitted, texts: Sequence[Ids]) -> Floats:
        """Return the logit of each text."""
        examples = self._examples(texts, np.zeros(0, np.int64), 1.0)
        return model.logits(examples.held, examples.scale)

    def table(self, model: Fitted) -> Floats:
        """Return the weight of each bucket; only the strongest are not zero.

        A weight is as strong as its effect over all texts: frequent n-grams count more.
        """
        counts = self._base.held.T @ np.maximum(self._base.importance, 1)
        effect = np.abs(model.weights) * np.sqrt(counts + 1)
        kept = np.argsort(-effect, kind="stable")[: self._recipe.kept]
        table = np.zeros(self._recipe.buckets, np.float32)
        table[self._frequent[kept]] = model.weights[kept]
        return table

    def _one_sided(self) -> Floats:
        """Return the log-count ratio of each common word, by id."""
        numbers = np.arange(len(self._lexicon))
        columns = self._column[ngrams.hashed(numbers, 0, 0, self._recipe.buckets)]
        counts = np.bincount(self._base.held.indices, minlength=len(self._frequent))
        common = (columns >= 0) & (numbers >= FIRST)
        common[common] = counts[columns[common]] >= COMMON
        ratios: Floats = np.where(common, logistic.ratios(self._base)[columns], 0)
        return ratios

    def _examples(
        self,
        texts: Sequence[Ids],
        targets: Ids,
        importance: float,
        held: sparse.csr_matrix | None = None,
    ) -> Examples:
        if held is None:
            held = ngrams.matrix(texts, self._negator, self._recipe.buckets)
        columns = self._column[held.indices]
        frequent = columns >= 0
        starts = np.concatenate([[0], np.cumsum(frequent)])[held.indptr]
        ones = np.ones(int(frequent.sum()), np.float32)
        shape = (len(texts), len(self._frequent))
        return Examples(
            sparse.csr_matrix((ones, columns[frequent], starts), shape),
            ngrams.scales([len(ids) for ids in texts]),
            targets,
            np.full(len(texts), importance, np.float32),
        )


def _chosen(examples: Examples, rows: Flags, sides: Ids) -> Examples:
    return Examples(
        examples.held[rows], examples.scale[rows], sides[rows], examples.importance[rows]
    )
