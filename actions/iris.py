"""The Iris demo: collect four measurements, predict, explain, correct."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import drawing
from actions.iris_state import (
    MOST_FLOWERS,
    SLOTS,
    clear_form,
    converted_units,
    corrected,
    known_values,
    last_filled,
    measurements,
    read_flower,
    recipe_asked,
    recipe_of,
    remember_experiment,
    remember_recipe,
    row_of,
    rows_of,
    values_of,
)
from actions.iris_telling import recipe_values, tell_prediction, tell_problem, tell_table
from actions.replies import active_form, entity_value, intent_name, spoken
from actions.wishes import Named, do_also
from models import iris


def _experiments(tracker: Tracker) -> bool:
    """Whether the numbers of the last message belong to an experiment, not to the flower."""
    found = measurements(tracker)
    if intent_name(tracker) == "set_k":
        return not found
    labelled = any(entity.get("role") for entity in found)
    return intent_name(tracker) in ("try_iris", "show_picture") and not labelled


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{spoken(name)} {value:g} cm" for name, value in values.items())


def _tell_changed(
    dispatcher: CollectingDispatcher, before: dict[str, float], values: dict[str, float]
) -> None:
    """Say which values took the place of others."""
    changed = [
        f"{spoken(name)} {before[name]:g} → {value:g} cm"
        for name, value in values.items()
        if name in before
    ]
    if changed:
        dispatcher.utter_message(response="utter_iris_corrected", changes=", ".join(changed))


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
        asked = str(tracker.get_slot("requested_slot") or "").removeprefix("iris_")
        asked = asked if asked in iris.FEATURES else None  # it may still be the other form's
        if _experiments(tracker):
            return []
        recipe = recipe_asked(dispatcher, tracker)
        events = remember_recipe(tracker, recipe)
        if events and tracker.get_slot("requested_slot"):
            is_k = replace(recipe_of(tracker), k=recipe.k) == recipe
            noted = f"utter_iris_{'k' if is_k else 'settings'}_noted"
            dispatcher.utter_message(response=noted, **recipe_values(domain, recipe))
        count = len(measurements(tracker))
        if rows := rows_of(tracker):
            if left := rows[MOST_FLOWERS:]:
                values = {"most": MOST_FLOWERS, "left": len(left)}
                dispatcher.utter_message(response="utter_iris_many_flowers", **values)
            rows = rows[:MOST_FLOWERS]
            events.append(SlotSet("iris_rows", [[*row.values()] for row in rows]))
            first = await tell_table(dispatcher, domain, rows, recipe)
            return [*events, *(SlotSet(f"iris_{name}", first[name]) for name in first)]
        if count > len(iris.FEATURES):
            dispatcher.utter_message(response="utter_iris_too_many", count=count)
            return [*events, SlotSet(f"iris_{asked or iris.FEATURES[0]}", None)]
        known = known_values(tracker)
        values, problems = read_flower(tracker, known, asked)
        _tell_changed(dispatcher, known, values)
        for feature, problem in problems:
            tell_problem(dispatcher, domain, problem, feature)
        if problems and values:
            dispatcher.utter_message(response="utter_iris_so_far", values=_listed(values))
        events += [SlotSet(f"iris_{name}", value) for name, value in values.items()]
        events += [SlotSet(f"iris_{name}", None) for name, _ in problems]
        if values and (units := converted_units(tracker)):
            events.append(SlotSet("iris_units", units))
        if asked and known and not events and intent_name(tracker) == "predict_iris":
            dispatcher.utter_message(response="utter_iris_so_far", values=_listed(known))
            return [SlotSet(f"iris_{asked}", None)]
        if asked and not count and not events and entity_value(tracker, "answers") == "iris_form":
            dispatcher.utter_message(response="utter_iris_no_number", feature=spoken(asked))
            events.append(SlotSet(f"iris_{asked}", None))
        return events


class AskMeasurement(Action):
    """Ask for one measurement, with its usual range and a picture of where it is taken."""

    feature = ""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return f"action_ask_iris_form_iris_{self.feature}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Ask; the picture is left out when this form has shown it already."""
        low, high = iris.data_range(self.feature)
        picture = await drawing("anatomy", detail=self.feature)
        dispatcher.utter_message(
            response=f"utter_iris_ask_{self.feature}",
            **({} if _shown(tracker, picture.get("image")) else picture),
            low=f"{low:g}",
            high=f"{high:g}",
        )
        return []


class ActionAskSepalLength(AskMeasurement):
    """Ask how long the sepal is."""

    feature = "sepal_length"


class ActionAskSepalWidth(AskMeasurement):
    """Ask how wide the sepal is."""

    feature = "sepal_width"


class ActionAskPetalLength(AskMeasurement):
    """Ask how long the petal is."""

    feature = "petal_length"


class ActionAskPetalWidth(AskMeasurement):
    """Ask how wide the petal is."""

    feature = "petal_width"


def _shown(tracker: Tracker, image: str | None) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "active_loop":
            return False
        if event.get("event") == "bot" and (event.get("data") or {}).get("image") == image:
            return True
    return False


class ActionPredictIris(Named, Action):
    """Classify the flower that the form collected."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the species and make room for the next flower."""
        values = [float(tracker.get_slot(slot)) for slot in SLOTS]
        units = tracker.get_slot("iris_units") or []
        await tell_prediction(dispatcher, domain, iris.Flower(*values), recipe_of(tracker), units)
        rows = tracker.get_slot("iris_rows") or []
        events = [
            SlotSet("iris_rows", (rows if values in rows else [*rows, values])[-MOST_FLOWERS:]),
            SlotSet("iris_flower", values),
            SlotSet("iris_answered", last_filled(tracker)),
            remember_experiment("prediction"),
            *clear_form(),
        ]
        return [*events, *await do_also(dispatcher, tracker, domain, events)]


class ActionCorrectIris(Named, Action):
    """Change a measurement of the last flower, or start with the one that was given."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Classify the corrected flower again; without a last flower, begin the form."""
        known, found = values_of(tracker), measurements(tracker)
        if known is None or active_form(tracker):
            return [FollowupAction("iris_form")]
        if not found and not entity_value(tracker, "unit"):  # "the paper says 0.3 for the width"
            dispatcher.utter_message(response="utter_iris_which_measurement")
            return []
        asked = corrected(tracker, known)
        if asked is None and found and not any(entity.get("role") for entity in found):
            if len(found) > 1 or not entity_value(tracker, "corrects"):
                return [FollowupAction("iris_form")]
            dispatcher.utter_message(response="utter_iris_which_measurement")
            return []
        values, problems = read_flower(tracker, known, asked)
        for feature, problem in problems:
            tell_problem(dispatcher, domain, problem, feature)
        if problems:  # "1.8 without the minus" is about this one
            return [SlotSet("iris_answered", problems[0][0])]
        recipe = recipe_asked(dispatcher, tracker)
        _tell_changed(dispatcher, known, values)
        if len(known | values) < len(iris.FEATURES):  # one of several, of which more is open
            filled = [SlotSet(f"iris_{name}", value) for name, value in (known | values).items()]
            return [*filled, FollowupAction("iris_form")]
        flower = iris.Flower(**(known | values))
        await tell_prediction(dispatcher, domain, flower, recipe, converted_units(tracker))
        rows, place = tracker.get_slot("iris_rows") or [], row_of(tracker)
        if place is not None:
            rows = [*rows[:place], list(flower.values()), *rows[place + 1 :]]
        return [
            *remember_recipe(tracker, recipe),
            SlotSet("iris_rows", rows or None),
            SlotSet("iris_flower", list(flower.values())),
            remember_experiment("prediction"),
        ]
