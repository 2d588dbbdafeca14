"""Make ``weights.npz``: fit the published all-MiniLM-L6-v2 to the examples of this assistant.

    python -m nlu.encoder.tune model.safetensors

The published encoder knows what sentences mean in general; a few rounds of classification on our
examples, with a small learning rate, teach it which differences matter here (the first half of
SetFit, Tunstall et al. 2022, with labels in place of pairs). Word embeddings stay as they are, so
that words which no example holds keep their place. Cross-validation on the examples chose rounds
and rate; no held-out question was used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tokenizers import Tokenizer

from nlu.encoder.quantize import quantize, read_published, write
from nlu.questions import Example, read_examples
from nlu.sentence_encoder import DIMENSIONS, FOLDER, HEADS, LAYERS, MAX_TOKENS
from nlu.topic_model import prepare

EPOCHS, RATE, BATCH = 4, 5e-5, 64
HEAD_RATE = 3e-4
DROPOUT, SMOOTHING = 0.1, 0.1
# How far apart the logits of two labels can be: cosines are multiplied with it.
SHARPNESS = 16.0
SEED = 0
_WORDS = "embeddings.word_embeddings.weight"

Array = npt.NDArray[np.float32]


class Encoder:
    """The forward pass of ``nlu.sentence_encoder`` in TensorFlow, so that it can learn."""

    def __init__(self, tensors: dict[str, Array], tokenizer: Tokenizer) -> None:
        """Make a variable of every tensor; those of the words do not learn."""
        self.tensors = {
            name: tf.Variable(value, trainable=name != _WORDS) for name, value in tensors.items()
        }
        self._tokenizer = tokenizer

    def read(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], Array]:
        """Return token ids and a mask, both of shape (texts, tokens)."""
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int32)
        mask = np.zeros(ids.shape, np.float32)
        for number, row in enumerate(rows):
            ids[number, : len(row)], mask[number, : len(row)] = row, 1.0
        return ids, mask

    def __call__(self, ids: Any, mask: Any, dropout: float = 0.0) -> Any:
        """Return unit vectors, shape (texts, 384)."""
        length = tf.shape(ids)[1]
        hidden = (
            tf.gather(self.tensors[_WORDS], ids)
            + self.tensors["embeddings.position_embeddings.weight"][:length]
            + self.tensors["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = tf.nn.dropout(self._normalise(hidden, "embeddings.LayerNorm"), dropout)
        blocked = (1.0 - mask)[:, None, None, :] * -1e9
        for layer in range(LAYERS):
            hidden = self._layer(hidden, blocked, f"encoder.layer.{layer}", dropout)
        weight = mask[..., None]
        pooled = tf.reduce_sum(hidden * weight, axis=1) / tf.reduce_sum(weight, axis=1)
        return tf.math.l2_normalize(pooled, axis=1)

    def _layer(self, hidden: Any, blocked: Any, prefix: str, dropout: float) -> Any:
        shape = tf.shape(hidden)
        size = DIMENSIONS // HEADS

        def heads(name: str) -> Any:
            mixed = self._dense(hidden, f"{prefix}.attention.self.{name}")
            return tf.transpose(tf.reshape(mixed, (shape[0], shape[1], HEADS, size)), (0, 2, 1, 3))

        scores = tf.matmul(heads("query"), heads("key"), transpose_b=True) / np.sqrt(size) + blocked
        context = tf.matmul(tf.nn.softmax(scores), heads("value"))
        context = tf.reshape(tf.transpose(context, (0, 2, 1, 3)), shape)
        added = self._dense(context, f"{prefix}.attention.output.dense")
        hidden = self._normalise(
            hidden + tf.nn.dropout(added, dropout), f"{prefix}.attention.output.LayerNorm"
        )
        inner = tf.nn.gelu(self._dense(hidden, f"{prefix}.intermediate.dense"))
        added = self._dense(inner, f"{prefix}.output.dense")
        return self._normalise(hidden + tf.nn.dropout(added, dropout), f"{prefix}.output.LayerNorm")

    def _dense(self, values: Any, name: str) -> Any:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return tf.einsum("bti,oi->bto", values, weight) + bias

    def _normalise(self, values: Any, name: str) -> Any:
        centred = values - tf.reduce_mean(values, axis=-1, keepdims=True)
        variance = tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True)
        scaled = centred * tf.math.rsqrt(variance + 1e-12)
        return scaled * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]


def tune(encoder: Encoder, examples: Sequence[Example]) -> None:
    """Teach the encoder to tell the labels of the examples apart."""
    tf.keras.utils.set_random_seed(SEED)
    texts = [prepare(example.text) for example in examples]
    labels = {label: number for number, label in enumerate(sorted({e.label for e in examples}))}
    wanted = np.array([labels[example.label] for example in examples], np.int32)
    weights = np.array([example.weight for example in examples], np.float32)
    directions = tf.Variable(_means(encoder, texts, wanted))
    biases = tf.Variable(tf.zeros(len(labels)))
    learning = [tensor for tensor in encoder.tensors.values() if tensor.trainable]
    steps = EPOCHS * -(-len(texts) // BATCH)
    slowly = tf.keras.optimizers.Adam(
        tf.keras.optimizers.schedules.PolynomialDecay(RATE, steps, 0.0)
    )
    quickly = tf.keras.optimizers.Adam(HEAD_RATE)
    entropy = tf.keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=SMOOTHING, reduction="none"
    )

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(ids: Any, mask: Any, target: Any, weight: Any) -> Any:
        with tf.GradientTape() as tape:
            near = encoder(ids, mask, DROPOUT) @ tf.math.l2_normalize(directions, axis=0)
            losses = entropy(tf.one_hot(target, len(labels)), SHARPNESS * near + biases)
            loss = tf.reduce_sum(weight * losses) / tf.reduce_sum(weight)
        gradients = tape.gradient(loss, [*learning, directions, biases])
        slowly.apply_gradients(zip(gradients[:-2], learning))  # noqa: B905
        quickly.apply_gradients(zip(gradients[-2:], [directions, biases]))  # noqa: B905
        return loss

    random = np.random.default_rng(SEED)
    for epoch in range(1, EPOCHS + 1):
        losses = [
            float(step(*encoder.read([texts[row] for row in rows]), wanted[rows], weights[rows]))
            for rows in _batches(texts, random)
        ]
        print(f"epoch {epoch} of {EPOCHS}: loss {np.mean(losses):.3f}", flush=True)


def _means(encoder: Encoder, texts: Sequence[str], wanted: npt.NDArray[np.int32]) -> Array:
    """Return the mean direction of each label before learning, shape (384, labels)."""
    vectors = np.concatenate(
        [
            encoder(*encoder.read(texts[start : start + BATCH])).numpy()
            for start in range(0, len(texts), BATCH)
        ]
    )
    means = np.stack([vectors[wanted == number].mean(axis=0) for number in np.unique(wanted)])
    found: Array = (means / np.linalg.norm(means, axis=1, keepdims=True)).T.astype(np.float32)
    return found


def _batches(texts: Sequence[str], random: np.random.Generator) -> list[npt.NDArray[np.intp]]:
    """Cut the examples into batches of texts of like length, in random order."""
    batches: list[npt.NDArray[np.intp]] = []
    order = random.permutation(len(texts))
    for start in range(0, len(order), 16 * BATCH):
        part = order[start : start + 16 * BATCH]
        part = part[np.argsort([len(texts[row]) for row in part], kind="stable")]
        batches += [part[first : first + BATCH] for first in range(0, len(part), BATCH)]
    return [batches[number] for number in random.permutation(len(batches))]


def main(source: Path) -> None:
    """Tune the published weights, quantise them and say their hash."""
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    words = tokenizer.get_vocab().items()
    encoder = Encoder(read_published(source), tokenizer)
    tune(encoder, read_examples())
    tensors = {name: value.numpy() for name, value in encoder.tensors.items()}
    # No text is ever read as one of these; zeros take no room.
    tensors[_WORDS][[number for word, number in words if word.startswith("[unused")]] = 0
    print(write(quantize(tensors)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
