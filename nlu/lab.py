"""What a message means in the Iris lab, or where it holds numbers: a wish, a value, or neither.

A logistic regression looks at the sentence with its numbers masked, at what the numbers are, and
at the place: the start, while the lab asks for a measurement, after a flower or an experiment. It
learned on what people say there (``nlu/lab.yml``). All else is left to ``nlu.kind``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from models.encoder.vectors import Array, encode
from models.iris.text import NUMBER, named_row, read_experiment
from nlu.entities import ENOUGH, find_entities
from nlu.examples import indexed, masked_numbers, of_intents, said_in_lab
from nlu.intents import INTENTS
from nlu.regression import Ranking, Regression
from nlu.talk import IRIS_FORM, Talk

START, FORM, FLOWER = PLACES = ("start", "form", "flower")
# The experiments that set the model and do nothing else.
SETTINGS = (
    *("scale", "unscale", "manhattan", "chebyshev", "euclidean", "by_distance", "equal_votes"),
    *("petals", "sepals", "all_features", "split", "another_split", "reset"),
)
# What gives something to the model, or nothing at all, is no wish beside another.
ELSEWHERE = "elsewhere"
NO_WISHES, START_FLOWER = (ELSEWHERE, "inform_measurement", "lone_number"), "predict_iris"
# So sure each of several wishes in one message must be.
SURE = 0.75
Wish = dict[str, Any]
# Weights of a sentence for all places and for one, and of what its numbers are.
SHARED, OF_PLACE, OF_NUMBERS = 6.0, 4.0, 4.0
C, ROUNDS = 1.0, 60
# What was written for a place counts as often as so many examples of other kinds.
OF_WRITTEN = 2.0
# One of so many questions, and of so many other texts that are not the lab's, is enough.
ONE_OF, ONE_SAID_OF = 12, 4
MOST_NUMBERS, MOST_LABELS, MOST_K = 5, 3, 2
_WORD, _NUMBER = re.compile(r"[^\W\d_]+"), re.compile(NUMBER)


def is_of_lab(label: str) -> bool:
    """Whether a label of a message, such as ``try_iris/scale``, is the lab's."""
    name, _, detail = label.partition("/")
    return INTENTS[name].of_lab and detail not in INTENTS[name].of_others


def place_of(talk: Talk) -> str:
    """Return where in the lab a conversation stands."""
    is_there = not talk.form and (talk.shown == FLOWER or talk.lately)
    return FORM if talk.form == IRIS_FORM else FLOWER if is_there else START


class LabModel:
    """The chance of each wish on the Iris model, of a value, and of everything else."""

    def __init__(self, model: Regression) -> None:
        """Keep the fitted regression."""
        self._model = model

    @classmethod
    def train(cls, mend: Callable[[str], str]) -> LabModel:
        """Fit on what was said in each place, and on what is said everywhere.

        Args:
            mend: mends the slips of a text.
        """
        said = [(mend(text), label, place) for text, label, place in _lessons()]
        vectors = encode([masked_numbers(text) for text, _, _ in said])
        seen = [
            _features(vector, text, find_entities(text), place)
            for vector, (text, _, place) in zip(vectors, said, strict=True)
        ]
        labels = [label for _, label, _ in said]
        counts = np.ones(len(said))
        counts[: len(said_in_lab())] = OF_WRITTEN
        return cls(Regression.fit(np.stack(seen), labels, c=C, rounds=ROUNDS, counts=counts))

    def rank(
        self, text: str, vector: Array, entities: Sequence[dict[str, Any]], talk: Talk
    ) -> dict[str, float]:
        """Return the chance of each label.

        Args:
            text: the message.
            vector: the sentence vector of its ``masked_numbers``, shape (384,).
            entities: its numbers, as ``nlu.entities`` finds them.
            talk: the conversation it stands in.
        """
        return dict(self._model.rank(_features(vector, text, entities, place_of(talk))))

    def wish(self, text: str, vector: Array) -> Wish | None:
        """Return what a part of a message surely wishes of the model; None where it gives numbers.

        Args:
            text: the part, such as "then scale the features".
            vector: the sentence vector of its ``masked_numbers``, shape (384,).
        """
        entities, values = find_entities(text), read_experiment(text)
        chances = self.rank(text, vector, entities, Talk(shown=FLOWER))
        intent, _, detail = (label := max(chances, key=chances.__getitem__)).partition("/")
        found = [each["value"] for each in entities if each["entity"] == "k"]
        ks = found or (values.numbers if intent == "set_k" else ())
        gives = intent != "set_k" and any(each["entity"] == "measurement" for each in entities)
        if chances[label] < SURE or gives or label in NO_WISHES or (intent == "set_k" and not ks):
            return None
        said: Wish = {"k": ks[0]} if ks else {}
        if detail:
            said |= {str(INTENTS[intent].detail): detail, "values": asdict(values)}
        if row := named_row(text):
            said["row"] = row
        return {"intent": intent, **said}

    def arrays(self) -> dict[str, Any]:
        """Return the fitted parts."""
        return self._model.arrays()

    @classmethod
    def of_arrays(cls, stored: Any) -> LabModel:
        """Return what ``arrays`` packed."""
        return cls(Regression.of_arrays(stored))


def beside_numbers(part: str) -> tuple[str, ...]:
    """Return the words before and after the numbers of a flower, any other part as it is."""
    numbers = [*_NUMBER.finditer(part)]
    if len(numbers) < ENOUGH:
        return (part,)
    return part[: numbers[0].start()], part[numbers[-1].end() :]


def in_order(wishes: Sequence[Wish | None], has_flower: bool, fewest: int = 2) -> list[Wish]:
    """Return what to do for the parts of a message, one after the other; nothing if it is unclear.

    Settings come first, and together. Beside a flower other words may stand; else each part has
    to be a wish, and there must be the ``fewest`` at least.
    """
    known = [
        wish for wish in wishes if wish and not (has_flower and wish["intent"] == START_FLOWER)
    ]
    settings = [w for w in known if w["intent"] == "set_k" or w.get("experiment") in SETTINGS]
    steps = [wish for wish in known if wish not in settings]
    if has_flower:
        return [{"intent": START_FLOWER, "settings": settings}, *steps] if known else []
    several_k = len(known) > 1 and all(wish["intent"] == "set_k" for wish in known)
    if None in wishes or len(known) < fewest or several_k:
        return []
    if len(settings) > 1:
        settings = [{"intent": "try_iris", "experiment": "together", "settings": settings}]
    return [*settings, *steps]


def joined(of_lab: dict[str, float], kinds: Ranking) -> Ranking:
    """Return the labels of the lab with their chances, and the other kinds with what is left."""
    others = [(label, chance) for label, chance in kinds if not is_of_lab(label)]
    share = of_lab[ELSEWHERE] / max(sum(chance for _, chance in others), 1e-9)
    ours = [(label, chance) for label, chance in of_lab.items() if label != ELSEWHERE]
    both = [*ours, *((label, chance * share) for label, chance in others)]
    return sorted(both, key=lambda each: -each[1])


def likened(of_lab: dict[str, float], kinds: Ranking) -> dict[str, float]:
    """Return the labels of the lab, which share what the kinds give to the lab."""
    mass = sum(chance for label, chance in kinds if is_of_lab(label))
    share = mass / max(1 - of_lab[ELSEWHERE], 1e-9)
    return {label: chance * share for label, chance in of_lab.items()} | {ELSEWHERE: 1 - mass}


def _features(vector: Array, text: str, entities: Sequence[dict[str, Any]], place: str) -> Array:
    """Return what is seen of a message, for all places and for its own."""
    measured = [each for each in entities if each["entity"] == "measurement"]
    values = [each["value"] for each in measured if isinstance(each["value"], float)]
    labelled = sum(1 for each in measured if each.get("role"))
    ks = sum(1 for each in entities if each["entity"] == "k")
    count = min(len(measured), MOST_NUMBERS)
    is_exact = not all(value.is_integer() for value in values)
    words = len(_WORD.findall(text))
    numbers = [
        *(float(count == number) for number in range(MOST_NUMBERS + 1)),
        *(float(count == number and is_exact) for number in range(MOST_NUMBERS + 1)),
        *(float(min(labelled, MOST_LABELS) == count) for count in range(MOST_LABELS + 1)),
        *(float(min(ks, MOST_K) == count) for count in range(MOST_K + 1)),
        float(any(each["entity"] == "flowers" for each in entities)),
        float(words == 0),
        float(np.log1p(words)),
        float(text.rstrip().endswith("?")),
    ]
    here = np.array([float(place == each) for each in (FORM, FLOWER)])
    seen = np.array(numbers) * OF_NUMBERS
    return np.concatenate(
        [
            vector * SHARED,
            np.outer(here, vector).ravel() * OF_PLACE,
            seen,
            np.outer(here, [1.0, *seen]).ravel(),
        ]
    ).astype(np.float32)


def _lessons() -> Iterator[tuple[str, str, str]]:
    """Yield texts with their label and their place, first those that were written for a place."""
    for place, example in said_in_lab():
        yield example.text, example.label, place
    for example in of_intents():
        if is_of_lab(example.label):
            for place in (START, FLOWER):
                yield example.text, example.label, place
    others = [example for example in of_intents() if not is_of_lab(example.label)]
    talk = [each for each in others if INTENTS[each.label.partition("/")[0]].answers_at_once]
    yield from ((example.text, ELSEWHERE, FLOWER) for example in talk)  # "thx" is no wish there
    asked = [*indexed()[::ONE_OF], *others[::ONE_SAID_OF]]
    for number, example in enumerate(asked):
        yield example.text, ELSEWHERE, (FORM, FLOWER)[number % 2]
        if masked_numbers(example.text) != example.text:
            yield example.text, ELSEWHERE, START
