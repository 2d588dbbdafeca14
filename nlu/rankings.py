"""What the words of a message are most likely to ask for, best first, and what changes that."""

from __future__ import annotations

import re
from typing import Any

from nlu.context import Context, refers
from nlu.entities import find_entities
from nlu.phrases import find_aspect, find_field, switches_field

Ranking = list[dict[str, Any]]

ASK_TOPIC = "ask_topic"
FOLLOW_UP = "follow_up"
OUT_OF_SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"
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
FLOWER_ENTITIES = ("measurement", "k")
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
# So sure a reading of the words stands, whatever was spoken of before.
CERTAIN = 0.8


def with_aspect(text: str, ranking: Ranking) -> Ranking:
    """Put a follow-up first where a few words can be nothing else: "in dl", "exmple pls".

    Args:
        text: the message.
        ranking: what its words are likely to ask for.
    """
    best = ranking[0]
    if switches_field(text):
        return [follow_up("other_field"), *ranking]
    # Said after an answer it is harmless, said before one it asks what it is about.
    if best["name"] == FOLLOW_UP and len(text.split()) <= FEW_WORDS:
        return [{**best, "confidence": max(best["confidence"], CLEAR)}, *ranking[1:]]
    return ranking


def follow_up(aspect: str, confidence: float = CLEAR) -> dict[str, Any]:
    """Return the entry of a question about another side of the current topic."""
    return {"name": FOLLOW_UP, "confidence": confidence, "detail": aspect}


def aspect_of(text: str) -> str:
    """Return which side a question asks for that is about the current topic."""
    if aspect := find_aspect(text):
        return aspect
    return "other_field" if find_field(text) else "more"


def weigh_leaning(alone: Ranking, filled: Ranking, context: Context, text: str) -> Ranking:
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


def distinct(parts: list[str], rankings: list[Ranking]) -> list[tuple[str, Ranking]]:
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


def of_part(text: str, ranking: Ranking, whole: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entities of a part; a flower belongs to it wherever it was described."""
    found = find_entities(text)
    if ranking[0]["name"] != "predict_iris":
        return found
    kept = [entity for entity in found if entity["entity"] not in FLOWER_ENTITIES]
    return kept + [entity for entity in whole if entity["entity"] in FLOWER_ENTITIES]


def is_less_clear(whole: Ranking, part: Ranking) -> bool:
    """Whether a message as a whole says less clearly what it asks for than a part of it."""
    return whole[0]["name"] not in REQUESTS or whole[0]["confidence"] < part[0]["confidence"]


def entry_of(label: str, score: float) -> dict[str, Any]:
    """Return a label of the model with its probability in the form of Rasa's rankings."""
    name, _, detail = label.partition("/")
    found: dict[str, Any] = {"name": name, "confidence": score}
    return {**found, "detail": detail} if detail else found
