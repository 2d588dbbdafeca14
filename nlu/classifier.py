"""Understand a message: its intent, its topic, and how sure that is."""

from __future__ import annotations

import re
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

from nlu.context import Context, asked_for, context_of, filled_in, leans, refers
from nlu.entities import find_entities
from nlu.evidence import holds_flower, settle
from nlu.importer import FIELD, WEIGHT
from nlu.phrases import asks_how, asks_simpler, find_aspect, find_field, side_of, switches_field
from nlu.questions import Example
from nlu.requests import requests_in, without_leaning
from nlu.terms import find_term
from nlu.topic_model import TopicModel

_FILE = "topics.npz"
ASK_TOPIC = "ask_topic"
FOLLOW_UP = "follow_up"
OUT_OF_SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"
# Which entity tells the second half of a retrieval intent.
DETAIL_ENTITIES = {
    "ask_topic": "topic",
    "follow_up": "aspect",
    "try_iris": "experiment",
    "show_picture": "picture",
}
# What a message can ask for beside something else; "yes" or "thanks" beside it is no request.
REQUESTS = (
    "ask_topic",
    "list_topics",
    "ask_accuracy",
    "predict_iris",
    "try_iris",
    "show_picture",
    "classify_review",
    "ask_help",
)
# Half a message asks for these only if it speaks to the assistant.
ABOUT_ASSISTANT = ("ask_help", "list_topics")
ADDRESSES = re.compile(r"\b(?:you|u|your|fathom|bot|chat|help|topics?|subjects?|commands?)\b", re.I)
# The numbers of these messages measure nothing.
NO_FLOWER = (ASK_TOPIC, "ask_accuracy", "ask_help", "list_topics", FOLLOW_UP, OUT_OF_SCOPE)
FLOWER_ENTITIES = ("measurement", "k")
# What a message with a whole flower may ask for beside its species.
ELSEWHERE = ("ask_topic", "list_topics", "ask_accuracy", "classify_review", "ask_help")
# A part of a message must be as clear as this to be taken for a request of its own.
CLEAR = 0.5
FEW_WORDS = 3
# How much likelier than alone a message that leans on the conversation is about a related topic,
# and how much less about any other; chosen on dialogues that are no test any more.
NEAREST, NEAR, FAR, UNLIKELY = 5.0, 2.5, 0.5, 0.15
SUPPORTED = 0.02
OVERWHELMING = 0.97
# These lean on nothing, however few their words are.
COMPLETE = (
    "greet",
    "goodbye",
    "thank",
    "affirm",
    "deny",
    "cancel",
    "give_feedback",
    "list_topics",
    "ask_accuracy",
    "classify_review",
    "predict_iris",
    "try_iris",
    "show_picture",
)
NEARLY_CLEAR = 0.3
# A term in a question such as "what is SHAP" is as good as this; only a surer model overrides it.
CERTAIN = 0.8

Ranking = list[dict[str, Any]]


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
        return {"answer_threshold": 0.4, "offer_threshold": 0.2, "most_offers": 3}

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
        text, entities = message.get(TEXT) or "", message.get(ENTITIES, [])
        reads_a_review = any(entity["entity"] == "review" for entity in entities)
        if not reads_a_review:
            text = without_leaning(text)
        parts = [] if reads_a_review else [part for part in requests_in(text) if part != text]
        wanted = None if reads_a_review or parts else side_of(text)
        texts = [text, *parts, *([wanted] if wanted else [])]
        subject = context.subject if context and not reads_a_review else None
        leaning = context if context and not reads_a_review and leans(text) else None
        if leaning:
            texts.append(filled_in(text, leaning.title))
        readings = self._model.read(texts)
        rankings = [[_entry(*guess) for guess in reading.ranking] for reading in readings]
        likely = dict(zip(texts, (reading.field for reading in readings), strict=True))
        if wanted and _names_topic(side := rankings.pop(len(parts) + 1)):
            rankings[0] = side
            likely[text] = likely[wanted]
        declined = rankings[0][0]["name"] == OUT_OF_SCOPE
        if leaning:
            rankings[0] = _leaning(rankings[0], rankings.pop(), leaning, text)
        whole, *rankings = [
            _with_term(part, ranked) for part, ranked in zip(texts, rankings, strict=False)
        ]
        ranking, others = whole, _distinct(parts, rankings)
        if holds_flower(entities):
            others = [other for other in others if other[1][0]["name"] in ELSEWHERE]
        elif len(others) > 1 or (others and _is_less_clear(whole, others[0][1])):
            text, ranking = others.pop(0)
            entities = _of_part(text, ranking, entities)
        else:
            others = []
        ranking = self._with_aspect(text, ranking)
        best = ranking[0]
        answerable = best["confidence"] >= self._config["answer_threshold"]
        about_current = best["name"] == ASK_TOPIC and best.get("detail") == subject
        if about_current and (leaning or not answerable):
            best = _follow_up(_aspect_of(text), max(best["confidence"], CLEAR))
            ranking = [best, *ranking[1:]]
        elif leaning and not answerable and not declined:
            best = _follow_up(_aspect_of(text))
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

    def _with_aspect(self, text: str, ranking: Ranking) -> Ranking:
        """Put a follow-up first where a few words can be nothing else: "in dl", "exmple pls"."""
        best = ranking[0]
        if switches_field(text):
            return [_follow_up("other_field"), *ranking]
        if asks_how(text):
            return [_follow_up("how"), *ranking]
        sure = best["name"] in REQUESTS and best["confidence"] >= self._config["answer_threshold"]
        if asks_simpler(text) and not sure:
            return [_follow_up("simple"), *ranking]
        # Said after an answer it is harmless, said before one it asks what it is about.
        if best["name"] == FOLLOW_UP and len(text.split()) <= FEW_WORDS:
            return [{**best, "confidence": max(best["confidence"], CLEAR)}, *ranking[1:]]
        return ranking


def _follow_up(aspect: str, confidence: float = CLEAR) -> dict[str, Any]:
    return {"name": FOLLOW_UP, "confidence": confidence, "detail": aspect}


def _aspect_of(text: str) -> str:
    """Return which side a question asks for that is about the current topic."""
    if aspect := find_aspect(text):
        return aspect
    return "other_field" if find_field(text) else "more"


def _names_topic(ranking: Ranking) -> bool:
    return ranking[0]["name"] == ASK_TOPIC and ranking[0]["confidence"] >= CLEAR


def _leaning(alone: Ranking, filled: Ranking, context: Context, text: str) -> Ranking:
    """Weigh what a message says alone by how likely a conversation goes on to it."""
    best = alone[0]
    if best["confidence"] >= (OVERWHELMING if refers(text) else CERTAIN):
        return alone
    if best["name"] in COMPLETE and best["confidence"] >= NEARLY_CLEAR:
        return alone
    onward = filled[0]
    if (
        onward.get("detail") in context.near - {context.subject}
        and onward["confidence"] >= CLEAR > best["confidence"]
    ):
        return filled
    supported = {
        entry.get("detail") for entry in filled if entry["confidence"] >= SUPPORTED
    }  # by the message with the topic's title in it

    def weight(entry: dict[str, Any]) -> float:
        if entry["name"] == "ask_help" and not ADDRESSES.search(text):
            return UNLIKELY
        if entry["name"] != ASK_TOPIC:
            return 1.0
        if entry["detail"] == context.subject:
            return NEAR
        if entry["detail"] in context.near:
            return NEAREST if entry["detail"] in supported else NEAR
        return UNLIKELY if refers(text) else FAR

    weighed = [{**entry, "confidence": entry["confidence"] * weight(entry)} for entry in alone]
    total = sum(entry["confidence"] for entry in weighed)
    shares = [{**entry, "confidence": entry["confidence"] / total} for entry in weighed]
    return sorted(shares, key=lambda entry: -entry["confidence"])


def _with_term(text: str, ranking: Ranking) -> Ranking:
    """Put the subject that the text names by a term first, unless the model is certain."""
    term = find_term(text)
    best = ranking[0]
    if term is None or (best["name"] == ASK_TOPIC and best["confidence"] >= CERTAIN):
        return ranking
    named = {
        "name": ASK_TOPIC,
        "confidence": CERTAIN if term.exact else CLEAR,
        "detail": term.subject,
    }
    return [named, *(entry for entry in ranking if entry.get("detail") != term.subject)]


def _distinct(parts: list[str], rankings: list[Ranking]) -> list[tuple[str, Ranking]]:
    """Return the parts that clearly ask for something, each thing once."""
    found: dict[tuple[Any, Any], tuple[str, Ranking]] = {}
    for part, ranking in zip(parts, rankings, strict=True):
        best = ranking[0]
        if best["name"] in ABOUT_ASSISTANT and not ADDRESSES.search(part):
            continue  # "what to do" and "how to choose" go with the rest of the message
        if best["name"] in REQUESTS and best["confidence"] >= CLEAR:
            found.setdefault((best["name"], best.get("detail")), (part, ranking))
    # Help is the least of what two requests can be about.
    return sorted(found.values(), key=lambda part: part[1][0]["name"] == "ask_help")


def _of_part(text: str, ranking: Ranking, whole: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entities of a part; a flower belongs to it wherever it was described."""
    found = find_entities(text)
    if ranking[0]["name"] != "predict_iris":
        return found
    kept = [entity for entity in found if entity["entity"] not in FLOWER_ENTITIES]
    return kept + [entity for entity in whole if entity["entity"] in FLOWER_ENTITIES]


def _is_less_clear(whole: Ranking, part: Ranking) -> bool:
    return whole[0]["name"] not in REQUESTS or whole[0]["confidence"] < part[0]["confidence"]


def _entity(kind: str, value: Any) -> dict[str, Any]:
    return {"entity": kind, "value": value, "extractor": "TopicClassifier"}


def _entry(label: str, score: float) -> dict[str, Any]:
    name, _, detail = label.partition("/")
    entry: dict[str, Any] = {"name": name, "confidence": score}
    return {**entry, "detail": detail} if detail else entry
