"""Experiments on the Iris model: k, the split, scaling, features, and the code of each."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import show
from actions.iris import tell_wrong_k
from actions.iris_state import (
    flower_of,
    recipe_of,
    remember_experiment,
    remember_recipe,
    talks_of_flower,
)
from actions.iris_telling import recipe_values, spoken, tell_prediction, tell_why
from actions.knowledge_telling import current, tell
from actions.replies import active_form, entity_value, entity_values, resume_form
from models import iris
from models.iris.text import Experiment, ks_to_compare

# What may be tried together with another k.
_WITH_K = ("scale", "unscale", "split", "another_split")


def values_of(tracker: Tracker) -> Experiment:
    """Return the values that the last message names for an experiment."""
    return Experiment(**(entity_value(tracker, "values") or {}))


async def _try_recipe(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    recipe: iris.Recipe,
    response: str,
) -> list[EventType]:
    """Say how a changed recipe does, beside the one before, and classify the flower again."""
    before = recipe_of(tracker)
    try:
        iris.parse_k(recipe.k, recipe)
    except iris.NeighboursError as problem:
        dispatcher.utter_message(
            response="utter_iris_split_too_small", training=f"{problem.high:g}", k=recipe.k
        )
        return resume_form(tracker)
    old = await asyncio.to_thread(iris.accuracy, before)
    new = await asyncio.to_thread(iris.accuracy, recipe)
    dispatcher.utter_message(
        response=response,
        **recipe_values(domain, recipe),
        **score_values(new),
        old_correct=old.correct,
        old_total=old.total,
        old_mean=f"{old.cross_validation.mean:.1%}",
    )
    events = [*remember_recipe(recipe), remember_experiment("accuracy")]
    flower = flower_of(tracker)
    if flower and not active_form(tracker):
        await tell_prediction(dispatcher, domain, flower, recipe)
    return [*events, *resume_form(tracker)]


def score_values(score: iris.Accuracy) -> dict[str, object]:
    """Return what the wording may say about an accuracy."""
    crossed = score.cross_validation
    return {
        "correct": score.correct,
        "total": score.total,
        "low": f"{score.low:.0%}",
        "high": f"{score.high:.0%}",
        "mean": f"{crossed.mean:.1%}",
        "mean_low": f"{crossed.low:.1%}",
        "mean_high": f"{crossed.high:.1%}",
        "folds": crossed.folds,
        "repeats": crossed.repeats,
    }


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
            given = next(iter(entity_values(tracker, "measurement")), None)
        before = recipe_of(tracker)
        if given is None:
            dispatcher.utter_message(
                response="utter_iris_which_k", high=iris.training_size(before), k=before.k
            )
            return resume_form(tracker)
        try:
            recipe = dataclasses.replace(before, k=iris.parse_k(given, before))
        except iris.NeighboursError as problem:
            tell_wrong_k(dispatcher, problem, before)
            return resume_form(tracker)
        if values_of(tracker).has_percent:  # "k=5 with 40% held out"
            dispatcher.utter_message(response="utter_iris_k_noted", k=recipe.k)
            return await try_split(dispatcher, tracker, domain, recipe)
        flower = flower_of(tracker)
        events = [*remember_recipe(recipe), *resume_form(tracker)]
        if flower is None or active_form(tracker):
            dispatcher.utter_message(response="utter_iris_k_set", k=recipe.k)
            return events
        await tell_prediction(dispatcher, domain, flower, recipe)
        return [remember_experiment("prediction"), *events]


class ActionShowIrisNeighbours(Action):
    """Show the flowers that decided the last answer."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_show_iris_neighbours"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the last prediction again, with a picture of where the flower lies."""
        flower = flower_of(tracker)
        if flower is None:
            dispatcher.utter_message(response="utter_iris_no_flower_yet")
            return resume_form(tracker)
        if entity_value(tracker, "facet") == "why":
            tell_why(dispatcher, domain, flower, recipe_of(tracker))
            return resume_form(tracker)
        await tell_prediction(dispatcher, domain, flower, recipe_of(tracker))
        return [remember_experiment("prediction"), *resume_form(tracker)]


class ActionTryIris(Action):
    """Do the experiment that a person asks for."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_try_iris"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Choose the experiment by the words."""
        kind = entity_value(tracker, "experiment")
        recipe = recipe_of(tracker)
        if kind == "compare_k":
            return await self._compare(dispatcher, tracker, recipe)
        if kind in _WITH_K and (given := entity_value(tracker, "k")) is not None:
            try:
                recipe = dataclasses.replace(recipe, k=iris.parse_k(given, recipe))
            except iris.NeighboursError as problem:
                tell_wrong_k(dispatcher, problem, recipe)
                return resume_form(tracker)
            dispatcher.utter_message(response="utter_iris_k_noted", k=recipe.k)
        if kind == "features":
            return await self._features(dispatcher, tracker, recipe)
        if kind == "code":
            block = current(tracker)
            if block and block.id.startswith("imdb_") and not talks_of_flower(tracker):
                told = await tell(dispatcher, tracker, domain, "imdb_code", "code")
                return [*told, *resume_form(tracker)]
            tell_code(dispatcher, tracker)
            return resume_form(tracker)
        if kind == "split":
            return await try_split(dispatcher, tracker, domain, recipe)
        if kind == "another_split":
            named = values_of(tracker).seed or str(recipe.seed + 1)
            return await _try_seed(dispatcher, tracker, domain, recipe, named)
        changes = {
            "scale": (dataclasses.replace(recipe, scaled=True), "utter_iris_tried_scaling"),
            "unscale": (dataclasses.replace(recipe, scaled=False), "utter_iris_tried_no_scaling"),
            "reset": (iris.Recipe(), "utter_iris_tried_article"),
        }
        changed, response = changes[kind if kind in changes else "reset"]
        return await _try_recipe(dispatcher, tracker, domain, changed, response)

    async def _compare(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, recipe: iris.Recipe
    ) -> list[EventType]:
        values = values_of(tracker)
        try:
            asked = [iris.parse_k(text, recipe) for text in values.numbers]
        except iris.NeighboursError as problem:
            tell_wrong_k(dispatcher, problem, recipe)
            return resume_form(tracker)
        ks = ks_to_compare(asked, values.is_list, iris.training_size(recipe))
        rows = await asyncio.to_thread(iris.compare_k, ks, recipe)
        best = max(rows, key=lambda row: (row.cross_validation.mean, -row.k))
        lines = [
            f"| {row.k} | {row.correct} / {row.total} | {row.cross_validation.mean:.1%}"
            f" ± {row.cross_validation.sd:.1%} |"
            for row in rows
        ]
        dispatcher.utter_message(
            response="utter_iris_compared",
            table="\n".join(lines),
            best=best.k,
            mean=f"{best.cross_validation.mean:.1%}",
            folds=best.cross_validation.folds,
            repeats=best.cross_validation.repeats,
        )
        await show(dispatcher, tracker, "accuracy", detail=",".join(map(str, ks)))
        return [remember_experiment("comparison", ks), *resume_form(tracker)]

    async def _features(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, recipe: iris.Recipe
    ) -> list[EventType]:
        rows = await asyncio.to_thread(iris.feature_importance, recipe)
        lines = [f"- **{spoken(row.feature)}**: {100 * row.loss:.1f}" for row in rows]
        dispatcher.utter_message(
            response="utter_iris_features",
            rows="\n".join(lines),
            first=spoken(rows[0].feature),
            last=spoken(rows[-1].feature),
        )
        await show(dispatcher, tracker, "features")
        return [remember_experiment("features"), *resume_form(tracker)]


async def try_split(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    recipe: iris.Recipe,
) -> list[EventType]:
    """Split the flowers by the share or the seed that the message names."""
    values = values_of(tracker)
    if values.seed:
        return await _try_seed(dispatcher, tracker, domain, recipe, values.seed)
    share = values.share
    if share is None:
        dispatcher.utter_message(response="utter_iris_which_share")
        return resume_form(tracker)
    try:
        changed = dataclasses.replace(recipe, test_share=iris.parse_test_share(share))
    except iris.TestShareError as problem:
        dispatcher.utter_message(
            response="utter_iris_wrong_share",
            low=f"{1 - problem.high:.0%}",
            high=f"{1 - problem.low:.0%}",
        )
        return resume_form(tracker)
    return await _try_recipe(dispatcher, tracker, domain, changed, "utter_iris_tried_split")


async def _try_seed(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    recipe: iris.Recipe,
    given: str,
) -> list[EventType]:
    try:
        changed = dataclasses.replace(recipe, seed=iris.parse_seed(given))
    except iris.SeedError as problem:
        dispatcher.utter_message(
            response="utter_iris_wrong_seed", given=given, high=f"{problem.high:.0f}"
        )
        return resume_form(tracker)
    return await _try_recipe(dispatcher, tracker, domain, changed, "utter_iris_tried_seed")


def tell_code(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Send the script that repeats what was done last."""
    recipe, flower = recipe_of(tracker), flower_of(tracker)
    done = tracker.get_slot("iris_experiment") or {"kind": "accuracy", "ks": []}
    kind = str(done["kind"])
    if kind == "prediction" and flower is None:
        kind = "accuracy"
    ks = done.get("ks") or ks_to_compare([], False, iris.training_size(recipe))
    source = iris.script(kind, recipe, flower, ks)
    dispatcher.utter_message(response=f"utter_iris_code_{kind}", code=source)
