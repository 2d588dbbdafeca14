"""The network of the article: an averaged embedding and two dense layers.

Source: the Keras walk-through of the article this assistant is about; its figures (10,000
words, 200 tokens, padding after the text, 10 epochs, batches of 512, a fifth of the training
reviews for validation) are kept as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.progress import Progress, Step
from models.review.text import Row, pad

NUM_WORDS = 10_000
LENGTH = 200
EPOCHS = 10
BATCH = 512
VALIDATION = 0.2

Floats = npt.NDArray[np.float32]


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


class ArticleScorer:
    """The trained network in plain NumPy, which answers one review in well under 1 ms."""

    def __init__(self, network: Any) -> None:
        """Take the weights out of the Keras model."""
        weights = [np.asarray(weight, np.float32) for weight in network.get_weights()]
        self._embedding, self._hidden, self._hidden_bias, self._output, self._output_bias = weights

    def logits(self, ids: npt.NDArray[np.int32]) -> Floats:
        """Return the logit of each padded row of ``ids``, shape (reviews, 200) to (reviews,)."""
        mean = self._embedding[ids].mean(axis=1)
        hidden = np.maximum(mean @ self._hidden + self._hidden_bias, 0)
        logits: Floats = (hidden @ self._output + self._output_bias)[:, 0]
        return logits

    def probabilities(self, reviews: Sequence[Row], batch: int = 1024) -> Floats:
        """Return the probability of a positive review for each list of ids."""
        parts = [
            self.logits(pad(reviews[start : start + batch], LENGTH))
            for start in range(0, len(reviews), batch)
        ]
        logits = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        probabilities: Floats = 1 / (1 + np.exp(-logits))
        return probabilities
