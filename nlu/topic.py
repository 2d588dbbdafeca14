"""Which block a message is about where it stands: "how many folds?", "and the LSTM?", "the latter".

What is near by meaning, what is named, what was spoken of, what stands beside that and every pair
that may be compared are put side by side, with "none of them". Small networks rank them all. They
learned on what people ask, alone and put into conversations, on follow-ups, and on whole
conversations (``nlu/knowledge/dialogues.yml``).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sklearn.linear_model import LogisticRegression

from models.encoder.vectors import Array, encode
from models.knowledge import JOINT, Block, library
from nlu.concept import OUTSIDE, ConceptIndex, Finding
from nlu.examples import FIELDS, FOLLOW_UP, dialogues, indexed, names, of_intents
from nlu.facet import ASIDE, SMALL, Ranking, with_name
from nlu.names import Names, masked
from nlu.talk import Talk

# What a follow-up can do beside asking for a side of what was spoken of.
WISHES = ("other_concept", "other_field", "compare", "both", "back", "first", "second")
SCALE, C = 4.0, 1.0
# So many of the named, of the earlier blocks and of the neighbours are ranked.
NAMED, EARLIER, BESIDE = 4, 3, 3
HIDDEN, ROUNDS, BATCH, SEED = 24, 8, 256, 0
# Chance decides less where so many networks say together what is meant.
NETWORKS = 3
# What comes from outside is rare here, and counts more.
WEIGHT_OUTSIDE = 5.0
# A turn of a real conversation counts as often as so many made from single questions.
WEIGHT_OF_TURN = 6.0
# A follow-up is put into so many conversations.
CONTEXTS = 2
# The places of what was spoken of last, or compared.
ORDER = ("first", "second")
# Of so many wishes for a side one is for that of a concept that is named.
NAMED_ASIDES = 0.3
# One of so many questions that compare is asked with other names.
ONE_OF = 3
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


# Read a text with an index; with none of its own, with that which knows everything.
Hear = Callable[[str, ConceptIndex | None], Alone]
Layers = list[Array]
# How near the nearest small question of a block is to a vector among the points.
Nearest = Callable[[str, Array], float]


class TopicModel:
    """A network with one hidden layer that gives each candidate, and none of them, a chance."""

    def __init__(self, leans: Array, layers: Sequence[Array], nearest: Nearest) -> None:
        """Keep the weights of a sentence vector (384 and a bias), the layers, and ``nearest``."""
        self._leans, self._layers, self._nearest = leans, list(layers), nearest

    @classmethod
    def train(cls, hear: Hear, nearest: Nearest) -> TopicModel:
        """Learn from questions in made conversations, from follow-ups and from real ones.

        Args:
            hear: reads a text.
            nearest: how near the nearest small question of a block is to a vector.
        """
        model = cls(_leaning(), (), nearest)
        rows, wanted, weights = [], [], []
        for alone, talk, right, weight in _lessons(hear):
            blocks = candidates(alone.finding, talk)
            hits = [float(block.id in right) for block in blocks]
            rows.append(model._features(alone, talk, blocks))
            wanted.append([*hits, float(not any(hits))])
            weights.append(weight)
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
        scores = (hidden @ second)[:, 0]
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
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
            1 / (1 + float(np.exp(-(self._leans[:-1] @ alone.vector + self._leans[-1])))),
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

    def save(self, path: Path) -> None:
        """Write the weights as arrays, without pickle."""
        np.savez_compressed(path, *self._layers, leans=self._leans)

    @classmethod
    def load(cls, path: Path, nearest: Nearest) -> TopicModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            layers = [stored[f"arr_{place}"] for place in range(len(stored.files) - 1)]
            return cls(stored["leans"], layers, nearest)


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
        for partner in _partners(current.id)[:1]:
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
        pair = _partners(self._current.id)[:1] if self._current else []
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


def _leaning() -> Array:
    """Fit what tells a message that leans on what was said before: asides and follow-ups do."""
    seen = [example for example in indexed() if not example.is_kept_back]
    follow = [each.text for each in of_intents() if each.label.startswith(FOLLOW_UP)]
    leans = [example.is_aside for example in seen] + [True] * len(follow)
    model = LogisticRegression(C=C, max_iter=100, tol=1e-2, class_weight="balanced")
    model.fit(encode([each.text for each in seen] + follow) * np.float32(SCALE), leans)
    return np.append(model.coef_[0] * SCALE, model.intercept_).astype(np.float32)


# A message, the conversation it stands in, the blocks that it is about, and how much it counts.
Lesson = tuple[Alone, Talk, frozenset[str], float]


def _lessons(hear: Hear) -> Iterator[Lesson]:
    """Put what people ask into conversations, and read the conversations that were written."""
    choose, part = random.Random(SEED), ConceptIndex.without_kept_back()
    everything = [block.id for block in library().concepts]
    for example in (each for each in indexed() if each.is_kept_back):
        near = sorted(library().neighbours(library()[example.label])) or everything
        others = [choose.choice(near), choose.choice(everything)]
        alone, right = hear(example.text, part), frozenset({example.label})
        if not example.is_aside:
            yield alone, Talk(), right, 1.0
        for spoken in [example.label] if example.is_aside else others:
            yield alone, Talk((spoken,)), right, 1.0
    for example in of_intents():
        wish = example.label.removeprefix(FOLLOW_UP)
        if example.label in OUTSIDE and example.is_kept_back:
            alone = hear(example.text, part)
            for spoken in ((), (choose.choice(everything),)):
                yield alone, Talk(spoken), frozenset(), WEIGHT_OUTSIDE
        elif wish != example.label:
            yield from _follow_ups(hear(example.text, None), wish, choose)
        if wish == "back":  # "back to trees"
            block, before = choose.sample(library().concepts, 2)
            word = choose.choice([*Names.words(before.name), before.name])
            text = masked(example.text, names().link(example.text), word)
            yield hear(text, None), Talk((block.id, before.id)), frozenset({before.id}), 1.0
        if wish in ASIDE and choose.random() < NAMED_ASIDES:
            block = choose.choice(library().concepts)
            alone = hear(with_name(example.text, block.name), None)
            for spoken in ((), (choose.choice(everything),)):
                yield alone, Talk(spoken), frozenset({block.id}), 1.0
    for text, pair in itertools.islice(_comparisons(choose), 0, None, ONE_OF):
        yield hear(text, None), Talk(), frozenset({pair}), 1.0
    for turn in dialogues():
        talk = Talk(turn.recent, compared=turn.compared)
        alone = hear(turn.text, None)
        named = turn.blocks.intersection(alone.finding.named()) - FIELDS.keys()
        after_both = talk.current is not None and talk.current.is_contrast
        stays = turn.blocks.intersection(talk.recent[:1]) if after_both else frozenset[str]()
        yield alone, talk, named or stays or turn.blocks, WEIGHT_OF_TURN


def _follow_ups(alone: Alone, wish: str, choose: random.Random) -> Iterator[Lesson]:
    """Put a follow-up into conversations in which it is known what it asks for."""
    named, books = frozenset(alone.finding.named()), library()
    fields = {FIELDS[name] for name in named if name in FIELDS}
    for _ in range(CONTEXTS):
        block, before = choose.sample([b for b in books.concepts if b.id not in named], 2)
        contrast = choose.choice(books.contrasts)
        compared = tuple(choose.sample(contrast.concepts, len(contrast.concepts)))
        after, spoken = Talk((contrast.id, before.id), compared=compared), choose.choice(compared)
        later = Talk((spoken, contrast.id), compared=compared)
        if wish in ASIDE and not named:
            yield alone, Talk((block.id, before.id)), frozenset({block.id}), 1.0
            yield alone, after, frozenset({contrast.id}), 1.0
        elif wish in ("other_concept", "compare", "both") and len(named) == 1:
            pair = books.block(JOINT.join([block.id, *named])).id
            right = named if wish == "other_concept" else frozenset({pair})
            yield alone, Talk((block.id,)), right, 1.0
        elif wish == "both" and not named:
            pair = books.block(JOINT.join([block.id, before.id])).id
            yield alone, Talk((block.id, before.id)), frozenset({pair}), 1.0
        elif wish == "compare" and not named:
            first, *_ = compared
            yield alone, Talk((first,)), frozenset(_partners(first)), 1.0
        elif wish == "back" and not named:
            yield alone, Talk((block.id, before.id)), frozenset({before.id}), 1.0
        elif wish == "other_field":
            two = choose.choice([each for each in books.concepts if each.counterpart])
            other = books[str(two.counterpart)]
            stays = two.field in fields and other.field not in fields
            yield alone, Talk((two.id,)), frozenset({two.id if stays else other.id}), 1.0
            if not named:
                yield alone, later, frozenset(compared) - {spoken}, 1.0
            if named and not block.counterpart:  # it holds for both
                yield alone, Talk((block.id,)), frozenset({block.id}), 1.0
            elif pairs := _partners(block.id):
                others = {each for pair in pairs for each in (pair, *books[pair].concepts)}
                yield alone, Talk((block.id,)), frozenset(others) - {block.id}, 1.0
        elif wish in ORDER:
            right = frozenset({compared[ORDER.index(wish)]})
            yield alone, after, right, 1.0
            yield alone, later, right, 1.0


def _partners(concept: str) -> list[str]:
    """Return the written contrasts of a concept."""
    return [block.id for block in library().contrasts if concept in block.concepts]


def _comparisons(choose: random.Random) -> Iterator[tuple[str, str]]:
    """Ask as people ask for written contrasts, with any two concepts in their places."""
    for example in (each for each in indexed() if library()[each.label].is_contrast):
        links = names().link(example.text)
        if len({link.concept for link in links}) != len(links) or len(links) != 2:
            continue
        text, pair = example.text, choose.sample(library().concepts, 2)
        for link, block in zip(reversed(links), reversed(pair), strict=True):
            text = f"{text[: link.start]}{block.name}{text[link.end :]}"
        yield text, library().block(JOINT.join(block.id for block in pair)).id


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
