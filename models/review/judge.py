"""Judge texts with the default model: weigh the words, then decide what they amount to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from pathlib import Path

from models.review import artifact, idioms, tone
from models.review.decision import Decision, opinion_in, signals
from models.review.mending import Mender
from models.review.network import tables_of
from models.review.policy import Thresholds
from models.review.scorer import Scorer
from models.review.sentences import sentences
from models.review.stance import Stance
from models.review.tokens import Lexicon
from models.review.verdict import Contribution, Verdict
from models.review.weighing import Weighed, Weigher

POLICY, STANCE, DECISION = "policy.json", "stance.npz", "decision.json"
# Praise and blame that both add more than this to the logit are mixed feelings.
_MIXED = 0.8


class DefaultClassifier:
    """The default model, ready to answer; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Remember where the model is; nothing is read yet."""
        self._folder = folder

    def load(self) -> Judge:
        """Load the model unless that is done.

        Raises:
            ReviewModelError: if its files are missing or damaged.
        """
        return self._judge

    @cached_property  # which locks: two threads do not load twice
    def _judge(self) -> Judge:
        network = artifact.load_network(self._folder)
        lexicon = Lexicon.read(self._folder / artifact.VOCABULARY)
        return Judge(
            Weigher(lexicon, Mender(lexicon), Scorer(tables_of(network))),
            Stance.read(self._folder / STANCE),
            Decision.read(self._folder / DECISION),
            Thresholds.read(self._folder / POLICY),
            self._folder.name,
        )

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

    weigh: Weigher
    stance: Stance
    decision: Decision
    thresholds: Thresholds
    name: str

    def __call__(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge texts of any length."""
        return [self._judge(weighed) for weighed in self.weigh(texts)]

    def _judge(self, weighed: Weighed) -> Verdict:
        text, known = weighed.text, weighed.text.known
        if nothing := text.nothing:
            known = 0 if nothing == "empty" else known
            return Verdict("no_opinion", 0.5, known, self.name, nothing)
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, weighed.logit))))
        seen = signals(weighed, self.stance)
        taken = self.decision(seen)
        if text.rated is not None:
            taken = "sided" if idioms.side(text.rated) else "unsure"
        if tone.is_undecided(text.text):
            taken = "unsure"
        if taken == "no_opinion":
            return Verdict("no_opinion", probability, known, self.name, "not_a_review")
        label, reason = self.thresholds.label(probability, known)
        if taken == "unsure":
            label, reason = "unsure", "mixed"
        elif reason and weighed.opposed > _MIXED:
            reason = "mixed"
        each = (
            (start, end, weight)
            for (start, end), weight in zip(text.places, weighed.words.tolist(), strict=True)
        )
        # A named tuple's own constructor takes most of the time of a long review.
        words = tuple(map(tuple.__new__, repeat(Contribution), each))
        parts = sentences(text.text, words)
        return Verdict(
            *(label, probability, known, self.name, reason, words, parts, weighed.bias),
            opinion=opinion_in(seen),
        )
