"""Words, pairs and triples of words as buckets of one table of weights.

The bucket of an n-gram is found by arithmetic on word ids, so that nothing has to be looked
up by name. After a negating word the next three words count as words of their own ("not ...
good" is not "good").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.review.tokens import FIRST, Ids

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

BUCKETS = 1 << 24
SCOPE = 3
# Odd 64-bit numbers without a pattern, so that neighbouring ids end far apart.
MULTIPLIERS = (-7046029254386353131, -4417276706812531889, 1609587929392839161)
FINISH = -49064778989728563
_NEGATORS = (
    "not no never neither nor none nothing without hardly barely cannot cant dont doesnt didnt "
    "isnt wasnt arent werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint lacks lacking "
    "can't don't doesn't didn't isn't wasn't aren't weren't won't wouldn't couldn't shouldn't "
    "hasn't haven't hadn't ain't"
)
NEGATORS = frozenset(_NEGATORS.split())


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of a stream of words.

    Attributes:
        bucket: of each n-gram, shape (n-grams,).
        start: index of its first word in the stream.
        length: 1, 2 or 3 words.
    """

    bucket: Ids
    start: Ids
    length: Ids


def negated(ids: Ids, owner: Ids, negator: Flags) -> Flags:
    """Mark the words within ``SCOPE`` words after a negating one of the same review.

    Args:
        ids: word ids of all reviews, one after the other.
        owner: number of the review of each word.
        negator: whether a word id negates, by id.
    """
    negates = negator[ids]
    marked = np.zeros(len(ids), bool)
    for distance in range(1, SCOPE + 1):
        marked[distance:] |= negates[:-distance] & (owner[distance:] == owner[:-distance])
    return marked


def hashed(first: Ids, second: Ids | int, third: Ids | int, buckets: int) -> Ids:
    """Return the bucket of an n-gram; its arithmetic wraps around at 64 bits."""
    with np.errstate(over="ignore"):
        a, b, c = (np.int64(multiplier) for multiplier in MULTIPLIERS)
        mixed = first * a + np.int64(1) * second * b + np.int64(1) * third * c
        mixed = (mixed ^ (mixed >> 29)) * np.int64(FINISH)
    bucket: Ids = (mixed >> 32) & np.int64(buckets - 1)
    return bucket


def extract(ids: Ids, owner: Ids, negator: Flags, buckets: int = BUCKETS) -> Ngrams:
    """Return every n-gram of known words, of one, two and three words in turn.

    Args:
        ids: word ids of all reviews, one after the other.
        owner: number of the review of each word.
        negator: whether a word id negates, by id.
        buckets: size of the table, a power of two.
    """
    scope = negated(ids, owner, negator)
    known = ids >= FIRST
    places = [np.flatnonzero(known)]
    found = [hashed(ids[places[0]], 0, scope[places[0]].astype(np.int64), buckets)]
    for length in (2, 3):
        last = min(length - 1, len(ids))
        fits = (owner[last:] == owner[: len(ids) - last]) & known[last:]
        for offset in range(last):
            fits &= known[offset : len(ids) - last + offset]
        place = np.flatnonzero(fits)
        places.append(place)
        third = ids[place + 2] if length == 3 else 0
        found.append(hashed(ids[place], ids[place + 1], third, buckets))
    lengths = [np.full(len(place), length) for length, place in enumerate(places, 1)]
    return Ngrams(np.concatenate(found), np.concatenate(places), np.concatenate(lengths))


def scales(sizes: npt.ArrayLike) -> Floats:
    """Return 1 / sqrt(words + 1) for each review."""
    result: Floats = (1 / np.sqrt(np.asarray(sizes, np.float32) + 1)).astype(np.float32)
    return result
