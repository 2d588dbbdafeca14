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
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from models.review import artifact
from models.review.artifact import Metrics
from models.review.encoder import Encoder
from models.review.judge import DECISION, ENCODER, Judge
from models.review.network import build, scorer_of
from models.review.scorer import Scorer
from models.review.text import Vocabulary, tokens
from models.review.training import (
    SEED,
    Progress,
    Step,
    corpus,
    encoder,
    lessons,
    opinions,
    report,
    tuning,
)
from models.review.training.decision import fit, logits
from models.review.training.lessons import Recipe
from models.review.training.network import Sizes, Training
from models.review.training.ngrams import Texts
from models.review.training.opinions import SIDES, Opinion
from models.review.verdict import Verdict

# As so many reviews an opinion counts for which words are frequent.
_PER_OPINION = 3
_PACE = 2500

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How large everything is."""

    network: Sizes = field(default_factory=Sizes)  # sizes of the n-gram network
    # What the encoder learns from, one round after the other
    rounds: tuple[Recipe, ...] = (
        Recipe(),
        Recipe(stretches=5_000, repeats=2, plain_repeats=2, pace=0.6),
    )


# For an encoder that has learned opinions before: the hard kinds count most.
GO_ON = Plan(rounds=(Recipe(stretches=6_000, repeats=3, plain_repeats=1, pace=0.6),))


@dataclass(frozen=True)
class Material:
    """Texts to learn from, texts kept apart to choose by, and the test reviews."""

    reviews: corpus.RawReviews  # the official split
    duplicates: int  # training reviews that are test reviews as well, and are left out
    chosen: Numbers  # which training reviews are learned from
    apart: Numbers  # which are kept apart
    opinions: Sequence[Opinion]  # written opinions to learn from
    opinions_apart: Sequence[Opinion]  # those kept apart

    @classmethod
    def load(cls, folder: Path | None, validation: float) -> Material:
        """Read the reviews and the opinions, and keep a share of the reviews apart."""
        reviews = corpus.load(folder)
        tested = set(reviews.test)
        fresh = np.array([text not in tested for text in reviews.train])
        apart = reviews.train_ids >= (1 - validation) * (reviews.train_ids.max() + 1)
        split = np.flatnonzero(fresh & ~apart), np.flatnonzero(fresh & apart)
        return cls(reviews, int((~fresh).sum()), *split, *opinions.load())

    def raw(self, numbers: Numbers) -> tuple[list[str], Numbers]:
        """Return some of the training reviews with their labels."""
        return [self.reviews.train[i] for i in numbers], self.reviews.train_labels[numbers]


def train(
    folder: Path | None,
    source: Path,
    progress: Progress,
    output: Path,
    work: Path,
    plan: Plan | None = None,
    network: Path | None = None,
) -> Metrics:
    """Train the default model, measure it once on the test reviews, write its folder.

    Args:
        folder: with the reviews.
        source: the weights that the encoder starts from.
        progress: told how far it is.
        output: the folder to write.
        work: where an interrupted run goes on.
        plan: how large everything is; without it what suits the source.
        network: a folder whose n-gram network is kept; without it one is trained.
    """
    plan = plan or (GO_ON if source.suffix == ".onnx" else Plan())
    material = Material.load(folder, plan.network.validation)
    data = {**material.reviews.hashes, "opinions.tsv": artifact.sha256(opinions.FILE)}
    known = artifact.sha256(source) if source.is_file() else ""
    with _resumed(work, [SEED, data, asdict(plan), str(network), known]) as begin:
        if network is None and not (work / "network" / artifact.MANIFEST).is_file():
            _train_network(material, work / "network", plan.network, progress)
        network = network or work / "network"
        vocabulary = Vocabulary.read(network / artifact.VOCABULARY)
        stored = artifact.load_network(network)
        history = artifact.read_json(network / artifact.METRICS)["extra"]["history"]
        scorer = scorer_of(stored)
        rounds = [
            (_lessons(material, scorer, vocabulary, recipe, SEED + 10 * number), recipe.pace)
            for number, recipe in enumerate(plan.rounds)
        ]
        checked = lessons.of_opinions(material.opinions_apart, Recipe(repeats=1), SEED)
        model = tuning.tune(source, rounds, checked, work / "encoder", progress)
        with artifact.writing(output) as partial:
            for name in (artifact.MODEL, artifact.VOCABULARY):
                shutil.copy(network / name, partial)
            encoder.write(model, partial / ENCODER)
            served = Encoder(partial / ENCODER)
            held_out = material.raw(material.apart)
            decision = fit(vocabulary, scorer, served, material.opinions_apart, *held_out)
            artifact.write_json(partial / DECISION, asdict(decision))
            judge = Judge(vocabulary, scorer, served, decision)
            metrics = _measure(
                judge,
                material,
                partial,
                progress,
                {"lessons": sum(len(taught) for taught, _ in rounds), "history": history},
                parameters=stored.count_params() + model.count_params(),
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
    kept, spent = work / "run.txt", work / "seconds.txt"
    if not kept.is_file() or kept.read_text() != key:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        kept.write_text(key)
        spent.write_text("0")
    begin = time.monotonic() - float(spent.read_text())
    try:
        yield begin
    finally:
        spent.write_text(str(time.monotonic() - begin))


def _train_network(material: Material, folder: Path, sizes: Sizes, progress: Progress) -> None:
    """Train the n-gram network and keep it in a folder, with its vocabulary and its history."""
    reviews, told = material.reviews, material.opinions
    train, unlabelled = (_words(texts, progress) for texts in (reviews.train, reviews.unlabelled))
    counts = Counter(chain.from_iterable(set(train[i]) for i in material.chosen))
    counts.update(chain.from_iterable(map(set, unlabelled)))
    for word in chain.from_iterable(set(tokens(opinion.text)) for opinion in told):
        counts[word] += _PER_OPINION
    frequent = sorted((-count, word) for word, count in counts.items() if count >= sizes.common)
    vocabulary = Vocabulary([word for _, word in frequent[: sizes.words]])
    train_ids, unlabelled_ids = (list(map(vocabulary.number, part)) for part in (train, unlabelled))
    del train, unlabelled
    training = Training(
        vocabulary,
        Texts([train_ids[i] for i in material.chosen], reviews.train_labels[material.chosen]),
        unlabelled_ids,
        Texts([train_ids[i] for i in material.apart], reviews.train_labels[material.apart]),
        _sided(told, vocabulary),
        _sided(material.opinions_apart, vocabulary),
        sizes,
        progress,
    )
    learned = training.learned()
    with artifact.writing(folder) as partial:
        artifact.save_network(build(learned), partial / artifact.MODEL)
        vocabulary.write(partial / artifact.VOCABULARY)
        artifact.write_json(partial / artifact.METRICS, {"extra": {"history": training.history}})


def _words(texts: Sequence[str], progress: Progress) -> list[list[str]]:
    rows = []
    for number, text in enumerate(texts, 1):
        rows.append(tokens(text))
        if number % _PACE == 0 or number == len(texts):
            progress(Step(f"reading {len(texts):,} reviews", number, len(texts)))
    return rows


def _sided(told: Sequence[Opinion], vocabulary: Vocabulary) -> Texts:
    """Return word ids and labels of the opinions that take a side."""
    sided = [opinion for opinion in told if opinion.label in SIDES]
    labels = np.array([SIDES.index(opinion.label) for opinion in sided], np.int64)
    return Texts([vocabulary.number(tokens(opinion.text)) for opinion in sided], labels)


def _lessons(
    material: Material, scorer: Scorer, vocabulary: Vocabulary, recipe: Recipe, seed: int
) -> list[lessons.Lesson]:
    """Return what the encoder learns from in one round."""

    def likely(texts: Sequence[str]) -> Any:
        return expit(logits(scorer, [vocabulary.number(tokens(text)) for text in texts]))

    reviews, labels = material.raw(material.chosen)
    written = lessons.of_opinions(material.opinions, recipe, seed)
    return written + lessons.of_reviews(reviews, labels, likely, recipe.stretches, seed + 1)


def _measure(
    judge: Judge,
    material: Material,
    folder: Path,
    progress: Progress,
    extra: dict[str, Any],
    **figures: Any,
) -> Metrics:
    """Score the test reviews once; write the figures, the card and the pictures."""

    def judged(texts: Sequence[str]) -> tuple[list[Verdict], npt.NDArray[np.float64]]:
        found: list[Verdict] = []
        for start in range(0, len(texts), 1000):
            found += judge.classify_many(texts[start : start + 1000])
            progress(Step(f"judging {len(texts):,} texts", len(found), len(texts)))
        return found, np.array([verdict.probability for verdict in found])

    told = material.opinions_apart
    verdicts, probable = judged([opinion.text for opinion in told])
    sided = [i for i, opinion in enumerate(told) if opinion.label in SIDES]
    sides = np.array([SIDES.index(told[i].label) for i in sided])
    right = [each.label == opinion.label for each, opinion in zip(verdicts, told, strict=True)]
    short = {
        "the right verdict": float(np.mean(right)),
        "the right side": float(np.mean((probable[sided] >= 0.5) == sides)),
        "calibration error": report.calibration_error(probable[sided], sides),
        "calibration error by chance": report.calibration_by_chance(probable[sided]),
    }
    reviews, labels = material.raw(material.apart)
    _, validation = judged(reviews)
    cpu_ms = _cpu_ms(judge, [opinion.text for opinion in told], reviews)
    test_verdicts, test = judged(material.reviews.test)
    unsure = float(np.mean([verdict.label == "unsure" for verdict in test_verdicts]))
    return report.write(
        folder,
        (test, material.reviews.test_labels),
        (validation, labels),
        judge.classify,
        judge.vocabulary.words,
        (extra["history"], "stage of the part"),
        model="default",
        seed=SEED,
        extra={
            "training_reviews": len(material.chosen),
            "opinions": len(material.opinions) + len(told),
            "unlabelled_reviews": len(material.reviews.unlabelled),
            "left_out_as_duplicates": material.duplicates,
            **extra,
            "short": short,
            "cpu_ms": cpu_ms,
            "unsure": unsure,
        },
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
