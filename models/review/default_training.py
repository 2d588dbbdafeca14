"""From raw reviews to the folder of the default model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.review import artifact, card, corpus, default, evaluation, network, plots, policy
from models.review.judge import POLICY, Loaded, Policy
from models.review.linear import LinearScorer
from models.review.ngrams import Floats, Ints
from models.review.progress import Progress, Step
from models.review.tokens import tokens

ANSWERED_LONG, ANSWERED_SHORT = 0.95, 0.88
EVIDENCE, MIXED = 0.5, 1.0
PACE = 2500


def train(folder: Path | None, progress: Progress, output: Path, seed: int) -> evaluation.Metrics:
    """Train the default model, measure it once on the test reviews, write its folder."""
    begin = time.monotonic()
    reviews = corpus.load(folder)
    words = split(reviews.train, progress, "reading")
    known = set(reviews.test)
    kept = np.array([text not in known for text in reviews.train])
    first = min(default.VALIDATION_FROM, int(0.9 * (reviews.train_ids.max() + 1)))
    held_out = reviews.train_ids >= first
    chosen = np.flatnonzero(kept & ~held_out)
    lexicon = default.lexicon_of([words[i] for i in chosen])
    ids = [lexicon.number(row) for row in words]
    apart = np.flatnonzero(kept & held_out)
    validation = [ids[i] for i in apart], reviews.train_labels[apart]
    trained = default.fit(
        lexicon, [ids[i] for i in chosen], reviews.train_labels[chosen], validation, seed, progress
    )
    keras_model = network.build(
        trained.table,
        trained.negator,
        trained.settings.step,
        trained.settings.bias,
        trained.settings.short_gain,
        trained.settings.long_gain,
    )
    scorer = LinearScorer(trained.table, trained.negator, trained.settings)
    chosen_policy = choose_policy(scorer, *validation, seed)
    seconds = time.monotonic() - begin
    answers = Loaded(lexicon, scorer, chosen_policy)
    test = [lexicon.number(row) for row in split(reviews.test, progress, "testing")]
    probabilities = positive(scorer, test)
    with artifact.writing(output) as partial:
        artifact.save_network(keras_model, partial / artifact.MODEL)
        lexicon.write(partial / artifact.VOCABULARY)
        chosen_policy.write(partial / POLICY)
        metrics = evaluation.Metrics(
            model="default",
            test=evaluation.score(probabilities, reviews.test_labels),
            validation=evaluation.score(positive(scorer, validation[0]), validation[1]),
            size_bytes=sum(path.stat().st_size for path in partial.iterdir()),
            parameters=int(np.count_nonzero(trained.table)),
            latency_ms=evaluation.median_latency(
                lambda text: answers.judge(text, "default"),
                evaluation.typical_text(lexicon.words),
            ),
            seconds=round(seconds, 1),
            seed=seed,
            data=reviews.hashes,
            versions=evaluation.library_versions(),
            extra={
                "training_reviews": len(chosen),
                "left_out_as_duplicates": int((~kept).sum()),
                "thresholds": {
                    "short": chosen_policy.thresholds.short,
                    "long": chosen_policy.thresholds.long,
                },
            },
        )
        metrics.write(partial / artifact.METRICS)
        (partial / artifact.CARD).write_text(card.write(metrics), encoding="utf-8")
        plots.draw(partial, probabilities, reviews.test_labels, metrics.test)
    return metrics


def split(texts: Sequence[str], progress: Progress, stage: str) -> list[list[str]]:
    """Split each text into words, telling how far that is."""
    rows = []
    for number, text in enumerate(texts, 1):
        rows.append(tokens(text))
        if number % PACE == 0 or number == len(texts):
            progress(Step(stage, number, len(texts)))
    return rows


def positive(scorer: LinearScorer, reviews: Sequence[Ints], batch: int = PACE) -> Floats:
    """Return the probability of a positive review for each list of word ids."""
    parts = [
        scorer.logits(reviews[start : start + batch]) for start in range(0, len(reviews), batch)
    ]
    result: Floats = 1 / (1 + np.exp(-np.concatenate(parts)))
    return result


def choose_policy(scorer: LinearScorer, reviews: Sequence[Ints], labels: Ints, seed: int) -> Policy:
    """Choose the thresholds on whole validation reviews and on short stretches of them."""
    pieces, owners = default.crops(reviews, seed + 2, 1)
    short = policy.choose(positive(scorer, pieces), labels[owners], ANSWERED_SHORT)
    long = policy.choose(positive(scorer, reviews), labels, ANSWERED_LONG)
    return Policy(policy.Thresholds(short=short, long=long), EVIDENCE, MIXED)
