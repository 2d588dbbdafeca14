"""Find numbers, a sum and a review in a message."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from models.iris.text import WHOLE, names_sepal, read_experiment, read_numbers, takes_back
from nlu.arithmetic import read_sum
from nlu.guard import understood
from nlu.review_text import find_review

_NUMBER = re.compile(rf"[\d½¼¾]|\b(?:{WHOLE}|half|quarter|point|nan|k|single)\b", re.I)
_MAX_NUMERIC = 400
# The numbers of a formula measure nothing: "x^2 - 5x = 0", "17 * 23".
_FORMULA = re.compile(r"[*^{}√]|\d\s*=\s*-?\d")


def find_entities(text: str) -> list[dict[str, Any]]:
    """Return the entities of a text, in Rasa's format.

    ``measurement`` holds centimetres, with the flower's field as its role where it is said;
    ``k`` is the number of neighbours as it was written; ``sum`` what is to be computed.
    """
    review = find_review(text)
    if review is not None:
        return [entity("review", review)]
    text = understood(text)
    if (found := read_sum(text)) is not None:
        return [entity("sum", asdict(found))]
    if len(text) > _MAX_NUMERIC or not _NUMBER.search(text):
        return []
    reading = read_numbers(text)
    is_formula = _FORMULA.search(text) is not None
    entities = [
        entity(
            "measurement",
            # NaN is no JSON; the word is.
            measured.value if measured.value == measured.value else "nan",
            **{
                key: value
                for key, value in (("role", measured.field), ("group", measured.unit))
                if value
            },
        )
        for measured in reading.measurements
        if measured.field or not is_formula
    ]
    return entities if reading.k is None else [*entities, entity("k", reading.k)]


def of_demonstration(text: str, intent: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what an experiment or a measurement says beside its numbers, by entity."""
    if intent in ("try_iris", "set_k", "show_picture"):
        return {"values": asdict(read_experiment(text))}
    if any(each["entity"] == "measurement" for each in entities):
        return {"corrects": takes_back(text), "names_sepal": names_sepal(text)}
    return {}


def entity(name: str, value: Any, **more: Any) -> dict[str, Any]:
    """Return an entity in Rasa's format."""
    return {"entity": name, "value": value, "extractor": "nlu", **more}
