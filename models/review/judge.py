"""Decide what a text amounts to: the one place where that is done.

Two parts read a text. The n-gram network reads every text, in well under a millisecond; the encoder
reads short ones, and the end of long ones about which the network is in doubt. Their logits are
added with weights that were fitted on texts kept apart, so that the sum is calibrated, and what
each word added stays exact. The encoder also tells the stance: whether a text takes a side, stands
between the two, or holds no opinion at all. Ratings in numbers and stars, texts without a word and
texts in other languages are told by rule.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.review import artifact, ratings
from models.review.encoder import Encoder, Pieces
from models.review.explain import sentences
from models.review.language import is_foreign
from models.review.network import Evidence, Network
from models.review.text import UNKNOWN, Ids, Plain, Vocabulary, plain, read
from models.review.verdict import STANCES, Contribution, Label, Reason, Verdict

NAME, DECISION, ENCODER = "default", "decision.json", "encoder.onnx"
# Texts of more words are long: the encoder reads them only in doubt, and then so many pieces.
SHORT_WORDS = 45
LONG_PIECES = 126
# A logit closer to zero than this is the toss of a coin: 48 to 52 %.
_COIN = 0.08

Doubles = npt.NDArray[np.float64]
# Where a word stands, and what it adds to the logit.
Weighed = tuple[tuple[int, int], float]


@dataclass(frozen=True)
class Shares:
    """How much each part counts: ``logit = encoder * its logit + network * its logit + bias``."""

    encoder: float
    network: float
    bias: float

    def logit(self, encoder: float, network: float) -> float:
        """Add the logits of both parts."""
        return self.encoder * encoder + self.network * network + self.bias


@dataclass(frozen=True)
class Decision:
    """What was fitted on texts kept apart."""

    short: Shares  # shares in texts of up to ``SHORT_WORDS`` words
    long: Shares  # shares in longer ones that the encoder reads
    doubt: float  # the encoder reads a long text whose logit is closer to zero than this
    # stance: weights of the signals for each stance, shape (stances, signals)
    stance: Sequence[Sequence[float]]
    stance_bias: Sequence[float]  # of each stance

    def stance_of(self, signals: Doubles) -> str:
        """Return the likeliest stance."""
        return STANCES[int(np.argmax(np.dot(self.stance, signals) + self.stance_bias))]

    @classmethod
    def read(cls, path: Path) -> Decision:
        """Read what ``artifact.write_json`` wrote of it."""
        values = artifact.read_json(path)
        return cls(Shares(**values.pop("short")), Shares(**values.pop("long")), **values)


def stance_signals(pieces: Pieces, logit: float, is_short: bool) -> Doubles:
    """Return what speaks for each stance: the encoder's logits, how clear the side is, length."""
    _, sided, unsure, nothing = pieces.logits
    return np.array([unsure - sided, nothing - sided, min(abs(logit), 4.0), float(not is_short)])


@dataclass(frozen=True)
class Text:
    """A text that was split into the words of the network."""

    raw: str  # as it came
    plain: Plain  # as it is read
    places: list[tuple[int, int]]  # where each word stands in the plain text
    ids: Ids  # of each word

    @classmethod
    def split(cls, raw: str, vocabulary: Vocabulary) -> Text:
        """Make a raw text plain and split it."""
        text = plain(raw)
        words, places = read(text.text)
        return cls(raw, text, places, vocabulary.number(words))

    @property
    def known(self) -> int:
        """Count the words that the network knows."""
        return int((self.ids > UNKNOWN).sum())

    @property
    def is_short(self) -> bool:
        """Whether the encoder reads the whole text."""
        return len(self.ids) <= SHORT_WORDS

    @cached_property
    def rating(self) -> tuple[float, int, int] | None:
        """The rating that a short text gives, if it does."""
        return ratings.rating(self.plain.text) if self.is_short else None

    @property
    def has_letters(self) -> bool:
        """Whether there is anything to read."""
        return any(map(str.isalpha, self.plain.text))

    @property
    def nothing(self) -> Reason | None:
        """Why there is nothing to judge, if so."""
        if not self.has_letters and self.rating is None:
            return "empty"
        if is_foreign(self.plain.text):
            return "foreign"
        return "unknown_words" if self.known * 4 < len(self.ids) else None


@dataclass(frozen=True)
class Judge:
    """Everything that answering needs; safe to share between threads."""

    vocabulary: Vocabulary
    network: Network
    encoder: Encoder
    decision: Decision

    @classmethod
    def load(cls, folder: Path) -> Judge:
        """Load the default model.

        Raises:
            ReviewModelError: if a file is missing or damaged.
        """
        return cls(
            Vocabulary.read(folder / artifact.VOCABULARY),
            Network.load(folder),
            Encoder(folder / ENCODER),
            Decision.read(folder / DECISION),
        )

    def classify(self, text: str) -> Verdict:
        """Judge a text of any length."""
        return self.classify_many([text])[0]

    def classify_many(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge several texts, whose n-grams are looked up together."""
        split = [Text.split(text, self.vocabulary) for text in texts]
        return list(map(self._judge, split, self.network.explain([text.ids for text in split])))

    def _judge(self, text: Text, evidence: Evidence) -> Verdict:
        """Decide: is there anything to judge, what does it add up to, and is that a side?"""
        if nothing := text.nothing:
            known = 0 if nothing == "empty" else text.known
            return Verdict("no_opinion", 0.5, known, NAME, nothing)
        pieces, opinion = None, 0.0
        if text.has_letters and (text.is_short or abs(evidence.logit) < self.decision.doubt):
            pieces = self.encoder(text.plain.text, LONG_PIECES)
            _, sided, unsure, none = pieces.logits
            opinion = float(np.logaddexp(sided, unsure) - none)
        words, bias = self._weigh(text, evidence, pieces)
        logit = sum(word.weight for word in words) + bias
        label, reason = self._label(text, logit, pieces)
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        parts = sentences(text.raw, words)
        return Verdict(label, probability, text.known, NAME, reason, words, parts, bias, opinion)

    def _label(
        self, text: Text, logit: float, pieces: Pieces | None
    ) -> tuple[Label, Reason | None]:
        """Name the side, or say why there is none."""
        stance = "sided"
        if text.rating is not None:
            stance = "sided" if ratings.logit(text.rating[0]) else "unsure"
        elif pieces is not None:
            stance = self.decision.stance_of(stance_signals(pieces, logit, text.is_short))
        if stance != "sided":
            return ("no_opinion", "not_a_review") if stance == "no_opinion" else ("unsure", "mixed")
        if abs(logit) < _COIN:
            return "unsure", "undecided"
        return ("positive" if logit > 0 else "negative"), None

    def _weigh(
        self, text: Text, evidence: Evidence, pieces: Pieces | None
    ) -> tuple[tuple[Contribution, ...], float]:
        """Return what each word, mark and rating adds to the logit, and what belongs to none."""
        weights, bias = evidence.words, evidence.bias
        if pieces is not None:
            shares = self.decision.short if text.is_short else self.decision.long
            weights = shares.network * weights
            bias = shares.network * bias + shares.encoder * float(pieces.bias[0]) + shares.bias
        words = list(zip(text.places, weights.tolist(), strict=True))
        if pieces is not None:
            added = (shares.encoder * pieces.added[:, 0]).tolist()
            words = _merged(words, zip(pieces.places, added, strict=True))
        if text.rating is not None:
            share, start, end = text.rating
            if not text.has_letters:  # nothing but a rating
                words, bias = [], 0.0
            words = _merged(words, [((start, end), ratings.logit(share))])
        raw = text.plain.raw
        return tuple(Contribution(*raw(*place), weight) for place, weight in words), float(bias)


def _merged(words: list[Weighed], others: Iterable[Weighed]) -> list[Weighed]:
    """Add to each word what the pieces within it add; what stands outside is one of its own."""
    places, weights = [place for place, _ in words], [weight for _, weight in words]
    own: list[Weighed] = []
    for place, weight in others:
        at = bisect_right(places, (place[0], math.inf)) - 1
        if at >= 0 and place[0] < places[at][1]:
            weights[at] += weight
        else:
            own.append((place, weight))
    return sorted([*zip(places, weights, strict=True), *own])
