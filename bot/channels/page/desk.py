"""What each review model makes of a text, and which words push it, for the review desk."""

from __future__ import annotations

from typing import Any

from bot.channels.intake import MAX_CHARACTERS, clean
from models import review

# Words weaker than this share of the strongest are not marked.
_WORTH = 0.1


def judged(text: str) -> dict[str, Any]:
    """Return the verdict of each model, and the text in pieces with what each one adds.

    Raises:
        ReviewModelError: if a model cannot be used.
    """
    text = clean(text)[:MAX_CHARACTERS]
    verdicts = [review.classify(text, model) for model in review.models()]
    return {
        "models": [_told(verdict) for verdict in verdicts],
        "pieces": _pieces(text, verdicts[0].words),
    }


def _told(verdict: review.Verdict) -> dict[str, Any]:
    score = review.metrics(verdict.model).test
    return {
        "name": verdict.model,
        "label": verdict.label,
        "reason": verdict.reason,
        "probability": verdict.probability,
        "accuracy": score.accuracy,
        "tested": score.n,
    }


def _pieces(text: str, words: tuple[review.Contribution, ...]) -> list[tuple[str, float]]:
    """Cut a text at its strong words; their weights are logits, zero between them.

    Pieces and not positions, because a browser counts characters in another way.
    """
    least = _WORTH * max((abs(word.weight) for word in words), default=0.0)
    pieces, at = [], 0
    for word in words:
        if abs(word.weight) > least and word.start >= at:
            pieces += [(text[at : word.start], 0.0), (text[word.start : word.end], word.weight)]
            at = word.end
    return [(piece, round(weight, 3)) for piece, weight in [*pieces, (text[at:], 0.0)] if piece]
