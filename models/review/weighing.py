"""Weigh the words of a text: what the model learned, then the rules for short texts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from models.review import idioms, negation, tone
from models.review.domain import has_rating
from models.review.language import is_foreign
from models.review.mending import Mender
from models.review.negation import Doubles
from models.review.ngrams import Floats
from models.review.scorer import Evidence, Scorer
from models.review.tokens import UNKNOWN, Ids, Lexicon, read
from models.review.verdict import Reason

_AT_ONCE = 64
# Critics praise in words that reviewers seldom use, and reviewers blame in plain ones: so much is
# taken from the logit of a sentence. Chosen on 270 invented opinions, none of which is a test.
_OFFSET = -0.25
# It is for texts of so many words, and fades until so many.
_SENTENCE = (25, 45)
_PAUSE = re.compile(r"[,.;:()–—]|\s-+\s")


@dataclass(frozen=True)
class Text:
    """A text that was split into words."""

    text: str
    words: list[str]
    places: list[tuple[int, int]]
    ids: Ids

    @classmethod
    def split(cls, text: str, lexicon: Lexicon, mender: Mender) -> Text:
        """Split a text; in a short one the slips of the fingers are mended."""
        words, places = read(text)
        if len(words) <= tone.LONGEST:
            words = mender.mend(words)
        return cls(text, words, places, lexicon.number(words))

    @property
    def known(self) -> int:
        """Count the words that the model knows."""
        return int((self.ids > UNKNOWN).sum())

    @property
    def pauses(self) -> set[int]:
        """Indices of the words before which a comma or another pause stands."""
        between = pairwise(self.places)
        return {
            number
            for number, ((_, end), (start, _)) in enumerate(between, 1)
            if _PAUSE.search(self.text[end:start])
        }

    @property
    def is_short(self) -> bool:
        """Whether the rules for single opinions count."""
        return len(self.words) <= tone.LONGEST

    @property
    def rated(self) -> float | None:
        """The share of the points that a short text gives, 0 to 1; None if it gives none."""
        return idioms.rating(self.text) if self.is_short else None

    @property
    def nothing(self) -> Reason | None:
        """Why there is nothing to judge, if so."""
        if not any(map(str.isalpha, self.text)) and not has_rating(self.text):
            return "empty"
        if is_foreign(self.text):
            return "foreign"
        return "unknown_words" if self.known * 4 < len(self.words) else None


@dataclass(frozen=True)
class Weighed:
    """A text and what its words add up to.

    Attributes:
        text: the text.
        words: what each word adds to the logit, shape (words,).
        bias: what belongs to no word.
        meaning: mean vector of its words.
        strongest: weight of its strongest word, whatever the length of the text.
    """

    text: Text
    words: Doubles
    bias: float
    meaning: Floats
    strongest: float

    @property
    def logit(self) -> float:
        """The logit of a positive review."""
        return float(self.words.sum()) + self.bias

    @property
    def opposed(self) -> float:
        """How much praise and blame there is of whichever is less."""
        return float(min(self.words[self.words > 0].sum(), -self.words[self.words < 0].sum()))


@dataclass(frozen=True)
class Weigher:
    """Everything that weighing needs."""

    lexicon: Lexicon
    mender: Mender
    scorer: Scorer

    def __call__(self, texts: Sequence[str]) -> list[Weighed]:
        """Weigh texts of any length, a few at a time, whose n-grams fit the processor's cache."""
        return [
            weighed
            for start in range(0, len(texts), _AT_ONCE)
            for weighed in self._several(texts[start : start + _AT_ONCE])
        ]

    def _several(self, texts: Sequence[str]) -> list[Weighed]:
        split = [Text.split(text, self.lexicon, self.mender) for text in texts]
        found = self._heeding_negations(split, self.scorer.explain([text.ids for text in split]))
        return [
            _by_rules(text, evidence, self.scorer.meaning(text.ids))
            for text, evidence in zip(split, found, strict=True)
        ]

    def _heeding_negations(self, split: Sequence[Text], found: list[Evidence]) -> list[Evidence]:
        """Turn the words that a short text negates, by what they say without the negation."""
        negations = {
            number: scopes
            for number, text in enumerate(split)
            if text.is_short and (scopes := negation.scopes(text.words, text.pauses))
        }
        left = {
            number: negation.without(len(split[number].ids), scopes)
            for number, scopes in negations.items()
        }
        bare = self.scorer.explain([split[number].ids[left[number]] for number in negations])
        heeded = list(found)
        for (number, scopes), evidence in zip(negations.items(), bare, strict=True):
            alone = np.zeros(len(split[number].ids))
            alone[left[number]] = evidence.words
            words = negation.turn(found[number].words, alone, split[number].words, scopes)
            heeded[number] = replace(found[number], words=words)
        return heeded


def _by_rules(text: Text, evidence: Evidence, meaning: Floats) -> Weighed:
    each = evidence.words
    strongest = float(np.abs(each).max(initial=0.0)) * math.sqrt(len(each) + 1)
    bias, share = evidence.bias, text.rated
    if not len(each) and share is not None:  # nothing but stars
        bias, strongest = bias + idioms.side(share), idioms.STRENGTH
    elif text.is_short and len(each):
        phrases = idioms.find(text.words)
        each = tone.weigh(idioms.weigh(each, phrases), text.words, text.pauses)
        if share is not None:
            each[-1] += idioms.side(share)
        if phrases or share is not None:
            strongest = max(strongest, idioms.STRENGTH)
    offset = _OFFSET * float(np.interp(len(each), _SENTENCE, (1, 0)))
    return Weighed(text, each, bias + offset, meaning, strongest)
