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

from models.review import artifact, negation, tone
from models.review.domain import has_rating, speaks_of_films
from models.review.language import is_foreign
from models.review.mending import Mender
from models.review.network import tables_of
from models.review.policy import Thresholds
from models.review.scorer import Evidence, Scorer
from models.review.sentences import sentences
from models.review.tokens import UNKNOWN, Ids, Lexicon, read
from models.review.verdict import Contribution, Reason, Verdict

POLICY = "policy.json"
# A short text without any word of this weight is about something else; one that speaks of films
# needs less. One that does not, of any length, must take a side this clearly.
_EVIDENCE, _EVIDENCE_ON_FILMS = 0.65, 0.3
_CLEAR_SHORT, _CLEAR_LONG = 0.5, 1.2
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
        """Judge texts of any length."""
        split = [_Text.split(text, self.lexicon, self.mender) for text in texts]
        found = self._heeding_negations(split, self.scorer.explain([text.ids for text in split]))
        return [self._judge(text, evidence) for text, evidence in zip(split, found, strict=True)]

    def _heeding_negations(self, split: Sequence[_Text], found: list[Evidence]) -> list[Evidence]:
        """Turn the words that a short text negates, by what they say without the negation."""
        negations = {
            number: scopes
            for number, text in enumerate(split)
            if len(text.words) <= tone.LONGEST
            and (scopes := negation.scopes(text.words, text.pauses))
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
        each, bias, lukewarm = evidence.words, evidence.bias, False
        if len(text.words) <= tone.LONGEST:
            lukewarm = tone.is_lukewarm(text.text)
            least = _EVIDENCE_ON_FILMS if text.is_on_films else _EVIDENCE
            weak = np.abs(each).max() * math.sqrt(len(each) + 1) < least
            if weak and not lukewarm:
                return Verdict("no_opinion", 0.5, known, self.name, "not_a_review")
            each = tone.weigh(each, text.words, text.pauses, lukewarm)
        logit = float(each.sum()) + bias
        clear = _CLEAR_SHORT if len(text.words) <= tone.LONGEST else _CLEAR_LONG
        if abs(logit) < clear and not lukewarm and not text.is_on_films:
            return Verdict("no_opinion", 0.5, known, self.name, "not_a_review")
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        label, reason = self.thresholds.label(probability, known)
        if reason and (lukewarm or min(each[each > 0].sum(), -each[each < 0].sum()) > _MIXED):
            reason = "mixed"
        words = tuple(
            Contribution(start, end, weight)
            for (start, end), weight in zip(text.places, each.tolist(), strict=True)
        )
        parts = sentences(text.text, words)
        return Verdict(label, probability, known, self.name, reason, words, parts, bias)
