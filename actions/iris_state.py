"""What one conversation knows about its flower, its recipe and its last experiment."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import entity_value, percent
from models import iris
from models.iris.text import CENTIMETRES, Experiment

SLOTS = tuple(f"iris_{feature}" for feature in iris.FEATURES)

MOST_FLOWERS, MOST_TRIED = 20, 8

# What an experiment changes in the recipe, where its words say no more.
CHANGES: dict[str, dict[str, Any]] = {
    "scale": {"scaled": True},
    "unscale": {"scaled": False},
    **{metric: {"metric": metric} for metric in iris.METRICS},
    "by_distance": {"weighted": True},
    "equal_votes": {"weighted": False},
    "petals": {"features": "petals"},
    "sepals": {"features": "sepals"},
    "all_features": {"features": "all"},
    "reset": asdict(iris.Recipe()),
}

Problems = list[tuple[str, iris.IrisError]]


def recipe_of(tracker: Tracker) -> iris.Recipe:
    """Return the recipe of this conversation, the article's where nothing was changed."""
    kept = {name: tracker.get_slot(f"iris_{name}") for name in asdict(iris.Recipe())}
    return iris.Recipe(**{name: value for name, value in kept.items() if value is not None})


def remember_recipe(tracker: Tracker, recipe: iris.Recipe) -> list[EventType]:
    """Return the events that keep a recipe for this conversation, and the one before it."""
    before = recipe_of(tracker)
    if recipe == before:
        return []
    tried = tracker.get_slot("iris_tried") or [asdict(before)]
    kept = {**asdict(recipe), "before": asdict(before)}
    kept["tried"] = [*(each for each in tried if each != asdict(recipe)), asdict(recipe)][
        -MOST_TRIED:
    ]
    return [SlotSet(f"iris_{name}", value) for name, value in kept.items()]


def changed_by(wish: dict[str, Any], recipe: iris.Recipe) -> iris.Recipe:
    """Return a recipe with what a wish sets: ``k``, or ``experiment`` with its ``values``.

    Raises:
        NeighboursError: if the k that is named cannot be used.
        TestShareError: if the share cannot.
        SeedError: if the seed cannot.
    """
    if "experiment" not in wish:
        return replace(recipe, k=iris.parse_k(wish["k"], recipe))
    kind, values = wish["experiment"], Experiment(**(wish.get("values") or {}))
    if kind == "another_split":
        return replace(recipe, seed=iris.parse_seed(values.seed or str(recipe.seed + 1)))
    if kind == "split" and values.share is not None:
        return replace(recipe, test_share=iris.parse_test_share(values.share))
    return replace(recipe, **CHANGES.get(kind, {}))


def recipe_asked(dispatcher: CollectingDispatcher, tracker: Tracker) -> iris.Recipe:
    """Return the recipe with the k and the settings that the message names beside its wish."""
    recipe, given = recipe_of(tracker), entity_value(tracker, "k")
    named = [] if given is None else [{"k": given}]
    for wish in (*(entity_value(tracker, "settings") or ()), *named):
        try:
            recipe = changed_by(wish, recipe)
        except iris.IrisError as problem:
            tell_wrong_setting(dispatcher, problem, recipe)
    if recipe.k > (training := iris.training_size(recipe)):
        response = "utter_iris_split_too_small"
        dispatcher.utter_message(response=response, training=str(training), k=recipe.k)
        return recipe_of(tracker)
    return recipe


def tell_wrong_setting(
    dispatcher: CollectingDispatcher, problem: iris.IrisError, recipe: iris.Recipe
) -> None:
    """Say what is wrong with a k, a share or a seed, and which are allowed."""
    response, low, high = "utter_iris_wrong_seed", f"{problem.low:.0f}", f"{problem.high:.0f}"
    if isinstance(problem, iris.NeighboursError):
        response = "utter_iris_wrong_k"
    elif isinstance(problem, iris.TestShareError):
        response = "utter_iris_wrong_share"
        low, high = percent(1 - problem.high), percent(1 - problem.low)
    given = str(problem.given)
    dispatcher.utter_message(response=response, given=given, low=low, high=high, k=recipe.k)


def row_of(tracker: Tracker) -> int | None:
    """Return the place of the flower that the message names among several, if it names one.

    Beside a bare number a place is that of a measurement: "the first was 4.9".
    """
    if not all(entity.get("role") for entity in measurements(tracker)):
        return None
    rows, row = tracker.get_slot("iris_rows") or [], int(entity_value(tracker, "row") or 0)
    place = row - 1 if row > 0 else row + len(rows)
    return place if row and 0 <= place < len(rows) else None


def values_of(tracker: Tracker) -> dict[str, float] | None:
    """Return what is known of the flower that is meant, the named one or the last, by feature."""
    place = row_of(tracker)
    values = tracker.get_slot("iris_flower" if place is None else "iris_rows")
    if place is not None:
        values = values[place]
    named = zip(iris.FEATURES, values or (), strict=False)
    return {name: value for name, value in named if value is not None} or None


def flower_of(tracker: Tracker) -> iris.Flower | None:
    """Return the flower that is meant, None if there is none or a value is open."""
    values = values_of(tracker) or {}
    return iris.Flower(**values) if len(values) == len(iris.FEATURES) else None


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
    loose = [_in_millimetres_too(tracker, entity) for entity in found if not entity.get("role")]
    if not labelled and (name := corrected(tracker, known)):
        asked, loose = name, loose[-1:]
        known = {other: value for other, value in known.items() if other != name}
    free = [name for name in iris.FEATURES if name not in labelled]
    if len(loose) < len(free):
        missing = [name for name in free if name not in known]
        free = ([asked] if asked in missing else []) + [n for n in missing if n != asked]
    given = {**labelled, **dict(zip(free, loose, strict=False))}
    if not found and (unit := entity_value(tracker, "unit")):  # "that was in inches"
        given = {name: round(value * CENTIMETRES[unit], 2) for name, value in known.items()}
    values: dict[str, float] = {}
    problems: Problems = []
    for name, value in given.items():
        try:
            values[name] = iris.parse_measurement(value)
        except iris.MeasurementError as error:
            problems.append((name, error))
    return values, problems


def corrected(tracker: Tracker, known: dict[str, float]) -> str | None:
    """Return the feature that a bare number corrects: "make the last one 1.3", "no, 1.8".

    It is the one of the named place, the one whose value is given before, or the last one given.
    """
    found, row = measurements(tracker), int(entity_value(tracker, "row") or 0)
    if len(found) == 1 and 0 < abs(row) <= len(iris.FEATURES):
        return iris.FEATURES[row - (row > 0)]
    if not entity_value(tracker, "corrects"):
        return None
    if len(found) == 1:
        return last_filled(tracker) or tracker.get_slot("iris_answered")
    same = [name for name, value in known.items() if value == found[0]["value"]] if found else []
    return same[0] if len(found) == 1 + len(same) == 2 else None


def _in_millimetres_too(tracker: Tracker, entity: dict[str, Any]) -> Any:
    """Return a value in cm: who began in millimetres goes on in them, if it is a whole number."""
    value = entity["value"]
    goes_on = tracker.get_slot("iris_units") == ["mm"] and not entity.get("group")
    return value / 10 if goes_on and isinstance(value, float) and value.is_integer() else value


def _of_asked_part(name: str, known: dict[str, float], asked: str | None, said: bool) -> str:
    """Return the petal's feature where "the width" was said while the petal is asked for."""
    if said or not (asked or "").startswith("petal") or name not in known:
        return name
    return name.replace("sepal", "petal")


def rows_of(tracker: Tracker) -> list[dict[str, float | None]]:
    """Return the several flowers of the last message, by feature in cm; None for a value not said.

    A value that no flower can have counts as not said.
    """
    found, size = measurements(tracker), len(iris.FEATURES)
    bare = [entity["value"] for entity in found if not entity.get("role")]
    rows = entity_value(tracker, "flowers") or []
    if not rows and len(bare) == len(found) and len(bare) % size == 0:
        rows = [bare[start : start + size] for start in range(0, len(bare), size)]
    read = [dict(zip(iris.FEATURES, map(_usable, row), strict=True)) for row in rows]
    return read if len(read) > 1 else []


def _usable(value: object) -> float | None:
    try:
        return None if value is None else iris.parse_measurement(value)
    except iris.MeasurementError:
        return None


def clear_form() -> list[EventType]:
    """Return the events that empty the form's slots."""
    return [SlotSet(slot, None) for slot in (*SLOTS, "iris_units")]


def talks_of_flower(tracker: Tracker) -> bool:
    """Whether the flower was spoken of later than any topic."""
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("value") is not None:
            if event.get("name") == "iris_experiment":
                return True
            if event.get("name") == "knowledge_recent":
                return False
    return False
