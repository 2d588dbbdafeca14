"""Short texts to learn from: stretches of reviews, and phrases with a known side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.review.ngrams import Floats
from models.review.tokens import FIRST, Ids, Lexicon, tokens

LEAST, MOST = 6, 45
COMMON = 60

_PLAIN = ("{}", "it was {}", "this film is {}", "really {}", "a {} movie")
_NEGATED = ("not {}", "it was not {}", "this film isn't {}", "never {}", "not a {} movie")


def crops(reviews: Sequence[Ids], seed: int, each: int = 1) -> tuple[list[Ids], Ids]:
    """Cut random stretches of 6 to 45 words; return them and the review each is from."""
    random = np.random.default_rng(seed)
    pieces, owners = [], []
    for number, ids in enumerate(reviews):
        for size in random.integers(LEAST, MOST + 1, each):
            start = int(random.integers(0, max(1, len(ids) - size)))
            pieces.append(ids[start : start + size])
            owners.append(number)
    return pieces, np.array(owners, np.int64)


def phrases(lexicon: Lexicon, ratios: Floats, strongest: int) -> tuple[list[Ids], Ids]:
    """Make short phrases from the strongest words; a negation turns their label around.

    Args:
        lexicon: the words.
        ratios: how one-sided each word is, by id; 0 for one too rare to tell.
        strongest: how many words of either side to use.

    Returns:
        The word ids of each phrase, and 1 for praise or 0 for blame.
    """
    order = np.argsort(ratios[FIRST:], kind="stable")
    made: list[Ids] = []
    labels = []
    for label, chosen in ((0, order[:strongest]), (1, order[-strongest:])):
        for number in chosen:
            word = lexicon.words[number]
            for pattern in (*_PLAIN, *_NEGATED):
                made.append(lexicon.number(tokens(pattern.format(word))))
                labels.append(label if pattern in _PLAIN else 1 - label)
    return made, np.array(labels, np.int64)
