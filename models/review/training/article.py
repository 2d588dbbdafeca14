"""Train the network of the article: an averaged embedding and two dense layers.

Source: the Keras walk-through of the article this assistant is about; its figures (10,000
words, 200 tokens, padding after the text, 10 epochs, batches of 512, a fifth of the training
reviews for validation) are kept as they are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review import artifact
from models.review.article import LENGTH, NUM_WORDS, ArticleScorer, Row, Vocabulary, pad
from models.review.metrics import Metrics
from models.review.progress import Progress, Step
from models.review.training import card, encoded, measure, plots

EPOCHS = 10
BATCH = 512
VALIDATION = 0.2


def build(num_words: int = NUM_WORDS) -> Any:
    """Return the compiled, untrained Keras model: (reviews, 200) ids in, (reviews, 1) out."""
    from tensorflow import keras

    network = keras.Sequential(
        [
            keras.layers.Embedding(input_dim=num_words, output_dim=16),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return network


def fit(
    reviews: Sequence[Row],
    labels: npt.NDArray[np.int64],
    seed: int,
    progress: Progress,
    epochs: int = EPOCHS,
) -> tuple[Any, dict[str, list[float]]]:
    """Train the network and return it with its history, one value an epoch.

    Args:
        reviews: ids of each review, not padded.
        labels: 1 positive, 0 negative.
        seed: of the first weights and of the order of the batches.
        progress: told after each epoch.
        epochs: how many times to go through the reviews.
    """
    from tensorflow import keras

    class Report(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            logs = logs or {}
            progress(Step("epochs", epoch + 1, epochs, logs.get("loss"), logs.get("val_accuracy")))

    keras.utils.set_random_seed(seed)
    network = build()
    history = network.fit(
        pad(reviews, LENGTH),
        labels,
        epochs=epochs,
        batch_size=BATCH,
        validation_split=VALIDATION,
        verbose=0,
        callbacks=[Report()],
    )
    return network, {name: [float(v) for v in row] for name, row in history.history.items()}


def train(folder: Path | None, progress: Progress, output: Path, seed: int) -> Metrics:
    """Train the article's network, measure it once on the test reviews, write its folder."""
    begin = time.monotonic()
    reviews = encoded.load(folder, NUM_WORDS)
    network, history = fit(reviews.train, reviews.train_labels, seed, progress)
    seconds = time.monotonic() - begin
    scorer = ArticleScorer(network)
    probabilities = scorer.probabilities(reviews.test)
    vocabulary = Vocabulary.from_ranks(reviews.words, NUM_WORDS)
    kept = int(len(reviews.train) * (1 - VALIDATION))
    with artifact.writing(output) as partial:
        artifact.save_network(network, partial / artifact.MODEL)
        vocabulary.write(partial / artifact.VOCABULARY)
        metrics = Metrics(
            model="article",
            test=measure.score(probabilities, reviews.test_labels),
            validation=measure.score(
                scorer.probabilities(reviews.train[kept:]), reviews.train_labels[kept:]
            ),
            size_bytes=sum(path.stat().st_size for path in partial.iterdir()),
            parameters=network.count_params(),
            latency_ms=measure.median_latency(
                lambda text: scorer.probabilities([vocabulary.encode(text)]),
                measure.typical_text(vocabulary.words),
            ),
            seconds=round(seconds, 1),
            seed=seed,
            data=reviews.hashes,
            versions=measure.library_versions(),
            extra={"history": history},
        )
        metrics.write(partial / artifact.METRICS)
        (partial / artifact.CARD).write_text(card.write(metrics), encoding="utf-8")
        plots.draw(partial, probabilities, reviews.test_labels, metrics.test)
        curves = {"training": history["accuracy"], "validation": history["val_accuracy"]}
        plots.draw_history(partial, curves, "epoch")
    return metrics
