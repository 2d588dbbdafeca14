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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import compress
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.review import artifact, judge
from models.review.artifact import Metrics
from models.review.encoder import Encoder, Pieces
from models.review.judge import Decision, Judge, Shares, stance_signals
from models.review.network import Doubles, Network
from models.review.text import Ids, Vocabulary, plain, tokens
from models.review.training import SEED, Progress, corpus, encoder, lessons, network, report, told
from models.review.training.corpus import Labelled
from models.review.training.lessons import SIDES, Opinion, Recipe
from models.review.verdict import STANCES

# The encoder reads a long review whose logit, by the network, is closer to zero than this.
_DOUBT = 1.5
# A whole review counts so much among the opinions that the stance is fitted on.
_PER_REVIEW = 0.2
# So many of the least clear reviews are fitted on at least.
_FEWEST = 100


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
    """Train the default model on a folder of reviews, measure it once, write its folder.

    The encoder starts from the weights in ``source``. An interrupted run goes on in ``work``. The
    n-gram network of a folder is ``kept``, or one is trained.
    """
    begin = time.monotonic()
    plan = plan or (GO_ON if source.suffix == ".onnx" else Plan())
    reviews = corpus.load(folder, plan.network.validation)
    learned, apart = lessons.load_opinions()
    data = {**reviews.hashes, "opinions.tsv": artifact.sha256(lessons.FILE)}
    known = artifact.sha256(source) if source.is_file() else ""
    run = json.dumps([SEED, data, asdict(plan), str(kept), known])
    state = work / hashlib.sha256(run.encode()).hexdigest()[:16]
    in_one_go = not (kept or state.exists())
    stored = kept or state / "network"
    if kept is None and not (stored / artifact.MANIFEST).is_file():
        network.train(reviews, lessons.sided(learned), stored, plan.network, progress)
    vocabulary, ngrams = Vocabulary.read(stored / artifact.VOCABULARY), Network.load(stored)

    def logits(texts: Sequence[str]) -> Doubles:
        found = ngrams.explain([vocabulary.number(tokens(text)) for text in texts])
        return np.array([evidence.logit for evidence in found])

    def likely(texts: Sequence[str]) -> Doubles:
        return expit(logits(texts))  # type: ignore[no-any-return]

    rounds = []
    for seed, recipe in enumerate(plan.rounds, SEED):
        taught = lessons.of_opinions(learned, recipe, seed)
        taught += lessons.of_reviews(reviews.learned, likely, recipe.stretches, seed)
        rounds.append((taught, recipe.pace))
    checked = lessons.of_opinions(apart, Recipe(repeats=1), SEED)
    model = encoder.tune(source, rounds, checked, state / "encoder", progress)
    with artifact.writing(output) as partial:
        for name in (artifact.MODEL, artifact.VOCABULARY):
            shutil.copy(stored / name, partial)
        encoder.write(model, partial / judge.ENCODER)
        served = Encoder(partial / judge.ENCODER)
        decision = _decision(logits, served, apart, reviews.apart)
        artifact.write_json(partial / judge.DECISION, asdict(decision))
        judging = Judge(vocabulary, ngrams, served, decision)
        history = artifact.read_json(stored / artifact.METRICS)["extra"]["history"]

        def judged(texts: Labelled) -> tuple[Doubles, Ids]:
            verdicts = [judging.classify(text) for text in told(texts.texts, "judging", progress)]
            return np.array([verdict.probability for verdict in verdicts]), texts.labels

        metrics = report.write(
            partial,
            test=judged(reviews.test),
            validation=judged(reviews.apart),
            answer=judging.classify,
            words=vocabulary.words,
            model="default",
            parameters=sum(map(np.size, asdict(ngrams).values())) + model.count_params(),
            seconds=round(time.monotonic() - begin, 1) if in_one_go else None,
            seed=SEED,
            data=data,
            extra={
                "training_reviews": len(reviews.learned.texts),
                "opinions": len(learned) + len(apart),
                "unlabelled_reviews": len(reviews.unlabelled),
                "left_out_as_duplicates": reviews.duplicates,
                "lessons": sum(len(taught) for taught, _ in rounds),
                "history": history,
                "short": asdict(report.score(*judged(lessons.sided(apart)))),
            },
        )
    shutil.rmtree(work, ignore_errors=True)
    return metrics


def _decision(
    network: Callable[[Sequence[str]], Doubles],
    encoder: Encoder,
    opinions: Sequence[Opinion],
    reviews: Labelled,
) -> Decision:
    """Fit how the two parts are added, and what tells the stance, on texts kept apart.

    ``network`` gives the logits of the n-gram network.
    """

    def read(texts: Iterable[str]) -> list[Pieces]:
        return [encoder(plain(text).text, judge.LONG_PIECES) for text in texts]

    texts = [opinion.text for opinion in opinions]
    labels = np.array([opinion.label for opinion in opinions])
    logits, pieces, sided = network(texts), read(texts), np.isin(labels, SIDES)
    short = _shares(compress(pieces, sided), logits[sided], labels[sided] == SIDES[1])
    signals = _signals(short, pieces, logits, True)
    stances = [STANCES.index(label) if label in STANCES else 0 for label in labels]

    logits = network(reviews.texts)
    clear = np.abs(logits)
    doubted = np.argsort(clear, kind="stable")[: max(_FEWEST, int((clear < 2 * _DOUBT).sum()))]
    logits, pieces = logits[doubted], read(reviews.texts[i] for i in doubted)
    long = _shares(pieces, logits, reviews.labels[doubted] == 1)
    more = _signals(long, pieces, logits, False)

    solver = LogisticRegression(max_iter=1000).fit(
        np.array(signals + more),
        np.array(stances + [0] * len(more)),
        np.repeat([1.0, _PER_REVIEW], [len(signals), len(more)]),
    )
    stance, bias = (np.round(found, 4).tolist() for found in (solver.coef_, solver.intercept_))
    return Decision(short, long, _DOUBT, stance, bias)


def _shares(read: Iterable[Pieces], network: Doubles, positive: npt.NDArray[np.bool_]) -> Shares:
    """Return the shares of both parts that fit texts best, which also calibrates their sum."""
    both = np.stack([[pieces.logits[0] for pieces in read], network], axis=1)
    solver = LogisticRegression(C=10.0).fit(both, positive)
    return Shares(*(round(float(n), 4) for n in (*solver.coef_[0], *solver.intercept_)))


def _signals(
    shares: Shares, read: Iterable[Pieces], network: Doubles, is_short: bool
) -> list[Doubles]:
    """Return what speaks for the stance of each text."""
    return [
        stance_signals(pieces, shares.logit(pieces.logits[0], logit), is_short)
        for pieces, logit in zip(read, network, strict=True)
    ]
