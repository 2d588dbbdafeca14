"""Fine-tune the encoder on lessons; an interrupted run goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.pieces import OUTPUTS, tokenizer
from models.review.progress import Progress, Step
from models.review.training import encoder
from models.review.training.lessons import Lesson, targets

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

BATCH = 32
_RATE, _WARM_UP = 5e-5, 0.06
# How much the stance counts beside the side.
_STANCE = 0.7
_SAVED_EVERY = 100


def tune(
    source: Path,
    rounds: Sequence[Sequence[Lesson]],
    paces: Sequence[float],
    apart: Sequence[Lesson],
    folder: Path,
    seed: int,
    progress: Progress,
) -> Any:
    """Return the Keras model that has learned from every lesson of every round once.

    Args:
        source: the weights to start from, see ``encoder.begin``.
        rounds: lessons in any order; in each round the learning rate rises and falls anew.
        paces: share of the full learning rate in each round.
        apart: lessons to tell the progress by.
        folder: where the state is kept every hundred steps.
        seed: of the order, the head and the dropout.
        progress: told how far it is.
    """
    import tensorflow as tf
    from tensorflow import keras

    keras.utils.set_random_seed(seed)
    model = encoder.build()
    encoder.begin(model, source)
    lessons = [lesson for each in rounds for lesson in each]
    rows, wanted = _rows(lessons), targets(lessons)
    batches, rates, first = [], [], 0
    for number, (each, pace) in enumerate(zip(rounds, paces, strict=True)):
        lengths = [len(row) for row in rows[first : first + len(each)]]
        cut = [first + batch for batch in _batches(lengths, seed + number)]
        batches += cut
        rates += [pace * _rate(step, len(cut)) for step in range(len(cut))]
        first += len(each)
    optimizer = keras.optimizers.Adam(_RATE)
    optimizer.build(model.trainable_variables)
    done = tf.Variable(0, dtype=tf.int64)
    state = tf.train.Checkpoint(model=model, optimizer=optimizer, done=done)
    kept = tf.train.CheckpointManager(state, str(folder), max_to_keep=1)
    if kept.latest_checkpoint:
        state.restore(kept.latest_checkpoint)

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, 4))]
    )
    def step(ids: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(_loss(wanted, model(ids, training=True)))
        gradients = tape.gradient(loss, model.trainable_variables)
        # TensorFlow's own zip, which stands in here, knows no strict.
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))  # noqa: B905
        return loss

    losses: list[float] = []
    for number in range(int(done), len(batches)):
        chosen = batches[number]
        optimizer.learning_rate.assign(rates[number])
        losses.append(float(step(padded([rows[i] for i in chosen]), wanted[chosen])))
        done.assign_add(1)
        if (number + 1) % _SAVED_EVERY == 0 or number + 1 == len(batches):
            kept.save()
            measured = (number + 1) % (5 * _SAVED_EVERY) == 0 or number + 1 == len(batches)
            accuracy = _accuracy(model, apart) if measured else None
            loss = float(np.mean(losses[-_SAVED_EVERY:]))
            progress(Step("encoder", number + 1, len(batches), loss, accuracy))
    return model


def logits(model: Any, texts: Sequence[str], batch: int = 64) -> Floats:
    """Return the four logits of each text, shape (texts, 4); like lengths go together."""
    import tensorflow as tf

    forward = tf.function(
        model, input_signature=[tf.TensorSpec((None, None), tf.int32)], autograph=False
    )
    rows = [encoding.ids for encoding in tokenizer().encode_batch(list(texts))]
    found = np.zeros((len(rows), OUTPUTS), np.float32)
    order = np.argsort([len(row) for row in rows], kind="stable")
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        found[chosen] = forward(padded([rows[i] for i in chosen]))
    return found


def padded(rows: Sequence[Sequence[int]]) -> Ints:
    """Return ids filled up with zeros, shape (texts, pieces)."""
    ids = np.zeros((len(rows), max(map(len, rows))), np.int32)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
    return ids


def _rows(lessons: Sequence[Lesson]) -> list[list[int]]:
    return [encoding.ids for encoding in tokenizer().encode_batch([each.text for each in lessons])]


def _loss(wanted: Any, found: Any) -> Any:
    import tensorflow as tf

    side = tf.nn.sigmoid_cross_entropy_with_logits(wanted[:, 0], found[:, 0])
    number = tf.cast(wanted[:, 2], tf.int32)
    stance = tf.nn.sparse_softmax_cross_entropy_with_logits(number, found[:, 1:])
    return wanted[:, 1] * side + _STANCE * wanted[:, 3] * stance


def _rate(step: int, steps: int) -> float:
    """Return a learning rate that rises for a short while and then falls to nothing."""
    warm = max(1.0, _WARM_UP * steps)
    return _RATE * min((step + 1) / warm, (steps - step) / (steps - warm + 1))


def _accuracy(model: Any, apart: Sequence[Lesson]) -> float:
    """Return the share of the lessons with a side that come out on it."""
    sided = [each for each in apart if each.side in (0.0, 1.0)]
    found = logits(model, [each.text for each in sided])[:, 0] > 0
    return float(np.mean(found == [each.side == 1.0 for each in sided]))


def _batches(lengths: Sequence[int], seed: int) -> list[npt.NDArray[np.intp]]:
    """Cut the lessons into batches of like length, in random order."""
    random = np.random.default_rng(seed)
    batches: list[npt.NDArray[np.intp]] = []
    order = random.permutation(len(lengths))
    size = 32 * BATCH
    for start in range(0, len(order), size):
        part = order[start : start + size]
        part = part[np.argsort([lengths[row] for row in part], kind="stable")]
        batches += [part[first : first + BATCH] for first in range(0, len(part), BATCH)]
    return [batches[number] for number in random.permutation(len(batches))]
