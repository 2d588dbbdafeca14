"""Score verdicts on film opinions, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models import review

SIDES = ("positive", "negative")


@dataclass(frozen=True)
class Judged:
    """How the opinions of one kind came out.

    Attributes:
        texts: how many there are.
        right: verdicts that are the expected label, "unsure" and "no opinion" among them.
        sided: texts that are expected to be positive or negative.
        right_side: of those, texts whose probability lies on the expected side of one half.
    """

    texts: int
    right: int
    sided: int
    right_side: int


def judge(opinions: Sequence[Mapping[str, Any]]) -> dict[str, Judged]:
    """Judge every opinion; "all but hard" sums up what is not marked as hard for people too."""
    verdicts = review.classify_many([str(opinion["text"]) for opinion in opinions])
    groups: dict[str, list[tuple[str, review.Verdict]]] = {}
    for opinion, verdict in zip(opinions, verdicts, strict=True):
        names = [str(opinion["kind"])] + ["all but hard"] * (not opinion["hard"])
        for name in names:
            groups.setdefault(name, []).append((str(opinion["label"]), verdict))
    return {name: _count(group) for name, group in sorted(groups.items())}


def _count(group: Sequence[tuple[str, review.Verdict]]) -> Judged:
    sided = [(label, verdict) for label, verdict in group if label in SIDES]
    return Judged(
        len(group),
        sum(label == verdict.label for label, verdict in group),
        len(sided),
        sum((label == "positive") == (verdict.probability >= 0.5) for label, verdict in sided),
    )
