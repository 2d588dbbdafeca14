"""What a review model says about one text, and what can go wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Label = Literal["positive", "negative", "unsure", "no_opinion"]
Reason = Literal["empty", "unknown_words", "foreign", "not_a_review", "mixed", "undecided"]

# Whether a text takes a side at all; the names of the others are labels, too.
STANCES = ("sided", "unsure", "no_opinion")


class ReviewModelError(RuntimeError):
    """A review model, or the data to train it, is missing, damaged or unusable."""


class Contribution(NamedTuple):
    """A stretch of the text and what it added to the logit."""

    start: int  # index of its first character in the text
    end: int  # index after its last character
    weight: float  # its share of the logit; above zero it speaks for a positive review


@dataclass(frozen=True)
class Verdict:
    """The judgement on one text."""

    label: Label  # no_opinion when there is nothing to judge
    probability: float  # of a positive review, 0 to 1; 0.5 when there is nothing to judge
    known_words: int  # how many words of the text the model knows
    model: str  # name of the model that judged
    reason: Reason | None = None  # why the label is neither positive nor negative
    # What each word added to the logit, in reading order; empty for a model that cannot say.
    words: tuple[Contribution, ...] = ()
    # The same per sentence; together with ``bias`` they sum to the logit.
    sentences: tuple[Contribution, ...] = ()
    bias: float = 0.0  # the part of the logit that belongs to no word
    opinion: float = 0.0  # how much likelier the text judges a film than nothing, as a logit
