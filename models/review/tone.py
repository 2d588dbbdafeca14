"""Rules for short opinions that star ratings never taught: lukewarm words and "but".

The reviews to learn from carry 1 to 4 or 7 to 10 stars, so "it was ok" is found almost only
in bad ones. And in one sentence the part after "but", or beside "although", carries the
verdict. The rules scale what the words added to the logit, so that the parts still sum to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from models.review.ngrams import NEGATORS

LONGEST = 40
BEFORE, AFTER = 0.3, 1.2

_OK = r"(?:ok|decent|okay|alright|average|fine|so[- ]so|passable|meh)"
_HEDGE = (
    r"(?:just|only|was|is|it's|were|pretty|quite|kinda|kind of|sort of|rather|about|an?|i guess)"
)
_GOOD = r"(?:good|great|amazing|brilliant|excellent|wonderful)"
_BAD = r"(?:bad|terrible|awful|horrible|poor)"
_LIKED = rf"(?:{_GOOD}|exciting|loved?|liked?|impressed|fantastic)"
_HATED = rf"(?:{_BAD}|boring|hated?|disliked?|disappointed|disaster)"
_NOT = r"(?:not|nor|isn't|wasn't|neither)\s+(?:particularly |exactly |really |that |too |very )?"
_OVER = r"\W*$|\s*[.,;:!)]|\s+(?:but|though|i guess|i suppose|overall|really|film|movie|stuff)\b"
MOST_CHARACTERS = 1000
_UNDECIDED = re.compile(
    r"(?:don't|do not|not sure|can't|cannot|couldn't) (?:really |quite |honestly )?(?:know|tell"
    r"|say|decide)? ?"
    r"(?:what to (?:think|make)|(?:if|whether) i (?:liked?|loved?|hated?|enjoyed))|in two minds"
    r"|(?:can't|cannot|couldn't) make up my mind|keep changing my mind|call it a draw"
    r"|(?:squarely|somewhere) in the middle|in the middle for me|make of that what you will"
    r"|where i stand|which side wins|before i can say"
    r"|(?:genius|great|brilliant|masterpiece) or (?:nonsense|terrible|rubbish|garbage|awful|stupid)"
    r"|not a bad \w+,? (?:and|but) (?:it's |it is )?not a good|not a good \w+,? (?:and"
    r"|but) (?:it's |it is )?not a bad"
    r"|call it a draw"
    r"|jury is still out",
    re.IGNORECASE,
)
_LUKEWARM = re.compile(
    rf"^\W*(?:{_HEDGE}\s+)*{_OK}\W*$|\b(?:{_HEDGE}\s+{_OK}(?={_OVER})|so[- ]so\b|meh\b|middling|"
    rf"mixed (?:bag|feelings)|neither {_LIKED}\b.{{0,20}}\bnor {_HATED}|"
    rf"neither {_HATED}\b.{{0,20}}\bnor {_LIKED}|"
    rf"{_NOT}{_GOOD}\b.{{0,20}}\b{_NOT}{_BAD}|{_NOT}{_BAD}\b.{{0,20}}\b{_NOT}{_GOOD}|"
    r"not sure (?:what|how|if|whether)|(?:don't|do not) know what to (?:think|make)|"
    r"(?:know|sure|decide|tell|say) (?:if|whether) (?:i|we) (?:liked?|loved?|hated?|enjoyed)|"
    r"call it a draw|in two minds|make up my mind|changing my mind|ask me tomorrow|still deciding|"
    r"somewhere in between|average in every way|(?:i'm|i am|left me) torn|"
    r"first (?:half|hour)\b.{1,60}\b(?:second|last|other)(?: (?:half|hour))?\b|"
    r"\bhalf \w+[^.]{0,60}\bhalf \w+|\bat times\b.{1,60}\bat (?:other times|others)\b|"
    r"\b(?:good|pros?|plus(?:es)?)\s*:.{1,200}\b(?:bad|cons?|minus(?:es)?)\s*:|"
    r"some (?:\w+ )?works?,? (?:and |but )?(?:some|others) (?:don't|doesn't)|passes the time|"
    r"perfectly average|\baverage \w+ (?:film|movie)|"
    r"^\W*average\b|a few good\b.{1,40}\ba few bad|has its moments|middle of the road"
    r"|take it or leave it|(?:good|bad) and (?:bad|good)|"
    r"half (?:good|of me)|on the fence|neutral about|hard to say|(?:can't|cannot) decide|"
    r"some (?:good|great|nice|fun)\b.{1,30}\bsome (?:bad|weak|poor|dull)|"
    r"some (?:bad|weak|poor|dull)\b.{1,30}\bsome (?:good|great|nice|fun)|"
    r"nothing (?:more|special),? (?:and |but )?nothing (?:less|bad|terrible)|call it even|"
    r"(?:some|fans|people) (?:people )?(?:will|may|might)\b.{1,40}\bothers|"
    r"as many (?:hits|highs|strengths) as|\b(?:balances|evens) out|\btorn (?:on|about|between)|"
    r"undecided|50[ /-]50|fifty[- ]fifty|(?:couldn't|can't|cannot) (?:really )?(?:tell|say)\b|"
    r"depends on (?:your|the) (?:mood|taste)|jury is (?:still )?out|neither here nor there|"
    r"no strong (?:feelings|opinion)|strictly average|run[- ]of[- ]the[- ]mill|"
    r"(?:watchable|forgettable|harmless)(?: enough)?(?: but| if| and)? (?:forgettable|watchable|"
    r"harmless)|could go either way)",
    re.IGNORECASE,
)
_TURNS = frozenset({"but", "however", "yet", "nevertheless", "nonetheless", "still"})
_TURNS_OUT = frozenset({("ended", "up"), ("ends", "up"), ("turned", "out"), ("turns", "out")})
_WORD = re.compile(r"[a-z']+")
_PRAISE = frozenset({"good", "great", "nice", "liked", "strong", "brilliant", "clever", "lovely"})
_BLAME = frozenset({"bad", "poor", "weak", "disliked", "nonsense", "stupid", "slow", "clumsy"})
_CONCEDES = frozenset({"although", "though", "while", "whilst", "despite", "notwithstanding"})


# With one of these, praise and blame do not weigh the same.
_ONE_SIDED = (
    NEGATORS
    | _TURNS
    | _CONCEDES
    | frozenset({"so", "too", "very", "only", "then", "than", "even", "ended", "turned", "never"})
)


def is_lukewarm(text: str) -> bool:
    """Whether a text holds a phrase that takes no side, or praise beside blame."""
    text = text.replace("’", "'").lower()
    if _LUKEWARM.search(text):
        return True
    words = _WORD.findall(text)
    if not _ONE_SIDED.isdisjoint(words):
        return False
    return not _PRAISE.isdisjoint(words) and not _BLAME.isdisjoint(words)


def is_undecided(text: str) -> bool:
    """Whether a text of up to ``MOST_CHARACTERS`` says outright that it comes to no verdict."""
    return len(text) <= MOST_CHARACTERS and _UNDECIDED.search(text.replace("’", "'")) is not None


def weigh(
    words: npt.NDArray[np.float64], tokens: Sequence[str], pauses: Collection[int]
) -> npt.NDArray[np.float64]:
    """Return what the words of a short text add once the rules have been applied.

    Args:
        words: what each word added before, shape (words,).
        tokens: the words, in lower case.
        pauses: indices of the words before which a comma or another pause stands.
    """
    scale = np.ones(len(words))
    turn, (first, last) = _turn(tokens), _conceded(tokens, pauses)
    if turn:
        scale[:turn] = BEFORE
        scale[turn:] = AFTER
    elif last:
        scale[:] = AFTER
        scale[first:last] = BEFORE
    return words * scale


def _turn(tokens: Sequence[str]) -> int:
    """Return where the part after the last "but" begins; 0 if there is no such part."""
    for place in range(len(tokens) - 3, 1, -1):
        if tokens[place] in _TURNS or tuple(tokens[place : place + 2]) in _TURNS_OUT:
            return place
    return 0


def _conceded(tokens: Sequence[str], pauses: Collection[int]) -> tuple[int, int]:
    """Return where the part that "although" or "despite" concedes begins and ends."""
    for place, token in enumerate(tokens):
        if token in _CONCEDES:
            end = min((pause for pause in pauses if pause > place + 1), default=len(tokens))
            # Without a rest there is nothing that outweighs what is conceded.
            return (place, end) if end - place < len(tokens) - 1 else (0, 0)
    return 0, 0
