"""The words that drove a verdict, put together to phrases that a person can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.review.verdict import Contribution, Verdict

PHRASES = 3
# Marks that a channel may take for formatting.
_UNREADABLE = re.compile(r"[^\w'’!?:;()=-]|_")
# Less than this share of the strongest phrase is not worth a mention.
WORTH = 0.25


@dataclass(frozen=True)
class Driving:
    """What spoke for and against a positive review, strongest first.

    Attributes:
        praise: phrases that raised the logit, as they stand in the text.
        blame: phrases that lowered it.
    """

    praise: tuple[str, ...]
    blame: tuple[str, ...]


def driving(text: str, verdict: Verdict, most: int = PHRASES) -> Driving:
    """Return the strongest phrases of a judged text, at most ``most`` of either kind."""
    found = sorted(phrases(text, verdict.words), key=lambda phrase: -abs(phrase.weight))
    least = WORTH * abs(found[0].weight) if found else 0.0
    strong = [phrase for phrase in found if abs(phrase.weight) >= least]
    praise = dict.fromkeys(_read(text, phrase) for phrase in strong if phrase.weight > 0)
    blame = dict.fromkeys(_read(text, phrase) for phrase in strong if phrase.weight < 0)
    for side in (praise, blame):
        side.pop("", None)
    return Driving(tuple(praise)[:most], tuple(blame)[:most])


def phrases(text: str, words: Sequence[Contribution]) -> list[Contribution]:
    """Join strong neighbouring words that pull the same way; their weights add up.

    Words weaker than a tenth of the strongest join nothing and are left out.
    """
    limit = 0.1 * max((abs(word.weight) for word in words), default=0.0)
    joined: list[Contribution] = []
    for word in words:
        if abs(word.weight) <= limit:
            continue
        last = joined[-1] if joined else None
        close = last is not None and text[last.end : word.start].strip() == ""
        if last is not None and close and (last.weight > 0) == (word.weight > 0):
            joined[-1] = Contribution(last.start, word.end, last.weight + word.weight)
        else:
            joined.append(word)
    return joined


def _read(text: str, phrase: Contribution) -> str:
    shown = _UNREADABLE.sub(" ", text[phrase.start : phrase.end])
    return " ".join(shown.split()).lower()
