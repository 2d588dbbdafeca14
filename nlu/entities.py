"""Find numbers and a sum in a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from models.iris.text import (
    WHOLE,
    named_row,
    named_unit,
    names_sepal,
    read_experiment,
    read_numbers,
    takes_back,
)
from nlu.arithmetic import read_sum
from nlu.guard import understood
from nlu.intents import INTENTS

_NUMBER = re.compile(rf"[\d½¼¾]|\b(?:{WHOLE}|half|quarter|point|nan|k|single)\b", re.I)
# A longer text is about flowers only if it is a table of them, and no table is longer than that.
_MAX_NUMERIC, _LONGEST_TABLE = 400, 4_000
# The numbers of a formula measure nothing: "x^2 - 5x = 0", "17 * 23".
_FORMULA = re.compile(r"[*^√]|\d\s*=\s*-?\d")
# So many values are about a flower, whatever else is said.
ENOUGH = 3


def find_entities(text: str) -> list[dict[str, Any]]:
    """Return the entities of a text, in Rasa's format.

    ``measurement`` holds centimetres, with the flower's field as its role where it is said;
    ``flowers`` holds, of two flowers or more, the four values of each in centimetres and in the
    usual order, None where one is left open; the measurements are then those of the first.
    ``k`` is the number of neighbours as it was written; ``sum`` what is to be computed.
    """
    text = understood(text)
    if (found := read_sum(text)) is not None:
        return [entity("sum", asdict(found))]
    if len(text) > _LONGEST_TABLE or not _NUMBER.search(text):
        return []
    reading = read_numbers(text)
    if len(text) > _MAX_NUMERIC and not reading.flowers:
        return []
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
    if reading.flowers:
        entities.append(entity("flowers", [list(flower) for flower in reading.flowers]))
    return [*entities, *(entity("k", k) for k in reading.ks)]


def of_demonstration(text: str, intent: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what an experiment or a measurement says beside its numbers, by entity."""
    row = named_row(text)
    said: dict[str, Any] = {"row": row} if row and INTENTS[intent].of_lab else {}
    if intent in ("try_iris", "set_k", "show_picture"):
        said["values"] = asdict(read_experiment(text))
    elif any(each["entity"] == "measurement" for each in entities):
        # More than two fields are a whole flower, whose parts nobody has to guess.
        fields = {each["role"] for each in entities if each.get("role")}
        said["corrects"] = takes_back(text)
        said["names_sepal"] = names_sepal(text) or len(fields) > 2
    elif intent == "inform_measurement" and (unit := named_unit(text)):
        said["unit"] = unit
    return said


def holds_flower(entities: Sequence[dict[str, Any]]) -> bool:
    """Whether a message gives enough measurements to be about a flower, whatever it asks."""
    return [each["entity"] for each in entities].count("measurement") >= ENOUGH


def entity(name: str, value: Any, **more: Any) -> dict[str, Any]:
    """Return an entity in Rasa's format."""
    return {"entity": name, "value": value, "extractor": "nlu", **more}
