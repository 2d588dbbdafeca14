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
# Fewer sentences than this need no account of their own.
SENTENCES = 4
LONGEST_SENTENCE = 200
LONGEST_MARKED = 600
LONGEST_PHRASE = 120
_MARKS = re.compile(r"<[^<>]{1,40}>|[*_`\[\]<>#|~{}\\]")
_LOOSE_MARK = re.compile(r" (?=[.,!?;:)])")


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


@dataclass(frozen=True)
class Summary:
    """A whole explanation of a verdict.

    Attributes:
        marked: the text, or the beginning of a long one, with its strong words marked.
        praise: what all words that raised the logit added.
        blame: what all words that lowered it added, zero or below.
        best_sentence: the one that raised it most; None for a text of few sentences.
        worst_sentence: the one that lowered it most; None likewise.
    """

    marked: str
    praise: float
    blame: float
    best_sentence: str | None
    worst_sentence: str | None


def summarise(text: str, verdict: Verdict) -> Summary:
    """Return the explanation of a judged text; the parts and the bias sum to the logit."""
    best = worst = None
    if len(verdict.sentences) >= SENTENCES:
        first = max(verdict.sentences, key=lambda sentence: sentence.weight)
        last = min(verdict.sentences, key=lambda sentence: sentence.weight)
        best = _prose(text, first)[:LONGEST_SENTENCE] if first.weight > 0 else None
        worst = _prose(text, last)[:LONGEST_SENTENCE] if last.weight < 0 else None
    return Summary(
        marked=marked(text, verdict),
        praise=sum(word.weight for word in verdict.words if word.weight > 0),
        blame=sum(word.weight for word in verdict.words if word.weight < 0),
        best_sentence=best,
        worst_sentence=worst,
    )


def marked(text: str, verdict: Verdict, longest: int = LONGEST_MARKED) -> str:
    """Return the text with its strong phrases in bold, led by their sign."""
    parts, at = [], 0
    found = sorted(phrases(text, verdict.words), key=lambda phrase: -abs(phrase.weight))
    least = WORTH * abs(found[0].weight) if found else 0.0
    for phrase in sorted(phrase for phrase in found if abs(phrase.weight) >= least):
        if phrase.end > longest:
            break
        sign = "+" if phrase.weight > 0 else "−"
        parts += [_plain(text[at : phrase.start]), f" **{sign}{_prose(text, phrase)}** "]
        at = phrase.end
    parts.append(_plain(text[at : max(at, longest)]) + (" …" if len(text) > longest else ""))
    return _LOOSE_MARK.sub("", " ".join("".join(parts).split()))


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text)


def _prose(text: str, part: Contribution) -> str:
    return " ".join(_plain(text[part.start : part.end]).split())


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


def _cut(text: str, longest: int) -> str:
    """Return a text of at most so many characters, dots included."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _read(text: str, phrase: Contribution) -> str:
    shown = _UNREADABLE.sub(" ", text[phrase.start : phrase.end])
    return _cut(" ".join(shown.split()).lower(), LONGEST_PHRASE)
