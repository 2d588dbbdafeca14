"""Fit the published all-MiniLM-L6-v2 to the texts of this assistant.

The published encoder knows what sentences mean in general; a few rounds of classification with a
small learning rate teach it which differences matter here (the first half of SetFit, Tunstall et
al. 2022, with labels in place of pairs). A concept's neighbours count as harder than the rest, so
that precision moves away from recall and not from poetry. Within a concept the sides that can be
asked for move apart as well: "can it be negative?" from "which values are good?". Word embeddings
stay as they are: words that no text holds keep their place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from models.encoder import EncoderError, padded, tokenizer

PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HEADS, SIZE, LAYERS, EPSILON = 12, 32, 6, 1e-12
EPOCHS, RATE, BATCH = 3, 5e-5, 64
HEAD_RATE = 1e-3
DROPOUT, SMOOTHING = 0.1, 0.1
# How far apart the logits of two labels can be: cosines are multiplied with it.
SHARPNESS = 20.0
# How much the sides within a concept count beside the concepts.
SIDES_WEIGHT = 0.5
# What a neighbour's cosine gets on top, so that it has to be passed by more.
MARGIN = 0.1
SEED = 0
WORDS = "embeddings.word_embeddings.weight"

Array = npt.NDArray[np.float32]
Tensors = dict[str, Array]


def read_published(source: Path) -> Tensors:
    """Return the tensors of the published ``model.safetensors``, the pooler left out.

    Raises:
        EncoderError: if the file is another one.
        OSError: if it is missing.
    """
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != PUBLISHED_SHA256:
        raise EncoderError(f"{source} is not the published all-MiniLM-L6-v2 weights file")
    # A safetensors file: an 8-byte header length, a JSON header, then the raw data.
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name == "__metadata__" or entry["dtype"] != "F32" or name.startswith("pooler."):
            continue
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(content[start + begin : start + end], dtype="<f4")
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


@dataclass(frozen=True)
class Lesson:
    """A text to learn from.

    Attributes:
        text: what somebody says.
        label: what it is about.
        side: which side of that it asks for, if it asks for one.
        says_label: whether the text alone tells what it is about.
    """

    text: str
    label: str
    side: str | None
    says_label: bool


class Network:
    """The forward pass in TensorFlow, so that it can learn."""

    def __init__(self, tensors: Tensors) -> None:
        """Make a variable of every tensor; those of the words do not learn."""
        self.tensors = {
            name: tf.Variable(value, trainable=name != WORDS) for name, value in tensors.items()
        }

    def __call__(self, ids: Any, mask: Any, dropout: float = 0.0) -> Any:
        """Return unit vectors, shape (texts, 384), of ids and mask, both (texts, tokens)."""
        hidden = (
            tf.gather(self.tensors[WORDS], ids)
            + self.tensors["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]]
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

        def heads(name: str) -> Any:
            mixed = self._dense(hidden, f"{prefix}.attention.self.{name}")
            return tf.transpose(tf.reshape(mixed, (shape[0], shape[1], HEADS, SIZE)), (0, 2, 1, 3))

        scores = tf.matmul(heads("query"), heads("key"), transpose_b=True) / np.sqrt(SIZE) + blocked
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
        scaled = centred * tf.math.rsqrt(variance + EPSILON)
        return scaled * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]


def tune(
    source: Path,
    lessons: Sequence[Lesson],
    neighbours: Mapping[str, frozenset[str]],
    say: Callable[[str], None] = print,
) -> Tensors:
    """Teach the published encoder to tell labels apart, and the sides within a label.

    Args:
        source: the published ``model.safetensors``.
        lessons: what to learn from.
        neighbours: the labels that are easily taken for a label.
        say: told the loss after every round.

    Returns:
        The tuned tensors, ready for ``export.py``.
    """
    tf.keras.utils.set_random_seed(SEED)
    network, tokens = Network(read_published(source)), tokenizer()
    rows = [encoding.ids for encoding in tokens.encode_batch([each.text for each in lessons])]
    places = {label: n for n, label in enumerate(sorted({each.label for each in lessons}))}
    wanted = np.array([places[each.label] for each in lessons], np.int32)
    sides = {(each.label, each.side or ""): 0 for each in lessons}
    sides = {side: place for place, side in enumerate(sorted(sides))}
    wanted_side = np.array([sides[each.label, each.side or ""] for each in lessons], np.int32)
    owners = tf.constant([places[label] for label, _ in sides])
    says_label = np.array([each.says_label for each in lessons], np.float32)
    says_side = np.array([each.side is not None for each in lessons], np.float32)
    margins = np.zeros((len(places), len(places)), np.float32)
    for label, near in neighbours.items():
        margins[places[label], [places[other] for other in near if other in places]] = MARGIN
    of_labels, of_sides = (
        tf.Variable(means) for means in _means(network, rows, (wanted, wanted_side))
    )
    learning = [tensor for tensor in network.tensors.values() if tensor.trainable]
    steps = EPOCHS * -(-len(lessons) // BATCH)
    slowly = tf.keras.optimizers.Adam(
        tf.keras.optimizers.schedules.PolynomialDecay(RATE, steps, 0.0)
    )
    quickly = tf.keras.optimizers.Adam(HEAD_RATE)
    entropy = tf.keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=SMOOTHING, reduction="none"
    )

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(ids: Any, mask: Any, target: Any, side: Any, counts: Any, margin: Any) -> Any:
        with tf.GradientTape() as tape:
            vectors = network(ids, mask, DROPOUT)
            near = vectors @ tf.math.l2_normalize(of_labels, axis=0) + margin
            losses = counts[0] * entropy(tf.one_hot(target, len(places)), SHARPNESS * near)
            within = SHARPNESS * (vectors @ tf.math.l2_normalize(of_sides, axis=0))
            within = tf.where(owners[None, :] == target[:, None], within, -1e9)
            apart = tf.nn.sparse_softmax_cross_entropy_with_logits(side, within)
            loss = tf.reduce_mean(losses + SIDES_WEIGHT * counts[1] * apart)
        gradients = tape.gradient(loss, [*learning, of_labels, of_sides])
        slowly.apply_gradients(zip(gradients[:-2], learning))  # noqa: B905
        quickly.apply_gradients(zip(gradients[-2:], (of_labels, of_sides)))  # noqa: B905
        return loss

    random = np.random.default_rng(SEED)
    for epoch in range(1, EPOCHS + 1):
        losses = []
        for chosen in _batches([len(row) for row in rows], random):
            ids, mask = padded([rows[row] for row in chosen])
            target, side = wanted[chosen], wanted_side[chosen]
            counts = np.stack([says_label[chosen], says_side[chosen]])
            losses.append(float(step(ids, mask, target, side, counts, margins[target])))
            if len(losses) % 50 == 0:
                say(f"  {len(losses)} batches: loss {np.mean(losses[-50:]):.3f}")
        say(f"round {epoch} of {EPOCHS}: loss {np.mean(losses):.3f}")
    tensors = {name: value.numpy() for name, value in network.tensors.items()}
    unused = [place for word, place in tokens.get_vocab().items() if word.startswith("[unused")]
    tensors[WORDS][unused] = 0  # no text is ever read as one of these; zeros take no room
    return tensors


def _means(
    network: Network, rows: Sequence[list[int]], wanted: Sequence[npt.NDArray[np.int32]]
) -> list[Array]:
    """Return the mean direction of each class before learning, (384, classes), for each target."""
    totals = [np.zeros((target.max() + 1, 384), np.float32) for target in wanted]
    forward = tf.function(network, reduce_retracing=True)
    order = np.argsort([len(row) for row in rows], kind="stable")
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        vectors = forward(*padded([rows[row] for row in chosen])).numpy()
        for total, target in zip(totals, wanted, strict=True):
            np.add.at(total, target[chosen], vectors)
    return [
        np.ascontiguousarray((total / np.linalg.norm(total, axis=1, keepdims=True)).T)
        for total in totals
    ]


def _batches(lengths: Sequence[int], random: np.random.Generator) -> list[npt.NDArray[np.intp]]:
    """Cut the texts into batches of like length, in random order."""
    batches: list[npt.NDArray[np.intp]] = []
    order = random.permutation(len(lengths))
    for start in range(0, len(order), 16 * BATCH):
        part = order[start : start + 16 * BATCH]
        part = part[np.argsort([lengths[row] for row in part], kind="stable")]
        batches += [part[first : first + BATCH] for first in range(0, len(part), BATCH)]
    return [batches[number] for number in random.permutation(len(batches))]
