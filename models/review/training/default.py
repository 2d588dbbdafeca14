"""Train the default model: the n-gram network, then the encoder, then how they are added.

A block of reviews with neighbouring ids and every tenth opinion are kept apart to choose from;
texts that occur in the test reviews too are left out. The test reviews are scored once, at the
very end. Each stage keeps its result in a folder, so that an interrupted run goes on there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from models.review import artifact
from models.review.artifact import Metrics
from models.review.encoder import Encoder
from models.review.judge import DECISION, ENCODER, Judge
from models.review.network import Floats, Network
from models.review.text import Vocabulary, tokens
from models.review.training import (
    SEED,
    Progress,
    Step,
    corpus,
    decision,
    encoder,
    lessons,
    network,
    opinions,
    report,
    tuning,
)
from models.review.training.lessons import Recipe
from models.review.training.opinions import Opinion
from models.review.verdict import Verdict


@dataclass(frozen=True)
class Plan:
    """How large everything is."""

    network: network.Sizes = field(default_factory=network.Sizes)  # sizes of the n-gram network
    # What the encoder learns from, one round after the other
    rounds: tuple[Recipe, ...] = (
        Recipe(),
        Recipe(stretches=5_000, repeats=2, plain_repeats=2, pace=0.6),
    )


# For an encoder that has learned opinions before: the hard kinds count most.
GO_ON = Plan(rounds=(Recipe(stretches=6_000, repeats=3, plain_repeats=1, pace=0.6),))


def train(
    folder: Path | None,
    source: Path,
    progress: Progress,
    output: Path,
    work: Path,
    plan: Plan | None = None,
    kept: Path | None = None,
) -> Metrics:
    """Train the default model, measure it once on the test reviews, write its folder.

    Args:
        folder: with the reviews.
        source: the weights that the encoder starts from.
        progress: told how far it is.
        output: the folder to write.
        work: where an interrupted run goes on.
        plan: how large everything is; without it what suits the source.
        kept: a folder whose n-gram network is kept; without it one is trained.
    """
    plan = plan or (GO_ON if source.suffix == ".onnx" else Plan())
    reviews = corpus.load(folder, plan.network.validation)
    told, told_apart = opinions.load()
    data = {**reviews.hashes, "opinions.tsv": artifact.sha256(opinions.FILE)}
    known = artifact.sha256(source) if source.is_file() else ""
    with _resumed(work, [SEED, data, asdict(plan), str(kept), known]) as begin:
        stored = kept or work / "network"
        if not (stored / artifact.MANIFEST).is_file():
            sided, sided_apart = opinions.sided(told), opinions.sided(told_apart)
            network.train(reviews, sided, sided_apart, stored, plan.network, progress)
        vocabulary = Vocabulary.read(stored / artifact.VOCABULARY)
        ngrams = Network.load(stored)
        history = artifact.read_json(stored / artifact.METRICS)["extra"]["history"]

        def likely(texts: Sequence[str]) -> Floats:
            ids = [vocabulary.number(tokens(text)) for text in texts]
            found: Floats = expit(decision.logits(ngrams, ids)).astype(np.float32)
            return found

        rounds = [
            (
                lessons.of_opinions(told, recipe, SEED + 10 * number)
                + lessons.of_reviews(
                    *reviews.learned, likely, recipe.stretches, SEED + 10 * number + 1
                ),
                recipe.pace,
            )
            for number, recipe in enumerate(plan.rounds)
        ]
        checked = lessons.of_opinions(told_apart, Recipe(repeats=1), SEED)
        model = tuning.tune(source, rounds, checked, work / "encoder", progress)
        with artifact.writing(output) as partial:
            for name in (artifact.MODEL, artifact.VOCABULARY):
                shutil.copy(stored / name, partial)
            encoder.write(model, partial / ENCODER)
            served = Encoder(partial / ENCODER)
            fitted = decision.fit(vocabulary, ngrams, served, told_apart, reviews.apart)
            artifact.write_json(partial / DECISION, asdict(fitted))
            metrics = _measure(
                Judge(vocabulary, ngrams, served, fitted),
                reviews,
                told_apart,
                partial,
                progress,
                {
                    "training_reviews": len(reviews.learned.texts),
                    "opinions": len(told) + len(told_apart),
                    "unlabelled_reviews": len(reviews.unlabelled),
                    "left_out_as_duplicates": reviews.duplicates,
                    "lessons": sum(len(taught) for taught, _ in rounds),
                    "history": history,
                },
                parameters=ngrams.parameters + model.count_params(),
                seconds=round(time.monotonic() - begin, 1),
                data=data,
            )
    shutil.rmtree(work)
    return metrics


@contextmanager
def _resumed(work: Path, run: Sequence[Any]) -> Iterator[float]:
    """Give the time at which a run began, as if it had never been interrupted.

    What another run has learned is forgotten: other data, another seed, other opinions.
    """
    key = hashlib.sha256(json.dumps(run).encode()).hexdigest()
    file = work / "run.json"
    state = artifact.read_json(file) if file.is_file() else {}
    if state.get("key") != key:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        state = {"key": key, "seconds": 0.0}
        artifact.write_json(file, state)
    begin = time.monotonic() - state["seconds"]
    try:
        yield begin
    finally:
        artifact.write_json(file, {"key": key, "seconds": time.monotonic() - begin})


def _measure(
    judge: Judge,
    reviews: corpus.Reviews,
    told: Sequence[Opinion],
    folder: Path,
    progress: Progress,
    extra: dict[str, Any],
    **figures: Any,
) -> Metrics:
    """Score the test reviews once; write the figures, the card and the pictures."""

    def judged(texts: Sequence[str]) -> tuple[list[Verdict], Floats]:
        found: list[Verdict] = []
        for start in range(0, len(texts), 1000):
            found += judge.classify_many(texts[start : start + 1000])
            progress(Step(f"judging {len(texts):,} texts", len(found), len(texts)))
        return found, np.array([verdict.probability for verdict in found])

    verdicts, _ = judged([opinion.text for opinion in told])
    right = [each.label == opinion.label for each, opinion in zip(verdicts, told, strict=True)]
    sided = opinions.sided(told)
    _, probable = judged(sided.texts)
    short = {
        "the right verdict": float(np.mean(right)),
        "the right side": float(np.mean((probable >= 0.5) == sided.labels)),
        "calibration error": report.calibration_error(probable, sided.labels),
        "calibration error by chance": report.calibration_by_chance(probable),
    }
    _, validation = judged(reviews.apart.texts)
    cpu_ms = _cpu_ms(judge, [opinion.text for opinion in told], reviews.apart.texts)
    test_verdicts, test = judged(reviews.test.texts)
    unsure = float(np.mean([verdict.label == "unsure" for verdict in test_verdicts]))
    return report.write(
        folder,
        (test, reviews.test.labels),
        (validation, reviews.apart.labels),
        judge.classify,
        judge.vocabulary.words,
        (extra["history"], "stage of the part"),
        model="default",
        seed=SEED,
        extra={**extra, "short": short, "cpu_ms": cpu_ms, "unsure": unsure},
        **figures,
    )


def _cpu_ms(judge: Judge, opinions: Sequence[str], reviews: Sequence[str]) -> dict[str, float]:
    """Return the processor's median milliseconds for a text of each kind, as people write them."""
    typical = [text for text in reviews if 210 <= len(text.split()) <= 250]
    asked = {text for text in typical if judge.classify(text).opinion}
    kinds = {
        "opinion of 10 to 16 words": [text for text in opinions if 10 <= len(text.split()) <= 16],
        "review of 210 to 250 words": [text for text in typical if text not in asked],
        "the same, the encoder asked too": sorted(asked),
    }
    return {
        name: round(report.median_ms(judge.classify, texts, time.process_time), 2)
        for name, texts in kinds.items()
        if texts
    }
