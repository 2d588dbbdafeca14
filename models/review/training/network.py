"""Train the n-gram network: on reviews, short stretches, opinions, and on what it labels itself.

It is a logistic regression on n-grams that are weighted by how one-sided they are, the naive-Bayes
log-count ratio (Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic
classification", 2012), and by the length of the text.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from scipy import sparse
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from tensorflow import keras

from models.review import artifact
from models.review.network import BUCKETS, Doubles, Flags, Floats, Network, extract, scales
from models.review.text import FIRST, PADDING, Ids, Vocabulary, tokens
from models.review.training import SEED, Progress, Step, told
from models.review.training.corpus import Labelled, Reviews

# How much a text of each kind counts beside a review.
_CROP, _OPINION, _OWN, _OWN_CROP = 0.25, 10.0, 0.5, 0.15
# Short stretches of each labelled review, and how many words one has.
_CROPS, _LEAST, _MOST = 3, 6, 45
# As so many reviews an opinion counts for which words, and which n-grams, are frequent.
_PER_WORD, _PER_NGRAM = 3, 2
# Inverse of the penalty of the regression.
_STRENGTH = 10.0
# The probability from which an own label is believed.
_SURE = 0.8
# How often the regression learns: from labels alone, then twice with its own labels too.
_STAGES = 3
# Weights beyond this percentile are cut, so that eight bits tell the others apart.
_CLIP = 99.99
# So many texts are looked through at a time, which keeps sorting quick.
_CHUNK = 400
_NEGATORS = (
    "not no never neither nor none nothing without hardly barely cannot cant dont doesnt didnt "
    "isnt wasnt arent werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint lacks lacking "
    "can't don't doesn't didn't isn't wasn't aren't weren't won't wouldn't couldn't shouldn't "
    "hasn't haven't hadn't ain't"
)
NEGATORS = frozenset(_NEGATORS.split())


@dataclass(frozen=True)
class Sizes:
    """How large the network is."""

    words: int = 40_000  # of the vocabulary
    common: int = 5  # a word that fewer reviews hold is left out
    validation: float = 0.06  # share of the training reviews that is kept apart, by id
    buckets: int = BUCKETS  # size of the table of weights, a power of two
    rarest: int = 4  # n-grams of fewer reviews are left out
    kept: int = 700_000  # so many n-grams get a weight in the end, the strongest ones
    rounds: int = 12  # how often a regression goes through its texts; few rounds regularise, too


def train(
    reviews: Reviews, opinions: Labelled, folder: Path, sizes: Sizes, progress: Progress
) -> None:
    """Train the network; write it into a folder, with its vocabulary and its history."""
    parts = [reviews.learned.texts, reviews.unlabelled, reviews.apart.texts, opinions.texts]
    read = [[tokens(text) for text in told(texts, "reading", progress)] for texts in parts]
    counts = Counter(word for words in read[0] + read[1] for word in set(words))
    for word in (word for words in read[3] for word in set(words)):
        counts[word] += _PER_WORD
    frequent = sorted((-count, word) for word, count in counts.items() if count >= sizes.common)
    vocabulary = Vocabulary([word for _, word in frequent[: sizes.words]])
    learned, unlabelled, apart, short = ([*map(vocabulary.number, part)] for part in read)
    negator = np.array([False] * FIRST + [word in NEGATORS for word in vocabulary.words])
    taught, opined = Labelled(learned, reviews.learned.labels), Labelled(short, opinions.labels)
    progress(Step("finding n-grams", 0, 1))
    trainer = NgramTrainer(negator, taught, opined, unlabelled, sizes)
    progress(Step("finding n-grams", 1, 1))
    history, labels = [], reviews.apart.labels
    likely = None
    for stage in range(1, _STAGES + 1):
        trainer.fit(likely)
        logits = trainer.logits(apart)
        loss = np.logaddexp(0, np.where(labels == 1, -logits, logits)).mean()
        history.append(float(((logits > 0) == labels).mean()))
        progress(Step("n-grams", stage, _STAGES, float(loss), history[-1]))
        likely = expit(trainer.logits(unlabelled))
    calibrated = LogisticRegression(C=100.0).fit(logits[:, None], labels)
    network = trainer.network(float(calibrated.coef_[0, 0]), float(calibrated.intercept_[0]))
    with artifact.writing(folder) as partial:
        artifact.save_network(build(network), partial / artifact.MODEL)
        vocabulary.write(partial / artifact.VOCABULARY)
        extra = {"history": {"n-grams": history}}
        artifact.write_json(partial / artifact.METRICS, {"extra": extra})


class NgramTrainer:
    """Holds which n-grams each text has; ``fit`` learns from them."""

    def __init__(
        self,
        negator: Flags,
        reviews: Labelled,
        opinions: Labelled,
        unlabelled: Sequence[Ids],
        sizes: Sizes,
    ) -> None:
        """Find the n-grams of every text, all as word ids, and which of them are frequent.

        ``negator`` says of each word id whether it negates.
        """
        self._negator, self._sizes = negator, sizes
        pieces, owners = crops(reviews.texts, SEED, _CROPS)
        cut, self._cut_from = crops(unlabelled, SEED + 1)
        whole, told, more = map(self._buckets, (reviews.texts, opinions.texts, unlabelled))
        counts = whole.getnnz(0) + _PER_NGRAM * told.getnnz(0) + more.getnnz(0)
        frequent = np.flatnonzero(counts >= sizes.rarest)
        # The most frequent columns side by side fit the processor's cache.
        self._frequent = frequent[np.argsort(-counts[frequent], kind="stable")]
        whole, told, more = (held[:, self._frequent] for held in (whole, told, more))
        held = [whole, self._columns(pieces), told, more, self._columns(cut)]
        self._texts = sparse.vstack(held, format="csr")
        parts = [reviews.texts, pieces, opinions.texts, unlabelled, cut]
        self._scale = scales([len(ids) for part in parts for ids in part])
        kinds = [1, _CROP, _OPINION, _OWN, _OWN_CROP]
        self._importance = np.repeat(kinds, [len(part) for part in parts]).astype(np.float32)
        own = np.full(len(unlabelled) + len(cut), -1)  # not known yet
        self._labels = np.concatenate(
            [reviews.labels, reviews.labels[owners], opinions.labels, own]
        )

    def fit(self, likely: Floats | None = None) -> None:
        """Minimise the weighted cross-entropy with a squared penalty, by liblinear.

        Where it is sure how likely each unlabelled review is positive, that is learned from too.
        """
        labels = self._labels.copy()
        if likely is not None:
            own = np.concatenate([likely, likely[self._cut_from]])
            labels[-len(own) :] = np.where(np.abs(own - 0.5) >= _SURE - 0.5, own > 0.5, -1)
        rows = labels >= 0
        held, labels, importance = self._texts[rows], labels[rows], self._importance[rows]
        praised = (importance * labels).astype(np.float32)
        praise, blame = held.T @ praised + 1, held.T @ (importance - praised) + 1
        ratio = np.log(praise / praise.sum() / (blame / blame.sum())).astype(np.float32)
        scaled = held.astype(np.float64)
        scaled.data[:] = np.repeat(self._scale[rows], np.diff(held.indptr)) * ratio[held.indices]
        solver = LogisticRegression(
            C=_STRENGTH,
            solver="liblinear",
            dual=True,
            max_iter=self._sizes.rounds,
            random_state=SEED,
        )
        with warnings.catch_warnings():  # stopping early is meant
            warnings.simplefilter("ignore", ConvergenceWarning)
            solver.fit(scaled, labels, importance.astype(np.float64))
        self._weights: Floats = (solver.coef_[0] * ratio).astype(np.float32)
        self._bias = float(solver.intercept_[0])

    def logits(self, texts: Sequence[Ids]) -> Doubles:
        """Return the logit of each text."""
        scale = scales([len(ids) for ids in texts])
        logits: Doubles = self._columns(texts) @ self._weights * scale + self._bias
        return logits

    def network(self, share: float, bias: float) -> Network:
        """Return the network whose logit is ``share`` times what was fitted, plus ``bias``.

        Only the strongest weights are kept. One is as strong as its effect over all texts:
        frequent n-grams count more.
        """
        given = self._labels >= 0
        counts = self._texts[given].T @ np.maximum(self._importance[given], 1)
        effect = np.abs(self._weights) * np.sqrt(counts + 1)
        kept = np.argsort(-effect, kind="stable")[: self._sizes.kept]
        weights = self._weights[kept]
        step = np.percentile(np.abs(weights), _CLIP) / 127
        table = np.zeros(self._sizes.buckets, np.int8)
        table[self._frequent[kept]] = np.clip(np.rint(weights / step), -127, 127)
        return Network(
            table,
            self._negator.astype(np.int8),
            np.float32(share * step),
            np.float32(bias + share * self._bias),
        )

    def _columns(self, texts: Sequence[Ids]) -> sparse.csr_matrix:
        """Return which frequent n-grams each text holds: ones, shape (texts, columns)."""
        return self._buckets(texts)[:, self._frequent]

    def _buckets(self, texts: Sequence[Ids]) -> sparse.csr_matrix:
        """Return which buckets each text holds: ones, shape (texts, buckets)."""
        parts = [sparse.csr_matrix((0, self._sizes.buckets), dtype=np.float32)]
        for start in range(0, len(texts), _CHUNK):
            part = texts[start : start + _CHUNK]
            owner = np.repeat(np.arange(len(part)), [len(ids) for ids in part])
            found = extract(np.concatenate(part), owner, self._negator, self._sizes.buckets)
            times = np.ones(len(found.bucket), np.float32)
            shape = (len(part), self._sizes.buckets)
            parts.append(sparse.csr_matrix((times, (owner[found.start], found.bucket)), shape))
        held = sparse.vstack(parts, format="csr")
        held.data[:] = 1
        return held


def crops(reviews: Sequence[Ids], seed: int, each: int = 1) -> tuple[list[Ids], Ids]:
    """Cut random stretches of 6 to 45 words; return them and the review each is from."""
    random = np.random.default_rng(seed)
    pieces: list[Ids] = []
    for ids in reviews:
        for size in random.integers(_LEAST, _MOST + 1, each):
            start = int(random.integers(0, max(1, len(ids) - size)))
            pieces.append(ids[start : start + size])
    return pieces, np.repeat(np.arange(len(reviews)), each)


class NetworkLayer(keras.layers.Layer):  # type: ignore[misc]
    """Keeps what the n-gram network learned; what it makes of word ids is computed in NumPy.

    ``keras.models.load_model`` needs it as the custom object "fathom>NetworkLayer".
    """

    def __init__(self, shapes: dict[str, Any], **rest: Any) -> None:
        """Make room for arrays of these shapes and types."""
        super().__init__(**rest)
        self.shapes = shapes
        self.kept = [
            self.add_weight(name, tuple(size), kind, "zeros", trainable=False)
            for name, (size, kind) in shapes.items()
        ]

    def call(self, ids: Any) -> Any:
        """Return the logit of each row of ids, shape (reviews, 1)."""
        return tf.ensure_shape(tf.numpy_function(_logits, [ids, *self.kept], tf.float32), (None, 1))

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is made from."""
        return {**super().get_config(), "shapes": self.shapes}


def _logits(ids: Ids, *arrays: Any) -> Floats:
    found = Network(*arrays).explain([row[row != PADDING] for row in ids])
    return np.array([[evidence.logit] for evidence in found], np.float32)


def build(network: Network) -> Any:
    """Return the Keras model: (reviews, words) ids in, (reviews, 1) probabilities out."""
    arrays = {name: np.asarray(array) for name, array in asdict(network).items()}
    shapes = {name: [list(array.shape), str(array.dtype)] for name, array in arrays.items()}
    layer = NetworkLayer(shapes, name="ngrams")
    ids = keras.Input((None,), dtype="int64", name="ids")
    model = keras.Model(ids, keras.layers.Activation("sigmoid", name="probability")(layer(ids)))
    layer.set_weights(list(arrays.values()))
    return model
