"""Fit how the two parts are added, and what tells the stance, on texts kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from models.review.encoder import Encoder, Pieces
from models.review.judge import LONG_PIECES, Decision, Shares, Text, stance_signals
from models.review.network import Network
from models.review.text import Ids, Vocabulary
from models.review.training.corpus import Labelled
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
    network: Network,
    encoder: Encoder,
    opinions: Sequence[Opinion],
    reviews: Labelled,
) -> Decision:
    """Return the shares of both parts and the stance, from texts that neither has learned from."""

    def read(texts: Sequence[str]) -> tuple[list[Text], Doubles]:
        split = [Text.split(text, vocabulary) for text in texts]
        return split, logits(network, [text.ids for text in split])

    def asked(texts: Iterable[Text]) -> list[Pieces]:
        return [encoder(text.plain.text, LONG_PIECES) for text in texts]

    texts, by_network = read([opinion.text for opinion in opinions])
    pieces = asked(texts)
    sided = np.array([opinion.label in SIDES for opinion in opinions])
    positive = np.array([opinion.label == SIDES[1] for opinion in opinions])
    short = _shares(by_network[sided], compress(pieces, sided), positive[sided])
    signals = _signals(short, by_network, pieces, True)
    stances = [
        STANCES.index(opinion.label) if opinion.label in STANCES else 0 for opinion in opinions
    ]

    texts, by_network = read(reviews.texts)
    clear = np.abs(by_network)
    doubted = np.argsort(clear, kind="stable")[: max(_FEWEST, int((clear < 2 * _DOUBT).sum()))]
    pieces = asked(texts[i] for i in doubted)
    long = _shares(by_network[doubted], pieces, reviews.labels[doubted] == 1)
    more = _signals(long, by_network[doubted], pieces, False)

    solver = LogisticRegression(max_iter=1000).fit(
        np.array(signals + more),
        np.array(stances + [0] * len(more)),
        np.repeat([1.0, _PER_REVIEW], [len(signals), len(more)]),
    )
    stance, bias = (np.round(found, 4).tolist() for found in (solver.coef_, solver.intercept_))
    return Decision(short, long, _DOUBT, stance, bias)


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


def logits(network: Network, texts: Sequence[Ids]) -> Doubles:
    """Return what the n-gram network says of each text."""
    parts = (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))
    return np.array([evidence.logit for part in parts for evidence in network.explain(part)])
