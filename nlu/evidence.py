"""What the numbers and texts in a message say about its intent, whatever the words are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from models.iris.text import NUMBER, takes_back

# At or above this the classifier's own reading of the words stands.
SURE = 0.6
# At or above this a text without any label of a flower is outside, whatever numbers it holds.
CERTAIN = 0.9
OUTSIDE = "out_of_scope"
FLOWER = 3
# Numbers in these are no measurements: "train on 60 %", "compare k = 1, 3, 5".
EXPERIMENTS = ("try_iris", "show_picture")
# "What is the 42 about" gives no width; "what about 3.5" does.
_QUESTION = re.compile(r"\W*(?:what|why|how|who|when|which|where)\b(?! (?:about|if))", re.I)
# A value that differs from those of the last flower: "same flower but petal width 1.6".
_CHANGE = re.compile(r"\b(?:same|but|now|instead|change|set|what if|make|only)\b", re.I)
_LONE_NUMBER = re.compile(r"\W*\d+(?:[.,]\d+)?\W*")
# Numbers of a flower stand side by side; those of a sentence do not.
_SIDE_BY_SIDE = re.compile(
    rf"(?:{NUMBER}\s{{0,3}}(?:cm|mm|in(?:ch(?:es)?)?|\"|″)?(?:[\s,;/|xX×-]|and|by){{1,9}}){{2}}-?[.,]?\d"
)
_OF_FLOWER = re.compile(
    r"\b(?:iris(?:es)?|flowers?|sepals?|petals?|plant|specimen|cm|mm|inch(?:es)?|in)\b", re.I
)
_A_SENTENCE = 5
# Neither a number nor a wish to stop: "hm dunno, let me measure".
_PUTS_OFF = re.compile(
    r"\W*(?:(?:ok(?:ay)?|hm+|uh+|um+|er+m?|oh|well|sorry|hang on|please)\W+)*"
    r"(?:wait|one (?:sec\w*|moment|min\w*)|(?:a|just a) (?:sec\w*|moment|min\w*)|hold on|let me"
    r"|hang on"
    r"|dunno|idk|(?:i )?(?:don'?t|do not) know|(?:i'?m )?not sure|no (?:idea|clue)"
    r"|(?:i )?(?:have|need|forgot|must) to measure)\b",
    re.I,
)
_TRIES = re.compile(
    r"\W*(?:(?:and|ok|so|now|but)\W+)*(?:what (?:if|about)|let|use|try|take|only|just|set)\b", re.I
)
_IN_CODE = re.compile(r"predict\(\s*\[")
_ONLY_K = re.compile(
    r"\W*(?:(?:and|ok|now|with|use|try|same|for)\W+)*k\W*\d+(?:\W+(?:please|pls|now|then))*\W*",
    re.I,
)
# "Classify a flower with k=7" begins, "with k=7" changes.
_NEW_FLOWER = re.compile(
    r"\b(?:classify|identify|predict|recogni[sz]e|name)\b.{0,60}\b(?:an?|my|new|another)\b"
    r".{0,60}\b(?:iris|flower|plant)\b",
    re.I,
)
_WORDS = re.compile(r"[^\W\d_]+")
_FLOWER_WORDS = re.compile(
    r"(?:and|by|x|cm|mm|in|inch\w*|about|around|is|its|it|s|the|of|no|a|sepals?|petals?|length|width|long|wide"
    r"|nan|point|zero|one|two|three|four|five|six|seven|eight|nine|half|k|with|centi\w*|milli\w*)",
    re.I,
)


# Nobody asks for the Iris demo in so many words without a number.
_A_STORY = 25


def holds_flower(entities: Sequence[dict[str, Any]]) -> bool:
    """Whether a message gives enough measurements to be about a flower, whatever it asks."""
    return sum(entity["entity"] == "measurement" for entity in entities) >= FLOWER


def settle(
    intent: str,
    confidence: float,
    entities: Sequence[dict[str, Any]],
    text: str,
    asked: str | None = None,
) -> str:
    """Return the intent once the entities are taken into account.

    Args:
        intent: what the classifier reads in the words.
        confidence: how sure it is.
        entities: what was found in the message.
        text: the message.
        asked: the form that waits for an answer.
    """
    unsure = intent != "ask_concept" or confidence < SURE
    if asked == "iris_form" and not entities and unsure and _PUTS_OFF.match(text):
        return "inform_measurement"
    if asked is None and _LONE_NUMBER.fullmatch(text):
        return "lone_number"
    if any(entity["entity"] == "sum" for entity in entities):
        return "work_sum"
    found: dict[str, list[dict[str, Any]]] = {}
    for entity in entities:
        found.setdefault(entity["entity"], []).append(entity)
    measurements = found.get("measurement", [])
    labelled = [entity for entity in measurements if entity.get("role")]
    if _IN_CODE.search(text) and len(measurements) >= FLOWER:
        return "predict_iris"
    if intent == "predict_iris" and not found and len(text.split()) >= _A_STORY:
        return "nlu_fallback"
    about_topic = intent in ("ask_concept", "follow_up", "ask_accuracy") and confidence >= SURE
    if (labelled or len(measurements) >= FLOWER) and not _QUESTION.match(text):
        about_topic = False  # nobody asks about the field with a flower in hand
    other_wish = intent in EXPERIMENTS or (intent == OUTSIDE and confidence >= CERTAIN)
    # Who is asked for a number gives one.
    if asked == "iris_form" and measurements and not _QUESTION.match(text) and not other_wish:
        return "inform_measurement" if len(measurements) < FLOWER else "predict_iris"
    if "review" in found and not about_topic and len(measurements) < FLOWER:
        return "classify_review"
    tries = "k" in found and (_TRIES.match(text) or _NEW_FLOWER.search(text))
    if about_topic and not tries:
        return intent
    if "k" in found and not measurements and _ONLY_K.fullmatch(text):
        return "set_k"
    if intent in EXPERIMENTS and not labelled:
        return intent
    if _QUESTION.match(text) and not labelled and len(measurements) < FLOWER and "k" not in found:
        return intent
    if "k" in found and not measurements:
        return "predict_iris" if _NEW_FLOWER.search(text) else "set_k"
    if len(measurements) == 1 and not labelled and text.rstrip().endswith("?") and not asked:
        return intent
    other = [word for word in _WORDS.findall(text) if not _FLOWER_WORDS.fullmatch(word)]
    if intent == OUTSIDE and confidence >= CERTAIN and len(other) > 1 and not labelled:
        return intent
    if 0 < len(labelled) < FLOWER and (_CHANGE.search(text) or takes_back(text)):
        return "inform_measurement"
    a_sentence = len(other) >= _A_SENTENCE and not labelled
    if a_sentence and not _SIDE_BY_SIDE.search(text) and not _OF_FLOWER.search(text):
        return intent
    if len(measurements) >= FLOWER or len(labelled) >= 2:
        return (
            intent if intent == "inform_measurement" and len(measurements) < 4 else "predict_iris"
        )
    if "k" in found:
        return "predict_iris"
    if measurements and (labelled or len(other) <= 1) and intent != "predict_iris":
        return "inform_measurement"
    return intent
