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
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review import artifact
from models.review.metrics import Metrics
from models.review.network import Tables, build, tables_of
from models.review.progress import Progress, Step
from models.review.scorer import Scorer
from models.review.tokens import Ids, Lexicon, tokens
from models.review.training import corpus, lessons, opinions, tuning
from models.review.training.corpus import RawReviews
from models.review.training.lessons import Recipe
from models.review.training.opinions import SIDES, Opinion
from models.review.training.release import Learned, Material, release
from models.review.training.teaching import Sizes, Teaching, Texts

PACE = 2500
_RUN, _HISTORY, _SECONDS = "run.json", "history.json", "seconds.txt"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """How large everything is.

    Attributes:
        network: sizes of the n-gram network.
        rounds: what the encoder learns from, one round after the other.
    """

    network: Sizes = field(default_factory=Sizes)
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
    seed: int,
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
        seed: of everything random.
        plan: how large everything is; without it what suits the source.
        network: a folder whose n-gram network is kept; without it one is trained.
    """
    plan = plan or (GO_ON if source.suffix == ".onnx" else Plan())
    begin = time.monotonic()
    reviews = corpus.load(folder)
    run = {"seed": seed, "data": reviews.hashes, "plan": asdict(plan), "kept": str(network)}
    _same_run(work, {**run, "source": artifact.sha256(source) if source.is_file() else ""})
    spent = work / _SECONDS
    begin -= float(spent.read_text()) if spent.is_file() else 0.0
    try:
        metrics = _train(reviews, source, progress, output, work, seed, plan, begin, network)
    finally:  # an interrupted run took its time, too
        spent.write_text(str(time.monotonic() - begin))
    shutil.rmtree(work)
    return metrics


def _train(
    reviews: RawReviews,
    source: Path,
    progress: Progress,
    output: Path,
    work: Path,
    seed: int,
    plan: Plan,
    begin: float,
    network: Path | None,
) -> Metrics:
    known = set(reviews.test)
    fresh = np.array([text not in known for text in reviews.train])
    apart = reviews.train_ids >= (1 - plan.network.validation) * (reviews.train_ids.max() + 1)
    chosen, held_out = np.flatnonzero(fresh & ~apart), np.flatnonzero(fresh & apart)
    told, told_apart = opinions.load()
    if network is not None:
        lexicon, tables = (
            Lexicon.read(network / artifact.VOCABULARY),
            tables_of(artifact.load_network(network)),
        )
        history = Metrics.read(network / artifact.METRICS).extra["history"]
    else:
        lexicon, tables, history = _network(
            reviews, chosen, held_out, (told, told_apart), work, seed, plan.network, progress
        )
    scorer = Scorer(tables)
    raw, labels = [reviews.train[i] for i in chosen], reviews.train_labels[chosen]
    taught = [
        lessons.of_opinions(told, recipe, seed + 10 * number)
        + lessons.of_reviews(
            raw,
            labels,
            lambda texts: _likely(scorer, lexicon, texts),
            recipe,
            seed + 10 * number + 1,
        )
        for number, recipe in enumerate(plan.rounds)
    ]
    paces = [recipe.pace for recipe in plan.rounds]
    checked = lessons.of_opinions(told_apart, Recipe(repeats=1), seed)
    model = tuning.tune(source, taught, paces, checked, work / "encoder", seed, progress)
    material = Material(
        [reviews.train[i] for i in held_out],
        reviews.train_labels[held_out],
        told_apart,
        reviews.test,
        reviews.test_labels,
    )
    return release(
        output,
        Learned(lexicon, tables, model),
        material,
        progress,
        seed=seed,
        begin=begin,
        data={**reviews.hashes, "opinions.tsv": artifact.sha256(opinions.FILE)},
        history=history,
        extra={
            "training_reviews": len(chosen),
            "opinions": len(told) + len(told_apart),
            "lessons": sum(map(len, taught)),
            "unlabelled_reviews": len(reviews.unlabelled),
            "left_out_as_duplicates": int((~fresh).sum()),
        },
    )


def _same_run(work: Path, run: dict[str, Any]) -> None:
    """Forget what another run has learned: other data, another seed, other opinions."""
    run["opinions"] = artifact.sha256(opinions.FILE)
    key = hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()
    kept = work / _RUN
    if not kept.is_file() or kept.read_text(encoding="utf-8") != key:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        kept.write_text(key, encoding="utf-8")


def _network(
    reviews: RawReviews,
    chosen: Ids,
    held_out: Ids,
    told: tuple[Sequence[Opinion], Sequence[Opinion]],
    work: Path,
    seed: int,
    sizes: Sizes,
    progress: Progress,
) -> tuple[Lexicon, Tables, dict[str, list[float]]]:
    """Train the n-gram network, or take the one that this run has trained already."""
    folder = work / "network"
    if (folder / artifact.MANIFEST).is_file():
        history = json.loads((folder / _HISTORY).read_text(encoding="utf-8"))
        lexicon = Lexicon.read(folder / artifact.VOCABULARY)
        return lexicon, tables_of(artifact.load_network(folder)), history
    split = [_words(texts, progress) for texts in (reviews.train, reviews.unlabelled)]
    lexicon = _lexicon(
        [split[0][i] for i in chosen] + split[1],
        [tokens(opinion.text) for opinion in told[0]],
        sizes,
    )
    train_ids, unlabelled = ([lexicon.number(words) for words in part] for part in split)
    del split
    texts, validation = (
        Texts([train_ids[i] for i in part], reviews.train_labels[part])
        for part in (chosen, held_out)
    )
    short = Texts(*_sided(told[0], lexicon)), Texts(*_sided(told[1], lexicon))
    teaching = Teaching(lexicon, texts, unlabelled, validation, short, sizes, seed, progress)
    tables = teaching.tables()
    with artifact.writing(folder) as partial:
        artifact.save_network(build(tables), partial / artifact.MODEL)
        lexicon.write(partial / artifact.VOCABULARY)
        (partial / _HISTORY).write_text(json.dumps(teaching.history), encoding="utf-8")
        (partial / artifact.METRICS).write_text("{}", encoding="utf-8")
    return lexicon, tables, teaching.history


def _likely(scorer: Scorer, lexicon: Lexicon, texts: Sequence[str]) -> Floats:
    """Return the probability of a positive text by its words alone."""
    logits = [
        evidence.logit
        for start in range(0, len(texts), 64)
        for evidence in scorer.explain(
            [lexicon.number(tokens(text)) for text in texts[start : start + 64]]
        )
    ]
    result: Floats = (1 / (1 + np.exp(-np.array(logits)))).astype(np.float32)
    return result


def _words(texts: Sequence[str], progress: Progress) -> list[list[str]]:
    rows = []
    for number, text in enumerate(texts, 1):
        rows.append(tokens(text))
        if number % PACE == 0 or number == len(texts):
            progress(Step(f"reading {len(texts):,} reviews", number, len(texts)))
    return rows


def _sided(told: Sequence[Opinion], lexicon: Lexicon) -> tuple[list[Ids], npt.NDArray[np.int64]]:
    """Return word ids and labels of the opinions that take a side."""
    sided = [opinion for opinion in told if opinion.label in SIDES]
    labels = np.array([SIDES.index(opinion.label) for opinion in sided], np.int64)
    return [lexicon.number(tokens(opinion.text)) for opinion in sided], labels


def _lexicon(
    reviews: Sequence[Sequence[str]], told: Sequence[Sequence[str]], sizes: Sizes
) -> Lexicon:
    """Return the words that most reviews hold, an opinion counting as several."""
    counts = Counter(chain.from_iterable(map(set, reviews)))
    for word in chain.from_iterable(map(set, told)):
        counts[word] += sizes.per_opinion
    frequent = sorted((-count, word) for word, count in counts.items() if count >= sizes.common)
    return Lexicon([word for _, word in frequent[: sizes.words]])
