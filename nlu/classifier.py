"""Understand a message: its intent, its topic, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.context import Context, asked_for, context_of, filled_in, leans
from nlu.evidence import holds_flower, settle
from nlu.guard import understood
from nlu.importer import FIELD, WEIGHT
from nlu.phrases import find_field
from nlu.questions import Example
from nlu.rankings import (
    ASK_TOPIC,
    CLEAR,
    FALLBACK,
    FOLLOW_UP,
    OUT_OF_SCOPE,
    aspect_of,
    distinct,
    entry_of,
    follow_up,
    is_less_clear,
    of_part,
    weigh_leaning,
    with_aspect,
)
from nlu.requests import requests_in
from nlu.topic_model import TopicModel

_FILE = "topics.npz"
# Which entity tells the second half of a retrieval intent.
DETAIL_ENTITIES = {
    "ask_topic": "topic",
    "follow_up": "aspect",
    "try_iris": "experiment",
    "show_picture": "picture",
}
# The numbers of these messages measure nothing.
NO_FLOWER = (ASK_TOPIC, "ask_accuracy", "ask_help", "list_topics", FOLLOW_UP, OUT_OF_SCOPE)
# What a message with a whole flower may ask for beside its species.
ELSEWHERE = ("ask_topic", "list_topics", "ask_accuracy", "classify_review", "ask_help")


def band(probability: float, answer: float, offer: float) -> str:
    """Return ``answer``, ``offer`` or ``outside``, whichever the probability allows."""
    if probability >= answer:
        return "answer"
    return "offer" if probability >= offer else "outside"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent):
    """Emit an intent and, for a retrieval intent, its second half as an entity.

    A question on a topic becomes the intent ``ask_topic`` and the entity ``topic``. Between two
    thresholds the intent is ``nlu_fallback`` and the ranking says what was possible; below both
    it is ``out_of_scope``.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """Create the untrained component (see parent class)."""
        return cls(config, model_storage, resource)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Thresholds, chosen from the coverage-accuracy curve of cross-validation."""
        return {"answer_threshold": 0.5, "offer_threshold": 0.2, "most_offers": 3}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: TopicModel | None = None,
    ) -> None:
        """Keep the thresholds and, once trained, the model."""
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._model = model

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model on every example and keep it in the assistant's archive."""
        self._model = TopicModel.train(
            [
                Example(
                    message.get(TEXT),
                    message.get(INTENT_RESPONSE_KEY) or message.get(INTENT),
                    message.get(FIELD),
                    message.get(WEIGHT, 1.0),
                )
                for message in training_data.intent_examples
                if message.get(TEXT)
            ]
        )
        with self._storage.write_to(self._resource) as folder:
            self._model.save(Path(folder) / _FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """Load the trained component (see parent class)."""
        with model_storage.read_from(resource) as folder:
            model = TopicModel.load(Path(folder) / _FILE)
        return cls(config, model_storage, resource, model)

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Add intent, ranking and detail to every message that the guard left open."""
        for message in messages:
            if message.get(INTENT) and message.get(INTENT).get("name"):
                continue
            self._understand(message, context_of(tracker), asked_for(tracker))
        return messages

    def _understand(self, message: Message, context: Context | None, asked: str | None) -> None:
        if self._model is None:
            raise RuntimeError("The classifier is used before it is trained")
        text, entities = understood(message.get(TEXT) or ""), message.get(ENTITIES, [])
        reads_a_review = any(entity["entity"] == "review" for entity in entities)
        parts = [] if reads_a_review else [part for part in requests_in(text) if part != text]
        texts = [text, *parts]
        subject = context.subject if context and not reads_a_review else None
        leaning = context if context and not reads_a_review and leans(text) else None
        if leaning:
            texts.append(filled_in(text, leaning.title))
        readings = self._model.read(texts)
        rankings = [[entry_of(*guess) for guess in reading.ranking] for reading in readings]
        likely = dict(zip(texts, (reading.field for reading in readings), strict=True))
        declined = rankings[0][0]["name"] == OUT_OF_SCOPE
        if leaning:
            rankings[0] = weigh_leaning(rankings[0], rankings.pop(), leaning, text)
        whole, *rankings = rankings
        ranking, others = whole, distinct(parts, rankings)
        if holds_flower(entities):
            others = [other for other in others if other[1][0]["name"] in ELSEWHERE]
        elif len(others) > 1 or (others and is_less_clear(whole, others[0][1])):
            text, ranking = others.pop(0)
            entities = of_part(text, ranking, entities)
        else:
            others = []
        ranking = with_aspect(text, ranking)
        best = ranking[0]
        answerable = best["confidence"] >= self._config["answer_threshold"]
        about_current = best["name"] == ASK_TOPIC and best.get("detail") == subject
        if about_current and (leaning or not answerable):
            best = follow_up(aspect_of(text), max(best["confidence"], CLEAR))
            ranking = [best, *ranking[1:]]
        elif leaning and not answerable and not declined:
            best = follow_up(aspect_of(text))
            ranking = [best, *ranking]
        name, confidence = best["name"], best["confidence"]
        reach = band(confidence, self._config["answer_threshold"], self._config["offer_threshold"])
        if reach == "outside":
            name = OUT_OF_SCOPE
        elif reach == "offer" and name != OUT_OF_SCOPE:
            name = FALLBACK
        if others and ranking is whole:  # the question beside the flower is offered, not answered
            name, confidence = "predict_iris", CLEAR
        settled = settle(name, confidence, entities, text, asked)
        if settled == best["name"] and best.get("detail") and settled in DETAIL_ENTITIES:
            kind = DETAIL_ENTITIES[settled]
            entities = [entity for entity in entities if entity["entity"] != kind]
            entities.append(_entity(kind, best["detail"]))
        if settled in NO_FLOWER and confidence >= self._config["answer_threshold"]:
            entities = [e for e in entities if e["entity"] != "measurement" or e.get("role")]
        if settled in (ASK_TOPIC, FALLBACK) and likely[text]:
            entities.append(_entity("likely_field", likely[text]))
        for part, other in others[:1]:
            field = find_field(part) or likely[part]
            entities = [*entities, _entity("also", {**other[0], "field": field})]
        message.set(ENTITIES, entities, add_to_output=True)
        message.set(INTENT, {"name": settled, "confidence": confidence}, add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)


def _entity(kind: str, value: Any) -> dict[str, Any]:
    return {"entity": kind, "value": value, "extractor": "TopicClassifier"}
