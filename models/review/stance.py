"""Does a text take a side, stand between the two, or hold no opinion on a film at all?

The side itself is the business of ``scorer``: the IMDb reviews have no lukewarm ones and none that
is no review, so this is learned from the written opinions. Words, pairs and triples of words are
the features, beside the mean of the word vectors and a few signs such as whether the text asks a
question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review import domain, tone
from models.review.errors import ReviewModelError
from models.review.ngrams import Floats, hashed
from models.review.tokens import Ids
from models.review.weighing import Text

STANCES = ("sided", "unsure", "no_opinion")
BUCKETS = 1 << 15
# Ids of no word, that stand for where a text begins and ends.
_BEGIN, _END = -1, -2
_LENGTHS = (4, 12, 40)


@dataclass(frozen=True)
class Stance:
    """The learned weights.

    Attributes:
        grams: weight of each bucket of n-grams for each stance, shape (``BUCKETS``, 3).
        signs: weight of each sign, shape (signs, 3).
        meaning: weight of each number of the mean word vector, shape (dimensions, 3).
        bias: shape (3,).
    """

    grams: npt.NDArray[np.float16]
    signs: Floats
    meaning: Floats
    bias: Floats

    def logits(self, text: Text, meaning: Floats) -> tuple[float, float]:
        """Return how much likelier than a side standing between and saying nothing are.

        Args:
            text: the text.
            meaning: mean vector of its words, shape (dimensions,).
        """
        grams = self.grams[buckets(text.ids)].sum(axis=0, dtype=np.float32)
        total = self.bias + share_of(len(text.ids)) * grams
        total = total + signs(text.words, text.text) @ self.signs + meaning @ self.meaning
        return float(total[1] - total[0]), float(total[2] - total[0])

    def write(self, path: Path) -> None:
        """Write the arrays, compressed."""
        np.savez_compressed(path, **vars(self))

    @classmethod
    def read(cls, path: Path) -> Stance:
        """Read what ``write`` wrote.

        Raises:
            ReviewModelError: if the file is missing or not of that form.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(**{name: arrays[name] for name in ("grams", "signs", "meaning", "bias")})
        except (OSError, ValueError, KeyError) as error:
            raise ReviewModelError(f"The weights in {path.name} cannot be read") from error


def share_of(words: int) -> float:
    """Return what the weight of each n-gram of a text of so many words is multiplied with."""
    return 2 / math.sqrt(words + 1)


def buckets(ids: Ids) -> Ids:
    """Return the bucket of each distinct n-gram of a text."""
    framed = np.concatenate([[_BEGIN], ids, [_END]])
    found = [hashed(ids, 0, 0, BUCKETS), hashed(framed[:-1], framed[1:], 0, BUCKETS)]
    if len(ids):
        found.append(hashed(framed[:-2], framed[1:-1], framed[2:], BUCKETS))
    return np.unique(np.concatenate(found))


def signs(words: Sequence[str], text: str) -> Floats:
    """Return what else speaks for a stance, shape (signs,); of a long text only its length."""
    is_short = len(words) <= tone.LONGEST
    return np.array(
        [
            is_short and domain.speaks_of_films(words, text),
            is_short and domain.is_question(text),
            is_short and domain.states_facts(text),
            is_short and domain.tells_plot(words),
            is_short and domain.is_list(words),
            is_short and domain.has_rating(text),
            is_short and tone.is_lukewarm(text),
            *(len(words) > length for length in _LENGTHS),
        ],
        np.float32,
    )
