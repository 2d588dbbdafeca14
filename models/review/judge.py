"""Judge one text with the default model: rules first, then the weighed words."""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review import artifact, tone
from models.review.errors import ReviewModelError
from models.review.language import is_foreign
from models.review.linear import LinearScorer
from models.review.policy import Thresholds
from models.review.tokens import UNKNOWN, Lexicon, spans, tokens
from models.review.verdict import Contribution, Reason, Verdict

POLICY = "policy.json"
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+[\"')\]]*|\n|$)")

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Policy:
    """How sure the model must be; chosen on validation reviews by the training.

    Attributes:
        thresholds: between which probabilities the label is unsure.
        evidence: a short text whose strongest word weighs less holds no opinion.
        mixed: praise and blame that both add more than this to the logit are mixed.
    """

    thresholds: Thresholds
    evidence: float
    mixed: float

    def write(self, path: Path) -> None:
        """Write the numbers as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Policy:
        """Read what ``write`` wrote.

        Raises:
            ReviewModelError: if the file is missing or not of that form.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            limits = values["thresholds"]
            thresholds = Thresholds(
                limits["short_words"], tuple(limits["short"]), tuple(limits["long"])
            )
            return cls(thresholds, values["evidence"], values["mixed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReviewModelError(f"The settings in {path.name} cannot be read") from error


@dataclass(frozen=True)
class Loaded:
    """Everything that answering needs."""

    lexicon: Lexicon
    scorer: LinearScorer
    policy: Policy

    def judge(self, text: str, name: str) -> Verdict:
        """Judge a text of any length."""
        words = tokens(text)
        ids = self.lexicon.number(words)
        known = int((ids > UNKNOWN).sum())
        nothing = self._nothing(text, words, known)
        if nothing:
            return Verdict("no_opinion", 0.5, known, name, nothing)
        evidence = self.scorer.explain(ids)
        short = len(words) <= tone.LONGEST
        if short and evidence.strength < self.policy.evidence:
            return Verdict("no_opinion", 0.5, known, name, "not_a_review")
        lukewarm = short and tone.is_lukewarm(text)
        each, bias = evidence.words, evidence.bias
        if short:
            each = tone.weigh(each, words, lukewarm)
        logit = float(each.sum()) + bias
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        label, reason = self.policy.thresholds.label(probability, known)
        if reason and (lukewarm or self._is_mixed(each)):
            reason = "mixed"
        places = spans(text)
        parts = tuple(
            Contribution(start, end, float(weight))
            for (start, end), weight in zip(places, each, strict=True)
        )
        return Verdict(
            label, probability, known, name, reason, parts, _sentences(text, parts), bias
        )

    def _nothing(self, text: str, words: Sequence[str], known: int) -> Reason | None:
        if not any(word[0].isalnum() for word in words):
            return "empty"
        if is_foreign(text):
            return "foreign"
        return "unknown_words" if known * 4 < len(words) else None

    def _is_mixed(self, each: Weights) -> bool:
        limit = self.policy.mixed
        return bool(each[each > 0].sum() > limit and -each[each < 0].sum() > limit)


class DefaultClassifier:
    """The default model, ready to answer; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Remember where the model is; nothing is read yet."""
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None

    def load(self) -> Loaded:
        """Load the model unless that is done.

        Raises:
            ReviewModelError: if its files are missing or damaged.
        """
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = Loaded(
                        Lexicon.read(self._folder / artifact.VOCABULARY),
                        LinearScorer.from_network(artifact.load_network(self._folder)),
                        Policy.read(self._folder / POLICY),
                    )
        return self._loaded

    def classify(self, text: str) -> Verdict:
        """Judge a text of any length.

        Raises:
            ReviewModelError: if the model cannot be loaded.
        """
        return self.load().judge(text, self._folder.name)


def _sentences(text: str, words: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """Add up what the words of each sentence contributed."""
    ends = [found.end() for found in _SENTENCE.finditer(text)] or [len(text)]
    ends[-1] = len(text)
    sums = np.zeros(len(ends))
    first = np.full(len(ends), -1)
    last = np.zeros(len(ends), int)
    at = 0
    for word in words:
        while word.start >= ends[at]:
            at += 1
        sums[at] += word.weight
        first[at] = word.start if first[at] < 0 else first[at]
        last[at] = word.end
    return tuple(
        Contribution(int(start), int(end), float(weight))
        for start, end, weight in zip(first, last, sums, strict=True)
        if start >= 0
    )
