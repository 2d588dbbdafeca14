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
    """A stretch of the text and what it added to the logit.

    Attributes:
        start: index of its first character in the text.
        end: index after its last character.
        weight: its share of the logit; above zero it speaks for a positive review.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Verdict:
    """The judgement on one text.

    Attributes:
        label: positive, negative, unsure, or no_opinion when there is nothing to judge.
        probability: of a positive review, 0 to 1; 0.5 when there is nothing to judge.
        known_words: how many words of the text the model knows.
        model: name of the model that judged.
        reason: why the label is neither positive nor negative, else None.
        words: what each word or phrase added to the logit, in reading order; empty for
            a model that cannot say.
        sentences: the same per sentence; together with ``bias`` they sum to the logit.
        bias: the part of the logit that belongs to no word.
        opinion: how much likelier the text judges a film than nothing at all, as a logit.
    """

    label: Label
    probability: float
    known_words: int
    model: str
    reason: Reason | None = None
    words: tuple[Contribution, ...] = ()
    sentences: tuple[Contribution, ...] = ()
    bias: float = 0.0
    opinion: float = 0.0
