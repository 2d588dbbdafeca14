"""Fit how the two parts are added, write the default model's folder, and measure it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review import artifact
from models.review.encoder import Encoder
from models.review.judge import (
    DECISION,
    ENCODER,
    LONG_PIECES,
    Decision,
    Judge,
    Shares,
    Text,
    stance_signals,
)
from models.review.metrics import Metrics
from models.review.network import Tables, build
from models.review.progress import Progress, Step
from models.review.scorer import Scorer
from models.review.tokens import Lexicon
from models.review.training import card, export, measure, plots
from models.review.training.opinions import SIDES, Opinion, stance_of

NAME = "default"
# The encoder reads a long review whose logit, by the network, is closer to zero than this.
DOUBT = 1.5
# A whole review counts so much among the opinions that the stance is fitted on.
_PER_REVIEW = 0.2
# So many of the least clear reviews are fitted on at least.
_FEWEST = 100
_BATCH = 64

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Learned:
    """What the stages before learned: words, the n-gram network, and the Keras encoder."""

    lexicon: Lexicon
    tables: Tables
    encoder: Any


@dataclass(frozen=True)
class Material:
    """Texts to fit and to measure on: reviews and opinions kept apart, and the test reviews."""

    reviews: Sequence[str]
    labels: Ints
    opinions: Sequence[Opinion]
    test: Sequence[str]
    test_labels: Ints


def release(
    output: Path,
    learned: Learned,
    material: Material,
    progress: Progress,
    *,
    seed: int,
    begin: float,
    data: Mapping[str, str],
    history: Mapping[str, list[float]],
    extra: Mapping[str, Any],
) -> Metrics:
    """Write the model, score the test reviews once, write the figures and the pictures."""
    with artifact.writing(output) as partial:
        network = build(learned.tables)
        artifact.save_network(network, partial / artifact.MODEL)
        learned.lexicon.write(partial / artifact.VOCABULARY)
        export.write(learned.encoder, partial / ENCODER)
        encoder = Encoder.read(partial / ENCODER)
        scorer = Scorer(learned.tables)
        decision = fit(learned.lexicon, scorer, encoder, material)
        decision.write(partial / DECISION)
        seconds = round(time.monotonic() - begin, 1)
        judge = Judge(learned.lexicon, scorer, encoder, decision, NAME)
        told = _judged(judge, [opinion.text for opinion in material.opinions], progress)
        sided = [i for i, opinion in enumerate(material.opinions) if opinion.label in SIDES]
        sides = np.array([SIDES.index(material.opinions[i].label) for i in sided])
        right = [told[i].label == opinion.label for i, opinion in enumerate(material.opinions)]
        opinion_side = np.array([told[i].probability for i in sided])
        validation = _judged(judge, material.reviews, progress)
        test = _judged(judge, material.test, progress)
        found = np.array([verdict.probability for verdict in test])
        metrics = Metrics(
            model=NAME,
            test=measure.score(found, material.test_labels),
            validation=measure.score(
                np.array([verdict.probability for verdict in validation]), material.labels
            ),
            size_bytes=sum(path.stat().st_size for path in partial.iterdir()),
            parameters=network.count_params() + learned.encoder.count_params(),
            latency_ms=measure.median_latency(
                judge.classify, measure.typical_text(learned.lexicon.words)
            ),
            seconds=seconds,
            seed=seed,
            data=data,
            versions=measure.library_versions(),
            extra={
                **extra,
                "history": history,
                "short": {
                    "the right verdict": float(np.mean(right)),
                    "the right side": measure.accuracy(opinion_side, sides),
                    "calibration error": measure.calibration_error(opinion_side, sides),
                    "calibration error by chance": measure.calibration_by_chance(opinion_side),
                },
                "cpu_ms": _cpu(judge, material),
                "unsure": float(np.mean([verdict.label == "unsure" for verdict in test])),
            },
        )
        metrics.write(partial / artifact.METRICS)
        (partial / artifact.CARD).write_text(card.write(metrics), encoding="utf-8")
        plots.draw(partial, found, material.test_labels, metrics.test)
        plots.draw_history(partial, history, "stage of the part")
    return metrics


def _cpu(judge: Judge, material: Material) -> dict[str, float]:
    """Return the processor's median milliseconds for a text of each kind, as people write them."""
    words = {text: len(text.split()) for text in material.reviews}
    typical = [text for text, count in words.items() if 210 <= count <= 250]
    asked = [text for text in typical if judge.asks_encoder(text)]
    kinds = {
        "opinion of 10 to 16 words": [
            opinion.text for opinion in material.opinions if 10 <= len(opinion.text.split()) <= 16
        ],
        "review of 210 to 250 words": [text for text in typical if text not in set(asked)],
        "the same, the encoder asked too": asked,
    }
    return {
        name: round(measure.cpu_ms(judge.classify, texts), 2)
        for name, texts in kinds.items()
        if texts
    }


def fit(lexicon: Lexicon, scorer: Scorer, encoder: Encoder, material: Material) -> Decision:
    """Fit the shares of both parts and the stance on texts that neither has learned from."""
    opinions, reviews = material.opinions, material.reviews
    short = [Text.split(opinion.text, lexicon) for opinion in opinions]
    read = [encoder(text.plain.text, LONG_PIECES) for text in short]
    logits = _logits(scorer, short), np.array([pieces.logits[0] for pieces in read])
    sided = np.array([opinion.label in SIDES for opinion in opinions])
    sides = np.array([opinion.label == SIDES[1] for opinion in opinions])
    shares = _shares(logits[0][sided], logits[1][sided], sides[sided])
    long = [Text.split(review, lexicon) for review in reviews]
    by_words = _logits(scorer, long)
    clear = np.abs(by_words)
    doubted = np.argsort(clear, kind="stable")[: max(_FEWEST, int((clear < 2 * DOUBT).sum()))]
    seen = [encoder(long[i].plain.text, LONG_PIECES) for i in doubted]
    by_encoder = np.array([pieces.logits[0] for pieces in seen])
    long_shares = _shares(by_words[doubted], by_encoder, material.labels[doubted] == 1)
    signals = [
        stance_signals(pieces, shares.logit(e, n), True)
        for pieces, n, e in zip(read, *logits, strict=True)
    ]
    signals += [
        stance_signals(pieces, long_shares.logit(e, n), False)
        for pieces, n, e in zip(seen, by_words[doubted], by_encoder, strict=True)
    ]
    stances = [*(stance_of(opinion.label) for opinion in opinions), *([0] * len(seen))]
    importance = np.repeat([1.0, _PER_REVIEW], [len(opinions), len(seen)])
    weights, bias = _stance(np.array(signals), np.array(stances), importance)
    return Decision(shares, long_shares, DOUBT, weights, bias)


def _shares(network: Doubles, encoder: Doubles, positive: npt.NDArray[np.bool_]) -> Shares:
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(C=10.0).fit(np.stack([encoder, network], axis=1), positive)
    first, second = solver.coef_[0]
    return Shares(*(round(float(n), 4) for n in (first, second, solver.intercept_[0])))


def _stance(
    signals: Doubles, stances: Ints, importance: Doubles
) -> tuple[list[list[float]], list[float]]:
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(C=1.0, max_iter=1000).fit(signals, stances, importance)
    return np.round(solver.coef_, 4).tolist(), np.round(solver.intercept_, 4).tolist()


def _logits(scorer: Scorer, texts: Sequence[Text]) -> Doubles:
    """Return what the n-gram network says of each text."""
    return np.array(
        [
            evidence.logit
            for start in range(0, len(texts), _BATCH)
            for evidence in scorer.explain([t.ids for t in texts[start : start + _BATCH]])
        ]
    )


def _judged(judge: Judge, texts: Sequence[str], progress: Progress) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(texts), 1000):
        found += judge.classify_many(texts[start : start + 1000])
        progress(Step(f"judging {len(texts):,} texts", len(found), len(texts)))
    return found
