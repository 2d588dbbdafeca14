"""Learn which stance a text takes from texts whose stance is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.review.ngrams import Floats
from models.review.opinions import Opinion
from models.review.stance import BUCKETS, STANCES, Stance, buckets, share_of, signs
from models.review.weighing import Text

_STRENGTH, _ROUNDS = 5.0, 400
# An n-gram of fewer texts teaches nothing about others.
_RAREST = 2
# The share of a stance among the opinions counts for its root only.
_BALANCE = 0.5
_LEAST = np.float32(1e-6)


def stance_of(opinion: Opinion) -> int:
    """Return the number of an opinion's stance."""
    return STANCES.index(opinion.label) if opinion.label in STANCES else 0


def fit(
    texts: Sequence[Text], meanings: Floats, stances: npt.NDArray[np.int64], seed: int
) -> Stance:
    """Return the weights that tell the stances of texts apart.

    Args:
        texts: what to learn from.
        meanings: mean word vector of each text, shape (texts, dimensions).
        stances: number of each text's stance, every one of which must occur.
        seed: of the solver.
    """
    from sklearn.linear_model import LogisticRegression

    found = [buckets(text.ids).tolist() for text in texts]
    counts = Counter(bucket for each in found for bucket in each)
    kept = [[bucket for bucket in each if counts[bucket] >= _RAREST] for each in found]
    values = np.repeat([share_of(len(text.ids)) for text in texts], [len(each) for each in kept])
    starts = np.cumsum([0, *map(len, kept)])
    shape = (len(texts), BUCKETS)
    grams = sparse.csr_matrix((values, np.concatenate(kept).astype(np.int64), starts), shape)
    marks = np.array([signs(text.words, text.text) for text in texts])
    shares = np.bincount(stances, minlength=len(STANCES)) / len(stances)
    weights = shares**-_BALANCE
    solver = LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS, random_state=seed)
    centre, spread = meanings.mean(axis=0), meanings.std(axis=0) + _LEAST
    scaled = (meanings - centre) / spread
    solver.fit(sparse.hstack([grams, marks, scaled]).tocsr(), stances, weights[stances])
    learned = solver.coef_.T.astype(np.float32)
    first = BUCKETS + marks.shape[1]
    meaning = learned[first:] / spread[:, None]
    return Stance(
        learned[:BUCKETS].astype(np.float16),
        learned[BUCKETS:first],
        meaning,
        (solver.intercept_ - centre @ meaning).astype(np.float32),
    )
