"""Fit how the two parts are added, and what tells the stance, on texts kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from models.review.encoder import Encoder, Pieces
from models.review.judge import LONG_PIECES, Decision, Shares, Text, stance_signals
from models.review.scorer import Scorer
from models.review.text import Ids, Vocabulary
from models.review.training.opinions import SIDES, Opinion
from models.review.verdict import STANCES

# The encoder reads a long review whose logit, by the network, is closer to zero than this.
_DOUBT = 1.5
# A whole review counts so much among the opinions that the stance is fitted on.
_PER_REVIEW = 0.2
# So many of the least clear reviews are fitted on at least.
_FEWEST = 100
_BATCH = 64

Doubles = npt.NDArray[np.float64]


def fit(
    vocabulary: Vocabulary,
    scorer: Scorer,
    encoder: Encoder,
    opinions: Sequence[Opinion],
    reviews: Sequence[str],
    labels: npt.NDArray[np.int64],
) -> Decision:
    """Return the shares of both parts and the stance.

    Args:
        vocabulary: of the n-gram network.
        scorer: the n-gram network.
        encoder: as it is served.
        opinions: that neither part has learned from.
        reviews: likewise, as raw text.
        labels: of the reviews, 1 positive, 0 negative.
    """
    short = [Text.split(opinion.text, vocabulary) for opinion in opinions]
    read = [encoder(text.plain.text, LONG_PIECES) for text in short]
    sided = np.array([opinion.label in SIDES for opinion in opinions])
    positive = np.array([opinion.label == SIDES[1] for opinion in opinions])
    by_network = logits(scorer, [text.ids for text in short])
    shares = _shares(by_network[sided], compress(read, sided), positive[sided])
    signals = _signals(shares, by_network, read, True)

    long = [Text.split(review, vocabulary) for review in reviews]
    by_network = logits(scorer, [text.ids for text in long])
    clear = np.abs(by_network)
    most = max(_FEWEST, int((clear < 2 * _DOUBT).sum()))
    doubted = np.argsort(clear, kind="stable")[:most]
    read = [encoder(long[i].plain.text, LONG_PIECES) for i in doubted]
    long_shares = _shares(by_network[doubted], read, labels[doubted] == 1)
    more = _signals(long_shares, by_network[doubted], read, False)

    stances = [
        STANCES.index(opinion.label) if opinion.label in STANCES else 0 for opinion in opinions
    ]
    solver = LogisticRegression(max_iter=1000).fit(
        np.array(signals + more),
        np.array(stances + [0] * len(more)),
        np.repeat([1.0, _PER_REVIEW], [len(signals), len(more)]),
    )
    stance, bias = (np.round(found, 4).tolist() for found in (solver.coef_, solver.intercept_))
    return Decision(shares, long_shares, _DOUBT, stance, bias)


def _shares(network: Doubles, read: Iterable[Pieces], positive: npt.NDArray[np.bool_]) -> Shares:
    """Return the shares of both parts that fit texts best, which also calibrates their sum."""
    both = np.stack([[pieces.logits[0] for pieces in read], network], axis=1)
    solver = LogisticRegression(C=10.0).fit(both, positive)
    return Shares(*(round(float(n), 4) for n in (*solver.coef_[0], *solver.intercept_)))


def _signals(
    shares: Shares, network: Doubles, read: Iterable[Pieces], is_short: bool
) -> list[Doubles]:
    """Return what speaks for the stance of each text."""
    return [
        stance_signals(pieces, shares.logit(pieces.logits[0], logit), is_short)
        for pieces, logit in zip(read, network, strict=True)
    ]


def logits(scorer: Scorer, texts: Sequence[Ids]) -> Doubles:
    """Return what the n-gram network says of each text."""
    return np.array(
        [
            evidence.logit
            for start in range(0, len(texts), _BATCH)
            for evidence in scorer.explain(texts[start : start + _BATCH])
        ]
    )
