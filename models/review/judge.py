"""Judge texts with the default model: rules first, then the weighed words."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from models.review import artifact, idioms, negation, tone
from models.review.domain import has_rating, is_list, speaks_of_films, states_facts, tells_plot
from models.review.language import is_foreign
from models.review.mending import Mender
from models.review.network import tables_of
from models.review.policy import Thresholds
from models.review.scorer import Evidence, Scorer
from models.review.sentences import sentences
from models.review.tokens import UNKNOWN, Ids, Lexicon, read
from models.review.verdict import Contribution, Reason, Verdict

POLICY = "policy.json"
_AT_ONCE = 64
# Critics praise in words that reviewers seldom use, and reviewers blame in plain ones: so much is
# taken from the logit of a sentence. Chosen on 270 invented opinions, none of which is a test.
_OFFSET = -0.25
# It is for texts of so many words, and fades until so many.
_SENTENCE = (25, 45)
# A text says nothing if no word of it has this weight and it takes no side this clearly; less is
# enough for one that speaks of films, more is needed from a question.
_EVIDENCE, _EVIDENCE_ON_FILMS = 0.65, 0.3
_CLEAR, _CLEAR_LONG, _CLEAR_QUESTION, _CLEAR_LIST = 0.5, 1.2, 1.5, 3.0
_QUESTION = re.compile(
    r"\W*(?:(?:hi|hello|hey|ok|so|and|but|hm+|wait)\W+)*(?:who|what|when|where|which|how|is|are|do|does"
    r"|did|can|could|should|shall|may|will)\b(?! (?:a|an)\b)[^.!]*\?\W*",
    re.IGNORECASE,
)
_PAUSE = re.compile(r"[,.;:()–—]|\s-+\s")
# Praise and blame that both add more than this to the logit are mixed feelings.
_MIXED = 0.8


@dataclass(frozen=True)
class _Text:
    """A text that was split into words."""

    text: str
    words: list[str]
    places: list[tuple[int, int]]
    ids: Ids

    @classmethod
    def split(cls, text: str, lexicon: Lexicon, mender: Mender) -> _Text:
        """Split a text; in a short one the slips of the fingers are mended."""
        words, places = read(text)
        if len(words) <= tone.LONGEST:
            words = mender.mend(words)
        return cls(text, words, places, lexicon.number(words))

    @property
    def known(self) -> int:
        return int((self.ids > UNKNOWN).sum())

    @property
    def is_on_films(self) -> bool:
        """Whether it speaks of films or of liking something."""
        return speaks_of_films(self.words, self.text)

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
    def nothing(self) -> Reason | None:
        """Why there is nothing to judge, if so."""
        if not any(map(str.isalpha, self.text)) and not has_rating(self.text):
            return "empty"
        if is_foreign(self.text):
            return "foreign"
        return "unknown_words" if self.known * 4 < len(self.words) else None


class DefaultClassifier:
    """The default model, ready to answer; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Remember where the model is; nothing is read yet."""
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: Judge | None = None

    def load(self) -> Judge:
        """Load the model unless that is done.

        Raises:
            ReviewModelError: if its files are missing or damaged.
        """
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    network = artifact.load_network(self._folder)
                    lexicon = Lexicon.read(self._folder / artifact.VOCABULARY)
                    self._loaded = Judge(
                        lexicon,
                        Mender(lexicon),
                        Scorer(tables_of(network)),
                        Thresholds.read(self._folder / POLICY),
                        self._folder.name,
                    )
        return self._loaded

    def classify(self, text: str) -> Verdict:
        """Judge a text of any length.

        Raises:
            ReviewModelError: if the model cannot be loaded.
        """
        return self.classify_many([text])[0]

    def classify_many(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge several texts at once, which takes less time for each.

        Raises:
            ReviewModelError: if the model cannot be loaded.
        """
        return self.load()(texts)


@dataclass(frozen=True)
class Judge:
    """Everything that answering needs."""

    lexicon: Lexicon
    mender: Mender
    scorer: Scorer
    thresholds: Thresholds
    name: str

    def __call__(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge texts of any length, a few at a time, whose n-grams fit the processor's cache."""
        return [
            verdict
            for start in range(0, len(texts), _AT_ONCE)
            for verdict in self._several(texts[start : start + _AT_ONCE])
        ]

    def _several(self, texts: Sequence[str]) -> list[Verdict]:
        split = [_Text.split(text, self.lexicon, self.mender) for text in texts]
        found = self._heeding_negations(split, self.scorer.explain([text.ids for text in split]))
        return [self._judge(text, evidence) for text, evidence in zip(split, found, strict=True)]

    def _heeding_negations(self, split: Sequence[_Text], found: list[Evidence]) -> list[Evidence]:
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

    def _judge(self, text: _Text, evidence: Evidence) -> Verdict:
        known = text.known
        if nothing := text.nothing:
            known = 0 if nothing == "empty" else known
            return Verdict("no_opinion", 0.5, known, self.name, nothing)
        each, bias, lukewarm, two_sided = evidence.words, evidence.bias, False, False
        strongest = np.abs(each).max() * math.sqrt(len(each) + 1)
        if text.is_short:
            phrases, share = idioms.find(text.words), idioms.rating(text.text)
            lukewarm = tone.is_lukewarm(text.text) or (share is not None and not idioms.side(share))
            each = idioms.weigh(each, phrases)
            two_sided = tone.is_two_sided(each, text.words, text.pauses)
            each = tone.weigh(each, text.words, text.pauses, lukewarm)
            if share is not None:
                each[-1] += idioms.side(share)
            strongest = math.inf if phrases or share is not None else strongest
        if not lukewarm:
            bias += _OFFSET * float(np.interp(len(each), _SENTENCE, (1, 0)))
        lukewarm = lukewarm or tone.is_undecided(text.text)
        logit = float(each.sum()) + bias
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        if not lukewarm and _says_nothing(text, strongest, abs(logit)):
            return Verdict("no_opinion", probability, known, self.name, "not_a_review")
        label, reason = self.thresholds.label(probability, known)
        if two_sided or lukewarm:
            label, reason = "unsure", "mixed"
        if reason and (lukewarm or min(each[each > 0].sum(), -each[each < 0].sum()) > _MIXED):
            reason = "mixed"
        words = tuple(
            Contribution(start, end, weight)
            for (start, end), weight in zip(text.places, each.tolist(), strict=True)
        )
        parts = sentences(text.text, words)
        return Verdict(label, probability, known, self.name, reason, words, parts, bias)


def _says_nothing(text: _Text, strongest: float, side: float) -> bool:
    """Whether a text holds no opinion.

    Args:
        text: the text.
        strongest: weight of its strongest word, whatever its length.
        side: how far its logit is from undecided.
    """
    on_films = text.is_on_films
    doubtful = _QUESTION.fullmatch(text.text) or states_facts(text.text) or tells_plot(text.words)
    if text.is_short and not on_films and "," in text.text and is_list(text.words):
        return side < _CLEAR_LIST
    if text.is_short and doubtful:
        return side < _CLEAR_QUESTION
    if text.is_short and strongest < (_EVIDENCE_ON_FILMS if on_films else _EVIDENCE):
        return side < _CLEAR
    return not on_films and side < (_CLEAR if text.is_short else _CLEAR_LONG)
