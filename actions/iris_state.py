"""What one conversation knows about its flower, its recipe and its last experiment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.replies import entity_value
from models import iris

SLOTS = tuple(f"iris_{feature}" for feature in iris.FEATURES)

Problems = list[tuple[str, iris.IrisError]]


def recipe_of(tracker: Tracker) -> iris.Recipe:
    """Return the recipe of this conversation, the article's where nothing was changed."""
    article = iris.Recipe()
    k, seed = tracker.get_slot("iris_k"), tracker.get_slot("iris_seed")
    share = tracker.get_slot("iris_test_share")
    return iris.Recipe(
        k=article.k if k is None else int(k),
        test_share=article.test_share if share is None else float(share),
        seed=article.seed if seed is None else int(seed),
        scaled=bool(tracker.get_slot("iris_scaled")),
    )


def remember_recipe(recipe: iris.Recipe) -> list[EventType]:
    """Return the events that keep a recipe for this conversation."""
    return [SlotSet(f"iris_{name}", value) for name, value in asdict(recipe).items()]


def flower_of(tracker: Tracker) -> iris.Flower | None:
    """Return the last flower that was classified in this conversation, if any."""
    values = tracker.get_slot("iris_flower")
    return iris.Flower(*values) if values else None


def remember_experiment(kind: str, ks: tuple[int, ...] = ()) -> EventType:
    """Return the event that keeps what was just done, so that its code can be shown."""
    return SlotSet("iris_experiment", {"kind": kind, "ks": list(ks)})


def known_values(tracker: Tracker) -> dict[str, float]:
    """Return the measurements that the form has so far."""
    return {
        feature: float(value)
        for feature, slot in zip(iris.FEATURES, SLOTS, strict=True)
        if (value := tracker.get_slot(slot)) is not None
    }


def measurements(tracker: Tracker) -> list[dict[str, Any]]:
    """Return the measurement entities of the last message."""
    found = tracker.latest_message.get("entities") or []
    return [entity for entity in found if entity.get("entity") == "measurement"]


def converted_units(tracker: Tracker) -> list[str]:
    """Return the units of the last message that had to be converted to centimetres."""
    units = [entity.get("group") for entity in measurements(tracker)]
    return sorted({str(unit) for unit in units if unit and unit != "cm"})


def corrects(tracker: Tracker) -> bool:
    """Whether the words of the last message take something back."""
    return bool(entity_value(tracker, "corrects"))


def last_filled(tracker: Tracker) -> str | None:
    """Return the feature that the last values filled, None if they were several or refused."""
    filled: set[str] = set()
    for event in reversed(tracker.events):
        if event.get("event") == "user" and filled:
            break
        if event.get("event") == "slot" and event.get("name") in SLOTS:
            if event.get("value") is None:
                return None
            filled.add(str(event["name"]).removeprefix("iris_"))
    return filled.pop() if len(filled) == 1 else None


def given_alone(tracker: Tracker) -> str | None:
    """Return the feature that the last message filled, None if it filled several."""
    filled: set[str] = set()
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "slot" and event.get("name") in SLOTS:
            filled.add(str(event["name"]).removeprefix("iris_"))
    return filled.pop() if len(filled) == 1 else None


def read_flower(
    tracker: Tracker, known: dict[str, float], asked: str | None
) -> tuple[dict[str, float], Problems]:
    """Assign the measurements of the last message to features.

    Args:
        tracker: holds the message.
        known: features that already have a value.
        asked: the feature that was asked for, which a lone number answers.

    Returns:
        The values, and the features whose value cannot be used with the reason.
    """
    found = measurements(tracker)
    said_sepal = bool(entity_value(tracker, "names_sepal"))
    labelled = {
        _of_asked_part(entity["role"], known, asked, said_sepal): entity["value"]
        for entity in found
        if entity.get("role")
    }
    loose = [entity["value"] for entity in found if not entity.get("role")]
    if len(loose) == 1 and not labelled and corrects(tracker) and (last := last_filled(tracker)):
        asked, known = last, {name: value for name, value in known.items() if name != last}
    free = [name for name in iris.FEATURES if name not in labelled]
    if len(loose) < len(free):
        missing = [name for name in free if name not in known]
        free = ([asked] if asked in missing else []) + [n for n in missing if n != asked]
    given = {**labelled, **dict(zip(free, loose, strict=False))}
    values: dict[str, float] = {}
    problems: Problems = []
    for name, value in given.items():
        try:
            values[name] = iris.parse_measurement(value)
        except iris.MeasurementError as error:
            problems.append((name, error))
    return values, problems


def _of_asked_part(name: str, known: dict[str, float], asked: str | None, said: bool) -> str:
    """Return the petal's feature where "the width" was said while the petal is asked for."""
    if said or not (asked or "").startswith("petal") or name not in known:
        return name
    return name.replace("sepal", "petal")


def two_flowers(found: list[dict[str, Any]]) -> list[iris.Flower]:
    """Return the two flowers that eight bare numbers describe, none for anything else."""
    size = len(iris.FEATURES)
    if len(found) != 2 * size or any(entity.get("role") for entity in found):
        return []
    try:
        values = [iris.parse_measurement(entity["value"]) for entity in found]
    except iris.MeasurementError:
        return []
    return [iris.Flower(*values[:size]), iris.Flower(*values[size:])]


def fill_form(flower: iris.Flower) -> list[EventType]:
    """Return the events that give the form a whole flower."""
    return [SlotSet(slot, value) for slot, value in zip(SLOTS, flower.values(), strict=True)]


def clear_form() -> list[EventType]:
    """Return the events that empty the form's slots."""
    return [SlotSet(slot, None) for slot in SLOTS]


def talks_of_flower(tracker: Tracker) -> bool:
    """Whether the flower was spoken of later than any topic."""
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("value") is not None:
            if event.get("name") == "iris_experiment":
                return True
            if event.get("name") == "knowledge_recent":
                return False
    return False
