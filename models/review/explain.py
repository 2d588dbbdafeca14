"""What drove a verdict: words put together to phrases and sentences that a person can read."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from models.review.verdict import Contribution, Verdict

LONGEST_PHRASE = 120
_PHRASES, _LONGEST_SENTENCE, _LONGEST_MARKED = 3, 200, 600
# Less than this share of the strongest phrase is not worth a mention.
_WORTH = 0.25
# Fewer sentences than this need no account of their own.
FEWEST_SENTENCES = 4
# Marks that a channel may take for formatting.
_UNREADABLE = re.compile(r"[^\w'’!?:;()=-]|_")
_MARKS = re.compile(r"<[^<>]{1,40}>|[*_`\[\]<>#|~{}\\]")
_LOOSE_MARK = re.compile(r" (?=[.,!?;:)])")
_END = re.compile(r"(?<![.!?])[.!?]+[\"')\]]*(?=\s|<|$)|\n+|(?:<br\s{0,9}/?>\s*)+", re.IGNORECASE)


class Driving(NamedTuple):
    """What spoke for and against a positive review, strongest first."""

    praise: tuple[str, ...]  # phrases that raised the logit, as they stand in the text
    blame: tuple[str, ...]  # phrases that lowered it


def driving(text: str, verdict: Verdict) -> Driving:
    """Return the strongest phrases of a judged text, at most three of either kind."""
    sides: dict[bool, list[str]] = {True: [], False: []}
    for phrase in _strong(text, verdict):
        shown = _UNREADABLE.sub(" ", text[phrase.start : phrase.end])
        shown = " ".join(shown.split()).lower()
        if len(shown) > LONGEST_PHRASE:
            shown = f"{shown[: LONGEST_PHRASE - 1]}…"
        side = sides[phrase.weight > 0]
        if shown and shown not in side:
            side.append(shown)
    return Driving(tuple(sides[True][:_PHRASES]), tuple(sides[False][:_PHRASES]))


def strongest(text: str, verdict: Verdict) -> Driving:
    """Return the single words that weigh most, each with what it adds, at most three a side."""
    ranked = sorted(verdict.words, key=lambda word: -abs(word.weight))
    told = [(word.weight > 0, _prose(text, word), word.weight) for word in ranked]
    praise, blame = (
        tuple(f"{word} {weight:+.2f}" for raises, word, weight in told if raises is side and word)
        for side in (True, False)
    )
    return Driving(praise[:_PHRASES], blame[:_PHRASES])


class Summary(NamedTuple):
    """A whole explanation of a verdict."""

    marked: str  # the text, or the beginning of a long one, with its strong words marked
    praise: float  # what all words that raised the logit added
    blame: float  # what all words that lowered it added, zero or below
    best_sentence: str | None  # the one that raised it most; None for a text of few sentences
    worst_sentence: str | None  # the one that lowered it most; None likewise


def summarise(text: str, verdict: Verdict) -> Summary:
    """Return the explanation of a judged text; the parts and the bias sum to the logit."""
    best = worst = None
    if len(verdict.sentences) >= FEWEST_SENTENCES:
        first = max(verdict.sentences, key=lambda sentence: sentence.weight)
        last = min(verdict.sentences, key=lambda sentence: sentence.weight)
        best = _prose(text, first)[:_LONGEST_SENTENCE] if first.weight > 0 else None
        worst = _prose(text, last)[:_LONGEST_SENTENCE] if last.weight < 0 else None
    return Summary(
        marked=_marked(text, verdict),
        praise=sum(word.weight for word in verdict.words if word.weight > 0),
        blame=sum(word.weight for word in verdict.words if word.weight < 0),
        best_sentence=best,
        worst_sentence=worst,
    )


def _marked(text: str, verdict: Verdict) -> str:
    """Return the text with its strong phrases in bold, led by their sign."""
    marked, at = "", 0
    for phrase in sorted(_strong(text, verdict)):
        if phrase.end > _LONGEST_MARKED:
            break
        sign = "+" if phrase.weight > 0 else "−"
        marked += f"{_plain(text[at : phrase.start])} **{sign}{_prose(text, phrase)}** "
        at = phrase.end
    marked += _plain(text[at : max(at, _LONGEST_MARKED)])
    marked += " …" if len(text) > _LONGEST_MARKED else ""
    return _LOOSE_MARK.sub("", " ".join(marked.split()))


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text)


def _prose(text: str, part: Contribution) -> str:
    return " ".join(_plain(text[part.start : part.end]).split())


def _strong(text: str, verdict: Verdict) -> list[Contribution]:
    """Return the phrases that are worth a mention, strongest first."""
    found = sorted(phrases(text, verdict.words), key=lambda phrase: -abs(phrase.weight))
    return [phrase for phrase in found if abs(phrase.weight) >= _WORTH * abs(found[0].weight)]


def phrases(text: str, words: Sequence[Contribution]) -> list[Contribution]:
    """Join strong neighbouring words that pull the same way; their weights add up.

    Words weaker than a tenth of the strongest join nothing and are left out.
    """
    limit = 0.1 * max((abs(word.weight) for word in words), default=0.0)
    joined: list[Contribution] = []
    for word in words:
        if abs(word.weight) <= limit:
            continue
        last = joined[-1] if joined else word
        between = text[last.end : word.start] if joined else "apart"
        if not between.strip() and (last.weight > 0) == (word.weight > 0):
            joined[-1] = Contribution(last.start, word.end, last.weight + word.weight)
        else:
            joined.append(word)
    return joined


def sentences(text: str, words: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """Add up what the words of each sentence contributed.

    Args:
        text: the whole text.
        words: its words with their weights, in reading order.

    Returns:
        A contribution per sentence that holds a word, from its first word to its last one;
        the weights sum to those of the words.
    """
    ends = [mark.end() for mark in _END.finditer(text)]
    parts = (list(part) for _, part in groupby(words, lambda word: bisect_right(ends, word.start)))
    return tuple(
        Contribution(part[0].start, part[-1].end, sum(word.weight for word in part))
        for part in parts
    )
