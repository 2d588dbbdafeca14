"""Find numbers, fields, aspects, models and review texts in a message."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.guard import understood
from nlu.measurements import read_numbers
from nlu.numbers import WHOLE
from nlu.phrases import find_aspect, find_field, find_models
from nlu.review_text import find_review

_NUMBER = re.compile(rf"[\d½¼¾]|\b(?:{WHOLE}|half|quarter|point|nan|k|single)\b", re.I)
_MAX_NUMERIC = 400
# The numbers of a formula measure nothing: "x^2 - 5x = 0", "17 * 23".
_FORMULA = re.compile(r"[*^{}√]|\d\s*=\s*-?\d")


def find_entities(text: str) -> list[dict[str, Any]]:
    """Return the entities of a text, in Rasa's format.

    ``measurement`` holds centimetres, with the flower's field as its role where it is said;
    ``k`` is the number of neighbours as it was written.
    """
    found: list[dict[str, Any]] = []

    def add(entity: str, value: Any, **more: Any) -> None:
        found.append({"entity": entity, "value": value, "extractor": "EntityFinder", **more})

    review = find_review(text)
    text = understood(text)
    if review is None and len(text) <= _MAX_NUMERIC and _NUMBER.search(text):
        reading = read_numbers(text)
        is_formula = _FORMULA.search(text) is not None
        for measurement in reading.measurements:
            if is_formula and measurement.field is None:
                continue
            more = {
                key: value
                for key, value in (("role", measurement.field), ("group", measurement.unit))
                if value
            }
            # NaN is no JSON; the word is.
            value = measurement.value if measurement.value == measurement.value else "nan"
            add("measurement", value, **more)
        if reading.k is not None:
            add("k", reading.k)
    if (field := find_field(text)) is not None:
        add("field", field)
    if (aspect := find_aspect(text)) is not None:
        add("aspect", aspect)
    for model in find_models(text):
        add("model", model)
    if review is not None:
        add("review", review)
    return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityFinder(GraphComponent):
    """Add the entities of ``find_entities`` to every message that is understood."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityFinder:
        """Create the component (see parent class)."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add entities; a message that the guard has decided has none."""
        for message in messages:
            if message.get(INTENT) and message.get(INTENT).get("name"):
                continue
            text = message.get(TEXT) or ""
            message.set(
                ENTITIES, message.get(ENTITIES, []) + find_entities(text), add_to_output=True
            )
        return messages
