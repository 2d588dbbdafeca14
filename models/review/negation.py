"""What a negation does to the words after it in a short text.

The n-grams learned the negations that reviewers use often ("not worth", "never a dull moment").
A rarer one says at least the opposite of what its words say alone: "not a boring scene" is
praise although no review taught it. After a comparison nothing is turned round: "I have never
laughed so hard" and "couldn't be better" mean what they say without the negation.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.review.ngrams import NEGATORS

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


REACH = 6
# A word that takes or adds more than this from or to the logit says something by itself that can
# be turned round, unless with the negation it is known to say more ("no chemistry").
_BLAMES, _PRAISES, _KNOWN = 0.8, 0.3, 1.2
_LIFTED = 1.3
_SHARE = 0.12
# What is blamed, or praised, only by being denied; the reviews taught its words too little.
_DENIED = 1.2
_BLAME = _set(
    "fault faults flaw flaws flawed complain complaint complaints dislike regret regrets misstep "
    "missteps mistake mistakes criticism criticize quibble quibbles wasted filler idle false weak "
    "wrong trouble problem problems issue issues yawn yawning disappoint disappoints "
    "disappointed disappointing"
)
_PRAISE = _set(
    "alive believe believable care cared trust work works deserve deserves logical convince "
    "convinced convincing promised clever scary laugh laughs funny enjoy enjoyed like liked"
)
_BETTER = _set("better finer funnier enough")
_WORSE = _set("worse")
_SO = _set("so such more")
_NEGATORS = (NEGATORS | _set("nobody rarely seldom scarcely")) - {"lacks", "lacking"}
_PHRASES = tuple(
    tuple(phrase.split())
    for phrase in """
far from
anything but
free of
no one
no longer
nowhere near
who says
who say
who thinks
who think
who calls
who call
lying if i said
lie if i said
could have been
could've been
might have been
should have been
would have been
could easily have been
could so easily have been
might easily have been
""".strip().splitlines()
)
# Where the rest takes an expectation back, it counts as a negation as well.
_EXPECTED = tuple(
    tuple(phrase.split())
    for phrase in """
thought it'd be
thought it would be
thought this would be
expected it to be
expected
expecting
was supposed to be
meant to be
promised to be
ready to be
i wanted to
prepared to
""".strip().splitlines()
)
_TAKEN_BACK = _set("wrong but instead wasn't isn't didn't turned actually surprised yet")
# Words that only make a denial stronger.
_AT_ALL = _set("whatsoever at all any anything anyone anywhere even either ever single once second")
# After these a negation denies nothing: "not only", "don't waste your time", "can't save it".
_EMPTY = _set("only just doubt wonder mention waste bother and need needs prepared prepares")
_SUPPOSES = _set("think thought expect expected imagine imagined believe believed")
_WOULD = _set("could would i'd it'd they'd")
_SPEAKERS = _set("i you we they he she it who that anyone anybody one to")
_SUPERLATIVES = frozenset({("the", "worst"), ("the", "best"), ("a", "fan")})
_STOPS = _set("but because although though while yet and or if !")
_HOPELESS = _set("save saves rescue redeem hide salvage")
_ENDS = _set("and but because although though while yet however if that who when until !")
_SINCE_EVER = _set("never nobody no nothing haven't havent hasn't hadn't ain't aint")
# "This bored" lifts as "so bored" does; "this film" does not.
_MEASURES = _set("this that")
_MEASURED = _set(
    "much many hard good bad well funny bored boring exciting happy long awful terrible stupid "
    "wooden dull moving scary fun alive tense annoying"
)
# Between two negations so many words at most make them one affirmation: "nothing I didn't like".
_APART = 6


@dataclass(frozen=True)
class Scope:
    """A negation and the words that it is about.

    Attributes:
        first: index of the negating word.
        start: index of the first word it is about.
        end: index after the last of them.
        lifts: whether it praises or blames the more, as in "never been so bored".
    """

    first: int
    start: int
    end: int
    lifts: bool


def scopes(words: Sequence[str], pauses: Container[int]) -> list[Scope]:
    """Find the negations of a text.

    Args:
        words: its words, in lower case.
        pauses: indices of the words before which a comma or another pause stands.
    """
    found: list[Scope] = []
    place = 0
    while place < len(words):
        start = place + _size(words, place)
        if start == place:
            place += 1
            continue
        end = start
        while end < len(words) and end - start < REACH and words[end] not in _ENDS:
            if _size(words, end) or end in pauses:
                break
            end += 1
        about = words[start:end]
        if second := _second(words, start):  # they take each other back
            end = second
            while end < len(words) and end - second < REACH and words[end] not in _ENDS:
                end += 1
            found.append(Scope(place, second, end, True))
            place = end
            continue
        if about and about[0] in _SUPPOSES and not _WOULD.isdisjoint(about):
            place = end  # "I didn't think it could be this good"
            continue
        if tuple(about[:2]) == ("have", "to") or tuple(about[:2]) in _SUPERLATIVES:
            place = end
            continue
        if about and about[0] not in _EMPTY and _HOPELESS.isdisjoint(about):
            found.append(Scope(place, start, end, _lifts(words[place], about)))
        place = max(end, start)
    return found


def without(size: int, found: Sequence[Scope]) -> Flags:
    """Mark the words of a text that are left when its negating words are taken out."""
    left = np.ones(size, bool)
    for scope in found:
        left[scope.first : scope.start] = False
    return left


def turn(learned: Doubles, alone: Doubles, words: Sequence[str], found: Sequence[Scope]) -> Doubles:
    """Return what the words of a text add once its negations are heeded.

    Args:
        learned: what each word adds in the text as it stands, shape (words,).
        alone: what each adds when the negating words are taken out, shape (words,).
        words: the words, in lower case.
        found: the negations.
    """
    turned = learned.copy()
    for scope in found:
        part, negation = slice(scope.start, scope.end), slice(scope.first, scope.start)
        bare = _sayings(alone[part], words[part], scope.lifts)
        said = turned[part]
        if scope.lifts:
            said[:] = _LIFTED * bare
            turned[negation] = 0
            continue
        known = np.abs(said) > _KNOWN * np.abs(bare)
        blame, praise = (bare < -_BLAMES) & ~known, (bare > _PRAISES) & ~known
        said[blame] = np.maximum(said[blame], -bare[blame])
        said[praise] = np.minimum(said[praise], -bare[praise])
        changed = blame | praise
        if bare[changed].sum() < 0:
            # What sounds bad around a denied fault is only the denial.
            said[~known & ~praise] = np.maximum(said[~known & ~praise], 0)
            turned[negation] = np.maximum(turned[negation], 0)
        if changed.any():
            # The phrase says it, "not a dull", and not the word alone: the others get a share.
            last = scope.start + int(np.flatnonzero(changed)[-1])
            total = turned[scope.first : last + 1].sum()
            turned[scope.first : last] = _SHARE * total
            turned[last] = total - turned[scope.first : last].sum()
    return turned


def _sayings(alone: Doubles, words: Sequence[str], lifts: bool) -> Doubles:
    """Return what each word says alone, corrected where the reviews taught too little."""
    said = alone.copy()
    for place, word in enumerate(words):
        if word in _AT_ALL:
            said[place] = 0
        elif word in _BLAME:
            said[place] = min(said[place], -_DENIED)
        elif word in _PRAISE:
            said[place] = max(said[place], _DENIED / 2)
        elif lifts and word in _BETTER:
            said[place] = _DENIED
        elif lifts and word in _WORSE:
            said[place] = -_DENIED
    return said


def _size(words: Sequence[str], place: int) -> int:
    """Count the words of the negation that begins at a place; 0 if none does."""
    phrases = _PHRASES if _TAKEN_BACK.isdisjoint(words[place:]) else _PHRASES + _EXPECTED
    for phrase in phrases:
        if tuple(words[place : place + len(phrase)]) == phrase:
            return len(phrase)
    return int(words[place] in _NEGATORS)


def _second(words: Sequence[str], start: int) -> int:
    """Return the index after a second negation that takes back the first; 0 if there is none."""
    for place in range(start, min(start + _APART, len(words))):
        if words[place] in _STOPS:
            return 0
        if words[place] in _NEGATORS:
            takes_back = words[place].endswith(("n't", "nt", "not")) and place > start
            return place + 1 if takes_back and not _SPEAKERS.isdisjoint(words[start:place]) else 0
    return 0


def _lifts(negator: str, about: Sequence[str]) -> bool:
    compared = not (_BETTER | _WORSE).isdisjoint(about)
    if negator in _SINCE_EVER and any(
        one in _MEASURES and other in _MEASURED for one, other in pairwise(about)
    ):
        return True
    if negator in _SINCE_EVER:
        return compared or not _SO.isdisjoint(about)
    return compared and negator.startswith(("could", "can"))
