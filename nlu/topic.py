"""Which block a message is about where it stands: "how many folds?", "and the LSTM?", "the latter".

What is near by meaning, what is named, what was spoken of, what stands beside that and every pair
that may be compared are put side by side, with "none of them". Small networks rank them all. They
learned on what people ask, alone and put into conversations, on follow-ups, and on whole
conversations (``nlu/knowledge/dialogues.yml``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA
from scipy.special import softmax

from models.encoder.vectors import Array, encode
from models.knowledge import JOINT, Block, library
from nlu.concept import Finding
from nlu.examples import FIELDS, FOLLOW_UP, indexed, of_intents
from nlu.facet import ASIDE, SMALL
from nlu.lessons import SEED, Lesson, lessons, partners
from nlu.names import Names
from nlu.regression import Ranking, Regression
from nlu.talk import ORDER, Talk

# What a follow-up can do beside asking for a side of what was spoken of.
WISHES = ("other_concept", "other_field", "compare", "both", "back", "first", "second")
SCALE, C = 4.0, 1.0
# So many of the named, of the earlier blocks and of the neighbours are ranked.
NAMED, EARLIER, BESIDE = 4, 3, 3
HIDDEN, ROUNDS, BATCH = 24, 8, 256
# So many messages are read at once.
AT_ONCE = 512
# Chance decides less where so many networks say together what is meant.
NETWORKS = 3
# So alike are a word of a message and one of a name that it recalls.
RECALLED, SHORTEST_RECALLED = 0.75, 4
# A place in a row that no candidate takes, and its score.
ABSENT, LOWEST = -1.0, -1e9


@dataclass(frozen=True)
class Alone:
    """What the other stages made of a message by itself, and its sentence vector.

    Attributes:
        finding: what it can be about by itself.
        kinds: the labels of ``nlu.kind``.
        facets: the sides of ``nlu.facet``.
        vector: shape (384,).
    """

    finding: Finding
    kinds: Ranking
    facets: Ranking
    vector: Array


# Read texts, as those that nobody wrote down before or not.
Hear = Callable[[Sequence[str], bool], list[Alone]]
Layers = list[Array]
LAYERS = ("hidden", "hidden_bias", "out", "out_bias")
# How near the nearest small question of a block is to a vector among the points.
Nearest = Callable[[str, Array], float]


class TopicModel:
    """A network with one hidden layer that gives each candidate, and none of them, a chance."""

    def __init__(self, leans: Regression, layers: Sequence[Array], nearest: Nearest) -> None:
        """Keep what tells a message that leans on others, the layers, and ``nearest``."""
        self._leans, self._layers, self._nearest = leans, list(layers), nearest

    @classmethod
    def train(cls, hear: Hear, nearest: Nearest) -> TopicModel:
        """Learn from questions in made conversations, from follow-ups and from real ones.

        Args:
            hear: reads texts.
            nearest: how near the nearest small question of a block is to a vector.
        """
        model = cls(_leaning(), (), nearest)
        rows, wanted, weights = [], [], []
        for lesson, alone in _heard(hear):
            blocks = candidates(alone.finding, lesson.talk)
            hits = [float(block.id in lesson.right) for block in blocks]
            rows.append(model._features(alone, lesson.talk, blocks))
            wanted.append([*hits, float(not any(hits))])
            weights.append(lesson.weight)
        return cls(model._leans, _fit(rows, wanted, weights), nearest)

    def rank(self, alone: Alone, talk: Talk) -> Ranking:
        """Return the candidates with their chances, the likeliest first; what they lack is none's.

        Args:
            alone: the message.
            talk: the conversation it stands in, be it at its start.
        """
        blocks = candidates(alone.finding, talk)
        first, bias, second, _ = self._layers
        hidden = np.maximum(self._features(alone, talk, blocks) @ first + bias, 0.0)
        chances = softmax((hidden @ second)[:, 0])
        return [(blocks[n].id, float(chances[n])) for n in np.argsort(-chances[:-1])]

    def _features(self, alone: Alone, talk: Talk, blocks: Sequence[Block]) -> Array:
        """Return what is seen of each candidate and, last, of none: (candidates + 1, features)."""
        said, scene = self._of_message(alone, talk), _Scene(alone.finding, talk)
        seen = [
            [*scene.features(block), self._nearest(block.id, alone.finding.vector)]
            for block in blocks
        ]
        nothing = [0.0] * len(seen[0])
        return np.array([[0.0, *row, *said] for row in seen] + [[1.0, *nothing, *said]], np.float32)

    def _of_message(self, alone: Alone, talk: Talk) -> list[float]:
        kinds, facets, finding = dict(alone.kinds), dict(alone.facets), alone.finding
        current, fields = talk.current, {FIELDS[n] for n in finding.named() if n in FIELDS}
        return [
            self._leans.chance(alone.vector),
            *(kinds.get(f"{FOLLOW_UP}{wish}", 0.0) for wish in WISHES),
            sum(kinds.get(f"{FOLLOW_UP}{side}", 0.0) for side in ASIDE),
            *(kinds.get(label, 0.0) for label in ("ask_concept", "out_of_scope")),
            facets.get("compare", 0.0),
            facets.get(SMALL, 0.0),
            finding.probability,
            finding.features["outside"],
            finding.features["unsaid"],
            float(finding.strange),
            float(np.log1p(len(finding.text.split()))),
            float(bool(fields)),
            float(bool(set(finding.named()) - set(FIELDS))),
            float(current is not None and current.counterpart is not None),
            float(current is None),
            float(current is not None and current.is_contrast),
            float(finding.is_bare),
            float(finding.only is not None),
            float(min(3, len(finding.named()))),
        ]

    def arrays(self) -> dict[str, Any]:
        """Return the fitted parts."""
        return {**dict(zip(LAYERS, self._layers, strict=True)), **self._leans.arrays("leans")}

    @classmethod
    def of_arrays(cls, stored: Any, nearest: Nearest) -> TopicModel:
        """Return what ``arrays`` packed."""
        layers = [stored[name] for name in LAYERS]
        return cls(Regression.of_arrays(stored, "leans"), layers, nearest)


def candidates(finding: Finding, talk: Talk) -> list[Block]:
    """Return the blocks and the pairs that a message may be about, each once."""
    named, current, books = finding.named()[:NAMED], talk.current, library()
    found = [*finding.nearest, *named]
    pairs: list[tuple[str, ...]] = [*itertools.combinations(named, 2), named[:3]]
    if current:
        spoken = talk.concepts[:2]
        beside = sorted(sorted(talk.near), key=lambda block: -finding.score_of(block))
        found += [current.id, *talk.concepts[:EARLIER], *talk.recent[1 : 1 + EARLIER]]
        found += beside[:BESIDE]
        for partner in partners(current.id)[:1]:
            found += [partner, *books[partner].concepts]
        pairs += [spoken, *itertools.product(spoken, named)]
        pairs += [(current.id, current.counterpart)] if current.counterpart else []
    found += [other for name in (found[0], *talk.recent[:1]) if (other := books[name].counterpart)]
    kinds = {frozenset(pair): pair for pair in pairs}
    blocks = [books[name] for name in dict.fromkeys(found)]
    blocks += [books.block(JOINT.join(pair)) for kind, pair in kinds.items() if len(kind) > 1]
    return list({block.id: block for block in blocks}.values())


class _Scene:
    """What is seen of every candidate: its nearness, its names, its place in the talk."""

    def __init__(self, finding: Finding, talk: Talk) -> None:
        """Gather once what holds for all candidates."""
        self._finding, self._talk, self._current = finding, talk, talk.current
        self._named, self._best = set(finding.named()), finding.ranking[0][1]
        self._spoken = set(self._current.concepts) if self._current else set[str]()
        self._fields = {FIELDS[name] for name in self._named if name in FIELDS}
        self._beside = library().neighbours(self._current) if self._current else frozenset[str]()
        self._field = {self._current.field} - {"both"} if self._current else set[str]()
        pair = partners(self._current.id)[:1] if self._current else []
        self._partner = {*pair, *(each for name in pair for each in library()[name].concepts)}
        self._words = Names.words(finding.text)
        self._near, self._concepts = talk.near, set(talk.concepts)
        self._places = dict(zip(talk.concepts, ORDER, strict=False))
        self._compared = dict(zip(talk.compared, ORDER, strict=False))

    def features(self, block: Block) -> list[float]:
        """Return what is seen of a candidate."""
        concepts = set(block.concepts)
        score = self._score(block)
        new, current = self._named - self._spoken, self._current
        is_current = current is not None and block.id == current.id
        return [
            score,
            score - self._best,
            float(block.id == self._finding.best),
            len(concepts & self._named) / len(concepts),
            float(concepts == self._named),
            float(concepts == new),
            float(min(2, len(self._named - concepts - set(FIELDS)))),
            float(block.id == self._finding.only),
            float(concepts <= set(FIELDS)),
            _agrees(block.field, self._fields),
            _agrees(block.field, self._field),
            float(is_current),
            float(not is_current and concepts <= self._spoken),
            float(block.id in self._talk.recent[1:]),
            float(block.id in self._beside),
            float(block.id in self._near),
            float(block.id in self._partner),
            float(block.id in self._concepts and self._recalls(block)),
            float(current is not None and block.area == current.area != ""),
            float(current is not None and current.counterpart == block.id),
            *(float(self._places.get(block.id) == place) for place in ORDER),
            *(float(self._compared.get(block.id) == place) for place in ORDER),
            float(block.is_contrast),
            float(block.is_contrast and bool(block.facets)),
            float(bool(concepts & self._spoken) and bool(concepts & new)),
            float(block.area == "the field"),
        ]

    def _recalls(self, block: Block) -> bool:
        """Whether a word of the message is like one of its names: "back to trees"."""
        said = [word for word in self._words if len(word) >= SHORTEST_RECALLED]
        names = {word for name in block.names for word in Names.words(name)}
        return any(
            process.extractOne(w, names, scorer=OSA.normalized_similarity, score_cutoff=RECALLED)
            for w in said
        )

    def _score(self, block: Block) -> float:
        """Return how near a block is; a pair that nobody wrote on as near as its farther half."""
        if block.facets:
            return self._finding.score_of(block.id)
        return min(map(self._finding.score_of, block.concepts))


def _agrees(field: str, fields: set[str]) -> float:
    """Return 1 for the one field, -1 for the other, 0 where there is nothing to agree on."""
    return 0.0 if field == "both" or len(fields) != 1 else 1.0 if field in fields else -1.0


def _heard(hear: Hear) -> Iterator[tuple[Lesson, Alone]]:
    """Yield the lessons with what the stages make of each message."""
    rest = lessons()
    while part := [*itertools.islice(rest, AT_ONCE)]:
        for is_fresh in (False, True):
            alike = [lesson for lesson in part if lesson.is_fresh is is_fresh]
            texts = [*dict.fromkeys(lesson.text for lesson in alike)]
            alone = dict(zip(texts, hear(texts, is_fresh), strict=True))
            yield from ((lesson, alone[lesson.text]) for lesson in alike)


def _leaning() -> Regression:
    """Fit what tells a message that leans on what was said before: asides and follow-ups do."""
    seen = [example for example in indexed() if not example.is_kept_back]
    follow = [each.text for each in of_intents() if each.label.startswith(FOLLOW_UP)]
    leans = [example.is_aside for example in seen] + [True] * len(follow)
    often = {label: len(leans) / (2 * leans.count(label)) for label in (True, False)}
    vectors, counts = encode([each.text for each in seen] + follow), [often[each] for each in leans]
    return Regression.fit(vectors, leans, c=C, rounds=30, scale=SCALE, counts=counts)


def _fit(rows: Sequence[Array], wanted: Sequence[Sequence[float]], weights: list[float]) -> Layers:
    """Fit the two layers so that one of the right candidates comes out on top."""
    import tensorflow as tf  # heavy, and only training needs it

    most = max(map(len, rows))
    features = np.zeros((len(rows), most, rows[0].shape[1]), np.float32)
    labels = np.full((len(rows), most), ABSENT, np.float32)
    for place, (row, right) in enumerate(zip(rows, wanted, strict=True)):
        features[place, : len(row)], labels[place, : len(row)] = row, right
    mean, spread = np.mean(np.concatenate(rows), 0), np.std(np.concatenate(rows), 0) + 1e-2

    def loss(right: Any, scores: Any) -> Any:
        right = tf.reshape(right, (-1, most, 1))
        present = tf.where(right == ABSENT, LOWEST, scores)
        hits = tf.where(right > 0, present, LOWEST)
        missed = tf.reduce_logsumexp(present, 1) - tf.reduce_logsumexp(hits, 1)
        return tf.reduce_sum(missed, 1)

    # Networks side by side learn at once, each from its own start; their scores are averaged.
    tf.keras.utils.set_random_seed(SEED)
    seen = tf.keras.Input((most, rows[0].shape[1]))
    firsts = [tf.keras.layers.Dense(HIDDEN, activation="relu") for _ in range(NETWORKS)]
    seconds = [tf.keras.layers.Dense(1) for _ in range(NETWORKS)]
    scores = [second(first(seen)) for first, second in zip(firsts, seconds, strict=True)]
    network = tf.keras.Model(seen, tf.keras.layers.Concatenate()(scores))
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, ROUNDS * len(rows) // BATCH)
    network.compile(tf.keras.optimizers.Adam(rate), loss)
    network.fit(
        (features - mean) / spread,
        labels,
        batch_size=BATCH,
        epochs=ROUNDS,
        sample_weight=np.array(weights, np.float32),
        verbose=0,
    )
    kernels, biases = zip(*(layer.get_weights() for layer in firsts), strict=True)
    outs, lasts = zip(*(layer.get_weights() for layer in seconds), strict=True)
    first = np.hstack(kernels) / spread[:, None]  # features need not be brought to one scale again
    bias = np.hstack(biases) - mean @ first
    return [first, bias, np.vstack(outs) / NETWORKS, np.mean(lasts, 0)]
