"""The Iris demo: collect four measurements, predict, explain, correct."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import drawing
from actions.iris_state import (
    SLOTS,
    clear_form,
    converted_units,
    corrects,
    fill_form,
    flower_of,
    given_alone,
    known_values,
    measurements,
    read_flower,
    recipe_of,
    remember_experiment,
    two_flowers,
)
from actions.iris_telling import spoken, tell_prediction, tell_problem
from actions.knowledge_telling import offer_also
from actions.replies import entity_value, intent_name
from models import iris


def _experiments(tracker: Tracker) -> bool:
    """Whether the numbers of the last message belong to an experiment, not to the flower."""
    found = measurements(tracker)
    if intent_name(tracker) == "set_k":
        return not found
    labelled = any(entity.get("role") for entity in found)
    return intent_name(tracker) in ("try_iris", "show_picture") and not labelled


def read_k(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Return the event that sets k, if the message names a usable one; say so if it is not."""
    given = entity_value(tracker, "k")
    if given is None:
        return []
    recipe = recipe_of(tracker)
    try:
        k = iris.parse_k(given, recipe)
    except iris.NeighboursError as problem:
        tell_wrong_k(dispatcher, problem, recipe)
        return []
    if k != recipe.k and tracker.get_slot("requested_slot"):
        dispatcher.utter_message(response="utter_iris_k_noted", k=k)
    return [SlotSet("iris_k", k)]


def tell_wrong_k(
    dispatcher: CollectingDispatcher, problem: iris.IrisError, recipe: iris.Recipe
) -> None:
    """Say what is wrong with a k and which are allowed."""
    dispatcher.utter_message(
        response="utter_iris_wrong_k",
        given=str(problem.given),
        low=f"{problem.low:g}",
        high=f"{problem.high:g}",
        k=recipe.k,
    )


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
        events = read_k(dispatcher, tracker)
        found = measurements(tracker)
        count = len(found)
        if flowers := two_flowers(found):
            await tell_prediction(dispatcher, domain, flowers[0], recipe_of(tracker))
            return [*events, *fill_form(flowers[1])]
        if count > len(iris.FEATURES):
            dispatcher.utter_message(response="utter_iris_too_many", count=count)
            return [*events, SlotSet(f"iris_{asked or iris.FEATURES[0]}", None)]
        values, problems = read_flower(tracker, known_values(tracker), asked)
        for feature, problem in problems:
            tell_problem(dispatcher, problem, feature)
        events += [SlotSet(f"iris_{name}", value) for name, value in values.items()]
        events += [SlotSet(f"iris_{name}", None) for name, _ in problems]
        if values and (units := converted_units(tracker)):
            events.append(SlotSet("iris_units", units))
        known = known_values(tracker)
        if asked and known and not events and intent_name(tracker) == "predict_iris":
            said = ", ".join(f"{spoken(name)} {value:g} cm" for name, value in known.items())
            dispatcher.utter_message(response="utter_iris_so_far", values=said)
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
        image = await drawing("anatomy", detail=self.feature)
        dispatcher.utter_message(
            response=f"utter_iris_ask_{self.feature}",
            image=None if _shown(tracker, image) else image,
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
        units = tracker.get_slot("iris_units") or []
        await tell_prediction(dispatcher, domain, iris.Flower(*values), recipe_of(tracker), units)
        return [
            SlotSet("iris_flower", values),
            SlotSet("iris_answered", given_alone(tracker)),
            SlotSet("iris_units", None),
            remember_experiment("prediction"),
            *clear_form(),
            *offer_also(dispatcher, tracker, domain),
        ]


class ActionCorrectIris(Action):
    """Change a measurement of the last flower, or start with the one that was given."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_correct_iris"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Classify the corrected flower again; without a last flower, begin the form."""
        last, found = flower_of(tracker), measurements(tracker)
        if last is None or not found:
            return [FollowupAction("iris_form")]
        known = dict(zip(iris.FEATURES, last.values(), strict=True))
        asked: str | None = None
        if not any(entity.get("role") for entity in found):
            if len(found) > 1 or not corrects(tracker):
                return [FollowupAction("iris_form")]
            asked = tracker.get_slot("iris_answered")
            if asked is None:
                dispatcher.utter_message(response="utter_iris_which_measurement")
                return []
            known.pop(asked)
        values, problems = read_flower(tracker, known, asked)
        for feature, problem in problems:
            tell_problem(dispatcher, problem, feature)
        if problems:
            return []
        events = read_k(dispatcher, tracker)
        recipe = recipe_of(tracker)
        flower = iris.Flower(**{**known, **values})
        await tell_prediction(dispatcher, domain, flower, recipe, converted_units(tracker))
        return [
            *events,
            SlotSet("iris_flower", list(flower.values())),
            remember_experiment("prediction"),
        ]
