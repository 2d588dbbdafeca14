"""The Iris demo: collect four measurements, predict, explain."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import pictures
from actions.replies import (
    active_form,
    entity_value,
    entity_values,
    intent_name,
    resume_form,
)
from models import iris

SLOTS = tuple(f"iris_{feature}" for feature in iris.FEATURES)


def read_flower(
    tracker: Tracker, known: dict[str, float], asked: str | None
) -> tuple[dict[str, float], list[tuple[str, iris.IrisError]]]:
    """Assign the measurements of the last message to features.

    Args:
        tracker: holds the message.
        known: features that already have a value.
        asked: the feature that was asked for, which a lone number answers.

    Returns:
        The values, and the features whose value cannot be used with the reason.
    """
    found = [
        entity
        for entity in tracker.latest_message.get("entities") or []
        if entity.get("entity") == "measurement"
    ]
    labelled = {entity["role"]: entity["value"] for entity in found if entity.get("role")}
    loose = [entity["value"] for entity in found if not entity.get("role")]
    free = [name for name in iris.FEATURES if name not in labelled]
    if len(loose) < len(free):
        missing = [name for name in free if name not in known]
        free = ([asked] if asked in missing else []) + [n for n in missing if n != asked]
    given = {**labelled, **dict(zip(free, loose, strict=False))}
    values: dict[str, float] = {}
    problems: list[tuple[str, iris.IrisError]] = []
    for name, value in given.items():
        try:
            values[name] = iris.parse_measurement(value)
        except iris.MeasurementError as error:
            problems.append((name, error))
    return values, problems


def recipe_of(tracker: Tracker) -> iris.Recipe:
    """Return the recipe of this conversation."""
    k = tracker.get_slot("iris_k")
    return iris.Recipe(k=int(k)) if k else iris.Recipe()


def tell_problem(
    dispatcher: CollectingDispatcher, problem: iris.IrisError, feature: str = ""
) -> None:
    """Say what is wrong with a value and what would do."""
    dispatcher.utter_message(
        response=f"utter_iris_wrong_{problem.reason}",
        feature=feature.replace("_", " "),
        given=str(problem.given),
        low=f"{problem.low:g}",
        high=f"{problem.high:g}",
    )


async def tell_prediction(
    dispatcher: CollectingDispatcher, flower: iris.Flower, recipe: iris.Recipe
) -> None:
    """Classify a flower and explain the answer."""
    prediction = await asyncio.to_thread(iris.predict, flower, recipe)
    lines = [
        f"- {neighbour.species}: {', '.join(f'{value:g}' for value in neighbour.flower.values())}"
        f" ({neighbour.distance:.2f})"
        for neighbour in prediction.neighbours[:10]
    ]
    votes = ", ".join(
        f"{name} {count}"
        for name, count in zip(iris.SPECIES, prediction.votes, strict=True)
        if count
    )
    dispatcher.utter_message(
        response="utter_iris_result",
        species=prediction.species,
        probability=f"{prediction.probability:.0%}",
        k=recipe.k,
        votes=votes,
        neighbours="\n".join(lines),
        flower=", ".join(f"{value:g}" for value in flower.values()),
    )
    if prediction.unusual:
        names = ", ".join(name.replace("_", " ") for name in prediction.unusual)
        dispatcher.utter_message(response="utter_iris_unusual", features=names)


class ValidateIrisForm(FormValidationAction):
    """Fill the form from whatever measurements a message holds, in one pass."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "validate_iris_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Return a value for each feature that was said, None for one that cannot be used.

        Without any event the form rejects, and a rule answers what the person said instead.
        """
        asked = str(tracker.get_slot("requested_slot") or "").removeprefix("iris_") or None
        known = {
            feature: value
            for feature, slot in zip(iris.FEATURES, SLOTS, strict=True)
            if (value := tracker.get_slot(slot)) is not None
        }
        events = read_k(dispatcher, tracker)
        numbers = entity_values(tracker, "measurement")
        if len(numbers) > len(iris.FEATURES):
            dispatcher.utter_message(response="utter_iris_too_many", count=len(numbers))
            return [*events, SlotSet(f"iris_{asked or iris.FEATURES[0]}", None)]
        values, problems = read_flower(tracker, known, asked)
        for feature, problem in problems:
            tell_problem(dispatcher, problem, feature)
        events += [SlotSet(f"iris_{name}", value) for name, value in values.items()]
        events += [SlotSet(f"iris_{name}", None) for name, _ in problems]
        if asked and not numbers and not events and not interrupts(tracker):
            dispatcher.utter_message(
                response="utter_iris_no_number", feature=asked.replace("_", " ")
            )
            events.append(SlotSet(f"iris_{asked}", None))
        return events


# What a person may want in the middle of the form; anything else is a failed answer to it.
_ANSWERS = ("predict_iris", "inform_measurement", "state_opinion", "nlu_fallback", "out_of_scope")


def interrupts(tracker: Tracker) -> bool:
    """Whether the last message is a request of its own, not an answer to the form."""
    return intent_name(tracker) not in _ANSWERS


def read_k(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Return the event that sets k, if the message names a usable one; say so if it is not."""
    given = entity_value(tracker, "k")
    if given is None:
        return []
    try:
        return [SlotSet("iris_k", iris.parse_k(given))]
    except iris.NeighboursError as problem:
        dispatcher.utter_message(
            response="utter_iris_wrong_k",
            given=str(given),
            low=f"{problem.low:g}",
            high=f"{problem.high:g}",
        )
        return []


class ActionPredictIris(Action):
    """Classify the flower that the form collected."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_predict_iris"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the species and make room for the next flower."""
        values = [float(tracker.get_slot(slot)) for slot in SLOTS]
        await tell_prediction(dispatcher, iris.Flower(*values), recipe_of(tracker))
        return [SlotSet("iris_flower", values), *clear_form()]


def clear_form() -> list[EventType]:
    """Return the events that empty the form's slots."""
    return [SlotSet(slot, None) for slot in SLOTS]


class ActionCorrectIris(Action):
    """Change a measurement of the last flower, or start with the one that was given."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_correct_iris"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Classify the corrected flower again; without a last flower, begin the form."""
        last = tracker.get_slot("iris_flower")
        labelled = [
            entity
            for entity in tracker.latest_message.get("entities") or []
            if entity.get("entity") == "measurement" and entity.get("role")
        ]
        if not last or not labelled:
            return [FollowupAction("iris_form")]
        known = dict(zip(iris.FEATURES, last, strict=True))
        values, problems = read_flower(tracker, known, None)
        for feature, problem in problems:
            tell_problem(dispatcher, problem, feature)
        if problems:
            return []
        flower = [values.get(feature, known[feature]) for feature in iris.FEATURES]
        await tell_prediction(dispatcher, iris.Flower(*flower), recipe_of(tracker))
        return [SlotSet("iris_flower", flower)]


class ActionSetIrisK(Action):
    """Change the number of neighbours and show what that changes."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_set_iris_k"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Set k; classify the last flower again if there is one."""
        given = entity_value(tracker, "k")
        if given is None:
            numbers = entity_values(tracker, "measurement")
            given = numbers[0] if numbers else None
        if given is None:
            dispatcher.utter_message(response="utter_iris_which_k", high=iris.training_size())
            return resume_form(tracker)
        try:
            k = iris.parse_k(given)
        except iris.NeighboursError as problem:
            dispatcher.utter_message(
                response="utter_iris_wrong_k",
                given=str(given),
                low=f"{problem.low:g}",
                high=f"{problem.high:g}",
            )
            return resume_form(tracker)
        flower = tracker.get_slot("iris_flower")
        if flower and not active_form(tracker):
            await tell_prediction(dispatcher, iris.Flower(*flower), iris.Recipe(k=k))
        else:
            dispatcher.utter_message(response="utter_iris_k_set", k=k)
        return [SlotSet("iris_k", k), *resume_form(tracker)]


class ActionShowIrisNeighbours(Action):
    """Show the flowers that decided the last answer."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_show_iris_neighbours"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the last prediction again, with a picture of where the flower lies."""
        values = tracker.get_slot("iris_flower")
        if not values:
            dispatcher.utter_message(response="utter_iris_no_flower_yet")
            return resume_form(tracker)
        flower, recipe = iris.Flower(*values), recipe_of(tracker)
        await tell_prediction(dispatcher, flower, recipe)
        name = await asyncio.to_thread(_draw_among_all, flower, recipe)
        dispatcher.utter_message(response="utter_iris_among_all", image=name)
        return resume_form(tracker)


def _draw_among_all(flower: iris.Flower, recipe: iris.Recipe) -> str:
    # matplotlib takes seconds to import, so only who asks for a picture waits for it.
    from models.iris.pictures import flower_among_all

    return pictures.store(flower_among_all(iris.predict(flower, recipe)))
