"""Train a review model from the reviews and write everything that ships with it."""

from __future__ import annotations

import time
from pathlib import Path

from models.review import article, artifact, card, default_training, evaluation, plots
from models.review import data as reviews_data
from models.review.progress import Progress, silent
from models.review.text import Vocabulary

MODELS = ("default", "article")
SEED = 7


def train(
    model: str = "default",
    data: Path | None = None,
    progress: Progress | None = None,
    output: Path | None = None,
    seed: int = SEED,
) -> evaluation.Metrics:
    """Train a model, measure it once on the test reviews, and replace the stored one.

    An interrupted training leaves the stored model as it was.

    Args:
        model: which one; see ``MODELS``.
        data: a folder with the reviews; without it they come from their public source.
        progress: told how far the training is.
        output: the folder to write; without it the one that the package reads.
        seed: of everything random.

    Raises:
        ReviewModelError: if the reviews cannot be had or read.
        ValueError: if there is no such model.
    """
    if model not in MODELS:
        raise ValueError(f"There is no review model {model!r}, only {', '.join(MODELS)}")
    run = default_training.train if model == "default" else _train_article
    return run(data, progress or silent, output or artifact.FOLDER / model, seed)


def _train_article(
    folder: Path | None, progress: Progress, output: Path, seed: int
) -> evaluation.Metrics:
    begin = time.monotonic()
    reviews = reviews_data.load(folder, article.NUM_WORDS)
    network, history = article.fit(reviews.train, reviews.train_labels, seed, progress)
    seconds = time.monotonic() - begin
    scorer = article.ArticleScorer(network)
    probabilities = scorer.probabilities(reviews.test)
    vocabulary = Vocabulary.from_ranks(reviews.words, article.NUM_WORDS)
    kept = int(len(reviews.train) * (1 - article.VALIDATION))
    with artifact.writing(output) as partial:
        artifact.save_network(network, partial / artifact.MODEL)
        vocabulary.write(partial / artifact.VOCABULARY)
        metrics = evaluation.Metrics(
            model="article",
            test=evaluation.score(probabilities, reviews.test_labels),
            validation=evaluation.score(
                scorer.probabilities(reviews.train[kept:]), reviews.train_labels[kept:]
            ),
            size_bytes=sum(path.stat().st_size for path in partial.iterdir()),
            parameters=network.count_params(),
            latency_ms=evaluation.median_latency(
                lambda text: scorer.probabilities([vocabulary.encode(text)]),
                evaluation.typical_text(vocabulary.words),
            ),
            seconds=round(seconds, 1),
            seed=seed,
            data=reviews.hashes,
            versions=evaluation.library_versions(),
            extra={"history": history},
        )
        metrics.write(partial / artifact.METRICS)
        (partial / artifact.CARD).write_text(card.write(metrics), encoding="utf-8")
        plots.draw(partial, probabilities, reviews.test_labels, metrics.test)
        plots.draw_history(partial, history)
    return metrics
