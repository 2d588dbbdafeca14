"""Understand a message, stage by stage: kind, concept, facet, conversation, decision."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from models.encoder import SentenceEncoder
from models.encoder.vectors import Array, encode
from models.knowledge import library
from nlu.answer import AnswerModel
from nlu.concept import ConceptIndex, Finding
from nlu.decide import (
    FOLLOW_UP,
    SURE_EXPERIMENT,
    Decision,
    Reading,
    decide,
    interrupts,
)
from nlu.entities import entity, find_entities, holds_flower, of_demonstration
from nlu.examples import as_aside, masked_numbers, prepare
from nlu.facet import FacetModel
from nlu.guard import understood
from nlu.intents import INTENTS
from nlu.kind import QUESTION, KindModel, by_intent
from nlu.lab import (
    ELSEWHERE,
    FLOWER,
    START,
    LabModel,
    beside_numbers,
    in_order,
    is_of_lab,
    joined,
    likened,
    place_of,
)
from nlu.names import masked
from nlu.regression import Ranking
from nlu.review_text import ASKS, TELLS, Heard, find_review
from nlu.talk import Talk, talk_of
from nlu.topic import Alone, TopicModel

# What is longer is a story or a review, not two requests.
_LONGEST_OF_TWO = 300
_MOST_REQUESTS = 4
_WORD = re.compile(r"[^\W\d_]{2}")
_SHORTEST_REQUEST = 2
_AND = re.compile(r",? and (?:also )?", re.I)
# What parts several wishes on the Iris model: "5.9 3 5.1 1.8 with k = 5, scaled".
_PARTS = re.compile(r"[.,;:!?\n]\s|,? (?:and|then|n|&|but|with|using) (?:also |then )?", re.I)
_MOST_WISHES, _LONGEST_REMARK = 5, 4
# Words among such signs belong to data and wish for nothing.
_DATA = re.compile(r"[{}\[\]\"<>|\t]|\w&\w")
# What is so surely about these is no review, whatever it quotes.
ON_TOPIC, SURE_ON_TOPIC = ("ask_concept", "follow_up", "ask_accuracy"), 0.6
# So clear must each of two requests be to be taken for two.
ANSWER_ONE_OF_TWO = 0.5


@dataclass(frozen=True)
class Understood:
    """A message with what every stage made of it.

    Attributes:
        reading: kind, concept, facet and conversation.
        decision: what the words ask for.
        intent: what is done once numbers and a carried review are taken into account.
        entities: in Rasa's format.
    """

    reading: Reading
    decision: Decision
    intent: str
    entities: list[dict[str, Any]]


class Stages:
    """The fitted stages together."""

    def __init__(
        self,
        kinds: KindModel,
        concepts: ConceptIndex,
        facets: FacetModel,
        answers: AnswerModel,
        topics: TopicModel,
        lab: LabModel,
    ) -> None:
        """Keep the stages."""
        self._kinds, self._concepts, self._facets = kinds, concepts, facets
        self._answers, self._topics, self._lab = answers, topics, lab
        self._sentences = spacy.blank("en")
        self._sentences.add_pipe("sentencizer")

    @classmethod
    def train(cls) -> Stages:
        """Fit every stage on the knowledge and the examples of the intents."""
        concepts, kinds = ConceptIndex.train(), KindModel.train()
        facets = FacetModel.train(concepts.names)

        def asked(text: str) -> Ranking:
            return facets.rank(masked(text, concepts.names.link(text)))

        def hear(texts: Sequence[str], is_fresh: bool) -> list[Alone]:
            index = ConceptIndex.without_kept_back() if is_fresh else concepts
            mended = [index.mend(prepare(text)) for text in texts]
            return _alone(mended, encode(mended), index, kinds, facets)

        answers = AnswerModel.train(concepts.project, asked)
        topics = TopicModel.train(hear, answers.nearest)
        return cls(kinds, concepts, facets, answers, topics, LabModel.train(concepts.mend))

    def save(self, folder: Path) -> None:
        """Write one file for each stage, without pickle."""
        stages = (self._kinds, self._concepts, self._facets, self._answers, self._topics, self._lab)
        for stage in stages:
            np.savez_compressed(_file(folder, type(stage)), **stage.arrays())

    @classmethod
    def load(cls, folder: Path) -> Stages:
        """Read what ``save`` wrote."""
        stages: dict[type, Any] = {}
        for stage in (KindModel, ConceptIndex, FacetModel, AnswerModel, LabModel):
            with np.load(_file(folder, stage), allow_pickle=False) as stored:
                stages[stage] = stage.of_arrays(stored)
        with np.load(_file(folder, TopicModel), allow_pickle=False) as stored:
            topics = TopicModel.of_arrays(stored, stages[AnswerModel].nearest)
        lab = stages.pop(LabModel)
        return cls(*stages.values(), topics, lab)

    def read(self, text: str, talk: Talk) -> Understood:
        """Return what a message asks for.

        Args:
            text: the message, as the guard leaves it.
            talk: the conversation that it stands in.
        """
        whole = understood(text)
        entities = find_entities(self._concepts.mend(whole))
        if not holds_flower(entities):
            review = find_review(text, self._hear, talk.shown == "verdict")
            entities = [entity("review", review)] if review else entities
        if _carries(entities, "review"):
            return self._alone(whole, entities, talk)
        if wishes := self._wishes(whole, entities, talk):
            return self._settled(whole, self._reading(whole, talk), wishes, entities, talk)
        if holds_flower(entities) or any(each.get("role") for each in entities):
            return self._alone(whole, entities, talk)
        parts = self._requests(whole)
        requests = self._clear(parts, talk)
        if len(requests) == 1 and (side := self._side_of(parts[-1], requests[0], talk)):
            return side
        if len(requests) < 2:
            return self._alone(whole, entities, talk)
        (text, reading, decision), (second, _, other) = requests[:2]
        more = {**other.details, **of_demonstration(second, other.intent, [])}
        details = {**decision.details, "also": [{"intent": other.intent, **more}]}
        decision = replace(decision, details=details)
        return self._settled(text, reading, decision, find_entities(text), talk)

    def _alone(self, text: str, entities: list[dict[str, Any]], talk: Talk) -> Understood:
        """Read a message as one request."""
        reading = self._reading(text, talk)
        return self._settled(text, reading, decide(reading), entities, talk)

    def _side_of(
        self, last: str, request: tuple[str, Reading, Decision], talk: Talk
    ) -> Understood | None:
        """Read "back to trees. what are they bad at?": the last sentence asks for a side."""
        text, reading, decision = request
        concept = decision.details.get("concept")
        if concept not in library() or text == last:
            return None
        aside = decide(self._reading(last, Talk((concept, *talk.recent), talk.form)))
        if aside.intent != FOLLOW_UP or aside.details.get("concept") != concept:
            return None
        details = {**decision.details, "facet": aside.details["facet"]}
        return self._settled(last, reading, replace(decision, details=details), [], talk)

    def _clear(self, parts: list[str], talk: Talk) -> list[tuple[str, Reading, Decision]]:
        """Return the parts of a message that clearly ask for something, each thing once."""
        found: dict[Any, tuple[str, Reading, Decision]] = {}
        for part in parts:
            reading = self._reading(part, talk)
            decision = decide(reading)
            if INTENTS[decision.intent].is_request and decision.confidence >= ANSWER_ONE_OF_TWO:
                details = decision.details
                key = (decision.intent, details.get("concept") or details.get("experiment"))
                found.setdefault(key, (part, reading, decision))
        return list(found.values())

    def _wishes(self, text: str, entities: list[dict[str, Any]], talk: Talk) -> Decision | None:
        """Return what a message wishes of the Iris model beside a flower, or if it wishes twice."""
        if len(text) > _LONGEST_OF_TWO or _DATA.search(text):
            return None
        has_flower, said = holds_flower(entities), _PARTS.split(self._concepts.mend(text))
        parts = [part for each in said for part in (beside_numbers(each) if has_flower else [each])]
        parts = [part for part in parts if _WORD.search(part)]
        if not 1 <= len(parts) <= _MOST_WISHES:
            return None
        wishes = [self._lab.wish(part, _encode(masked_numbers(part))) for part in parts]
        if has_flower:
            wishes += self._asked_beside(
                [part for part, wish in zip(parts, wishes, strict=True) if wish is None], talk
            )
        elif place_of(talk) == FLOWER:
            told = zip(parts, wishes, strict=True)
            wishes = [wish for part, wish in told if wish or not self._is_remark(part)]
        has_remark = len(wishes) < len(parts)
        first, *others = in_order(wishes, has_flower, 1 if has_remark else 2) or [None]
        if first is None:
            return None
        details = {**first, "also": others}
        return Decision(details.pop("intent"), SURE_EXPERIMENT, "wishes on the Iris model", details)

    def _is_remark(self, part: str) -> bool:
        """Whether few words ask for nothing: the first of "that is terrible. petals only?"."""
        asks = by_intent(self._kinds.rank(_encode(prepare(part)))).get(QUESTION, 0.0)
        return len(part.split()) <= _LONGEST_REMARK and asks < ANSWER_ONE_OF_TWO

    def _asked_beside(self, parts: list[str], talk: Talk) -> list[dict[str, Any]]:
        """Return the questions on a concept in "6.1 2.8 4.7 1.2, and what is overfitting?"."""
        clear = (decision for _, _, decision in self._clear(parts, talk))
        return [
            {"intent": each.intent, **each.details} for each in clear if each.intent == QUESTION
        ]

    def _requests(self, text: str) -> list[str]:
        """Return the sentences of a short message; none if it has but one."""
        if len(text) > _LONGEST_OF_TWO:
            return []
        sentences = [sentence.text.strip() for sentence in self._sentences(text).sents]
        parts = [part for part in sentences if len(part.split()) >= _SHORTEST_REQUEST]
        parts = self._joined(text) if len(parts) == 1 else parts
        return parts if 1 < len(parts) <= _MOST_REQUESTS else []

    def _joined(self, text: str) -> list[str]:
        """Return the halves of "explain dropout and batch size", if each names one concept."""
        halves, names = _AND.split(text), self._concepts.names
        named = [{link.concept for link in names.link(half)} for half in halves]
        if [len(each) for each in named] != [1, 1] or library().contrast(*named[0], *named[1]):
            return []
        (side, _), *_ = self._facets.rank(masked(text, names.link(text)))
        return [] if side == "compare" else halves

    def _hear(self, texts: Sequence[str]) -> list[Heard]:
        vectors = [_encode(prepare(text)) for text in texts]
        kinds = [by_intent(self._kinds.rank(vector)) for vector in vectors]
        return [
            Heard(self._kinds.announces(vector), kind.get(ASKS, 0.0), kind.get(TELLS, 0.0))
            for vector, kind in zip(vectors, kinds, strict=True)
        ]

    def _reading(self, text: str, talk: Talk) -> Reading:
        plain, mended = self._concepts.mend(prepare(text)), self._concepts.mend(text)
        (alone,) = _alone([plain], _encode(plain)[None], self._concepts, self._kinds, self._facets)
        finding, facets = alone.finding, alone.facets
        of_lab, in_lab = self._of_lab(mended, talk, alone.kinds)
        return Reading(
            kinds=joined(of_lab, alone.kinds) if of_lab else alone.kinds,
            finding=finding,
            facets=facets,
            talk=talk,
            answers=lambda block: self._answer(block, finding, facets),
            topics=self._topics.rank(alone, talk),
            in_lab=in_lab,
        )

    def _of_lab(self, text: str, talk: Talk, kinds: Ranking) -> tuple[dict[str, float], bool]:
        """Return what a message can mean in the lab, and whether it is said there.

        Far from the lab there is no such thing, but if it is a wish of the lab, which one.
        """
        entities, (kind, _) = find_entities(text), kinds[0]
        has_numbers = _carries(entities, "measurement", "k")
        at_start = place_of(talk) == START and not has_numbers
        was_left = talk.shown != FLOWER and not talk.form and not has_numbers  # for a concept
        if (was_left and kind.startswith(FOLLOW_UP)) or (at_start and not is_of_lab(kind)):
            return {}, False
        if talk.asks_k and [each["entity"] for each in entities] == ["measurement"]:
            return {"set_k": 1.0, ELSEWHERE: 0.0}, True
        vector = _encode(masked_numbers(text))
        of_lab = self._lab.rank(text, vector, entities, talk)
        return (likened(of_lab, kinds), False) if at_start else (of_lab, True)

    def _answer(self, block: str, finding: Finding, facets: Ranking) -> tuple[str, float] | None:
        aside, vector = as_aside(finding.text, block), finding.vector
        if aside != finding.text:
            vector = self._concepts.project(_encode(aside))
        return self._answers.find(block, vector, facets)

    def _settled(
        self,
        text: str,
        reading: Reading,
        decision: Decision,
        entities: list[dict[str, Any]],
        talk: Talk,
    ) -> Understood:
        answers = talk.form is not None and not interrupts(reading, text)
        tells = reading.kind == "state_opinion"  # the whole of it is the review
        if answers and tells:
            entities = [each for each in entities if each["entity"] != "review"]
        intent = _carried(decision, entities)
        kept = entities if INTENTS[intent].measures else _without_loose_numbers(entities)
        details = decision.details if intent == decision.intent else {}
        details = {**of_demonstration(text, intent, kept), **details}
        if answers:
            details["answers"] = talk.form
        kept = [*kept, *(entity(name, value) for name, value in details.items())]
        return Understood(reading, decision, intent, kept)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Understanding(GraphComponent):
    """Set the intent of every message that the guard left open, and what goes with it."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Understanding:
        """Create the untrained component (see parent class)."""
        return cls(model_storage, resource)

    def __init__(
        self, storage: ModelStorage, resource: Resource, stages: Stages | None = None
    ) -> None:
        """Keep the stages once they are fitted."""
        self._storage, self._resource, self._stages = storage, resource, stages

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the stages and keep them in the assistant's archive."""
        self._stages = Stages.train()
        with self._storage.write_to(self._resource) as folder:
            self._stages.save(Path(folder))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Understanding:
        """Load the trained component (see parent class)."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, Stages.load(Path(folder)))

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Add intent, ranking and entities to every message that the guard left open."""
        if self._stages is None:
            raise RuntimeError("Messages can be understood only after training")
        for message in messages:
            if message.get(INTENT) and message.get(INTENT).get("name"):
                continue
            found = self._stages.read(message.get(TEXT) or "", talk_of(tracker))
            confidence = found.decision.confidence
            message.set(INTENT, {"name": found.intent, "confidence": confidence}, True)
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found.entities], True)
            ranking = [
                {"name": name, "confidence": chance}
                for name, chance in found.reading.chances.items()
            ]
            message.set("intent_ranking", ranking[:10], True)
        return messages


@functools.lru_cache(maxsize=64)
def _encode(text: str) -> Array:
    vector: Array = SentenceEncoder.load().encode([text])[0]
    return vector


def _alone(
    texts: Sequence[str],
    vectors: Array,
    concepts: ConceptIndex,
    kinds: KindModel,
    facets: FacetModel,
) -> list[Alone]:
    """Return what the stages make of each message by itself."""
    return [
        Alone(found, kinds.rank(vector), facets.rank(masked(found.text, found.links)), vector)
        for found, vector in zip(concepts.find(texts, vectors), vectors, strict=True)
    ]


def _file(folder: Path, stage: type) -> Path:
    return folder / f"{stage.__name__}.npz"


def _carries(entities: list[dict[str, Any]], *names: str) -> bool:
    return any(each["entity"] in names for each in entities)


def _carried(decision: Decision, entities: list[dict[str, Any]]) -> str:
    """Return what a message asks for with the sum or the review that it carries."""
    if _carries(entities, "sum"):
        return "work_sum"
    on_topic = decision.intent in ON_TOPIC and decision.confidence >= SURE_ON_TOPIC
    return "classify_review" if _carries(entities, "review") and not on_topic else decision.intent


def _without_loose_numbers(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entities without numbers that belong to no part of a flower, if they are few."""
    if holds_flower(entities):
        return entities
    return [e for e in entities if e["entity"] != "measurement" or e.get("role")]
