"""Fine-tune the encoder on lessons; an interrupted run goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow import keras

from models.review.encoder import tokenizer
from models.review.training import SEED, Progress, Step, encoder
from models.review.training.lessons import Lesson

BATCH = 32
_RATE, _WARM_UP = 5e-5, 0.06
# How much the stance counts beside the side.
_STANCE = 0.7
_SAVED_EVERY, _MEASURED_EVERY = 100, 500


def tune(
    source: Path,
    rounds: Sequence[tuple[Sequence[Lesson], float]],
    apart: Sequence[Lesson],
    folder: Path,
    progress: Progress,
) -> Any:
    """Return the Keras model that has learned from every lesson of every round once.

    Args:
        source: the weights to start from, see ``encoder.begin``.
        rounds: lessons in any order, and their share of the full learning rate, which rises and
            falls anew in each round.
        apart: lessons to tell the progress by.
        folder: where the state is kept every hundred steps.
        progress: told how far it is.
    """
    keras.utils.set_random_seed(SEED)
    model = encoder.build()
    encoder.begin(model, source)
    steps = [
        (batch, pace * rate)
        for number, (lessons, pace) in enumerate(rounds)
        for batch, rate in _steps(lessons, SEED + number)
    ]
    model.compile(keras.optimizers.Adam(_RATE), _loss)
    model.optimizer.build(model.trainable_variables)
    state = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    kept = tf.train.CheckpointManager(state, str(folder), max_to_keep=1)
    kept.restore_or_initialize()
    losses: list[float] = []
    for number, (batch, rate) in list(enumerate(steps, 1))[int(model.optimizer.iterations) :]:
        model.optimizer.learning_rate.assign(rate)
        wanted = np.array([lesson[1:] for lesson in batch], np.float32)
        losses.append(model.train_on_batch(_ids(batch), wanted))
        if number % _SAVED_EVERY == 0 or number == len(steps):
            kept.save()
            measured = number % _MEASURED_EVERY == 0 or number == len(steps)
            accuracy = _accuracy(model, apart) if measured else None
            loss = float(np.mean(losses[-_SAVED_EVERY:]))
            progress(Step("encoder", number, len(steps), loss, accuracy))
    return model


def _ids(lessons: Sequence[Lesson]) -> npt.NDArray[np.int32]:
    """Return the pieces of each text filled up with zeros, shape (texts, pieces)."""
    rows = [encoding.ids for encoding in tokenizer().encode_batch([each.text for each in lessons])]
    padded: npt.NDArray[np.int32] = keras.utils.pad_sequences(rows, padding="post")
    return padded


def _loss(wanted: Any, found: Any) -> Any:
    """Return the loss of each text; what is wanted stands as in ``Lesson``."""
    side = tf.nn.sigmoid_cross_entropy_with_logits(wanted[:, 0], found[:, 0])
    number = tf.cast(wanted[:, 2], tf.int32)
    stance = tf.nn.sparse_softmax_cross_entropy_with_logits(number, found[:, 1:])
    return wanted[:, 1] * side + _STANCE * wanted[:, 3] * stance


def _accuracy(model: Any, apart: Sequence[Lesson]) -> float:
    """Return the share of the lessons with a side that come out on it."""
    sided = [each for each in apart if each.side != 0.5]
    found = model.predict(_ids(sided), BATCH, verbose=0)[:, 0]
    return float(np.mean((found > 0) == [each.side == 1 for each in sided]))


def _steps(lessons: Sequence[Lesson], seed: int) -> list[tuple[list[Lesson], float]]:
    """Cut the lessons of a round into batches of like length, in random order.

    With each comes its learning rate, which rises for a short while and then falls to nothing.
    """
    random = np.random.default_rng(seed)
    encodings = tokenizer().encode_batch([each.text for each in lessons])
    lengths = np.array([len(encoding.ids) for encoding in encodings])
    order = random.permutation(len(lessons))
    batches: list[npt.NDArray[np.intp]] = []
    for part in np.split(order, range(32 * BATCH, len(order), 32 * BATCH)):
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += np.split(part, range(BATCH, len(part), BATCH))
    count, warm = len(batches), max(1.0, _WARM_UP * len(batches))
    return [
        (
            [lessons[i] for i in batches[number]],
            _RATE * min((step + 1) / warm, (count - step) / (count - warm + 1)),
        )
        for step, number in enumerate(random.permutation(count))
    ]
