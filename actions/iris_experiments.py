"""Experiments on the Iris model: k, the split, distances, features, and the code of each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import drawing, show
from actions.iris_state import (
    changed_by,
    flower_of,
    recipe_asked,
    recipe_of,
    remember_experiment,
    remember_recipe,
    talks_of_flower,
    tell_wrong_setting,
)
from actions.iris_telling import (
    recipe_values,
    score_values,
    tell_prediction,
    tell_table,
    tell_why,
)
from actions.knowledge_telling import current, tell
from actions.replies import active_form, entity_value, entity_values, percent, phrase, spoken
from actions.wishes import Wish
from models import iris
from models.iris.text import Experiment, ks_to_compare

MOST_K = 3  # so many are tried one after the other


@dataclass(frozen=True)
class _Lab:
    """One turn in the lab: who hears it, what was said, the wording, and the recipe to try."""

    dispatcher: CollectingDispatcher
    tracker: Tracker
    domain: dict[str, Any]
    recipe: iris.Recipe

    @property
    def values(self) -> Experiment:
        """What the last message names beside k."""
        return Experiment(**(entity_value(self.tracker, "values") or {}))

    def say(self, response: str, **values: object) -> None:
        """Say a response with what it may name."""
        self.dispatcher.utter_message(response=response, **values)

    async def compare(self, to_present: bool) -> list[EventType]:
        """Compare several k, or the one that was named with the present one."""
        named = entity_values(self.tracker, "k")[:1] if to_present else []
        try:
            asked = [iris.parse_k(text, self.recipe) for text in named or self.values.numbers]
        except iris.NeighboursError as problem:
            tell_wrong_setting(self.dispatcher, problem, self.recipe)
            return []
        ks = ks_to_compare(asked, self.values.is_list, iris.training_size(self.recipe))
        if to_present and asked:
            ks = tuple(sorted({self.recipe.k, *asked}))
        rows = await asyncio.to_thread(iris.compare_k, ks, self.recipe)
        winner = _best(rows)
        best = winner.cross_validation
        lines = [
            f"| {row.k} | {row.correct} of {row.total} | {percent(row.cross_validation.mean, 1)}"
            f" ± {100 * row.cross_validation.sd:.1f} |"
            for row in rows
        ]
        self.say(
            "utter_iris_compared",
            table="\n".join(lines),
            best=winner.k,
            mean=percent(best.mean, 1),
            folds=best.folds,
            repeats=best.repeats,
            settings=recipe_values(self.domain, self.recipe)["settings"],
        )
        detail = ",".join(map(str, ks))
        await show(self.dispatcher, self.tracker, self.domain, "accuracy", detail=detail)
        return [remember_experiment("comparison", ks)]

    async def features(self) -> list[EventType]:
        """Say which measurements the model relies on."""
        rows = await asyncio.to_thread(iris.feature_importance, self.recipe)
        lines = [f"- **{spoken(row.feature)}**: {100 * row.loss:.1f}" for row in rows]
        first, last = spoken(rows[0].feature), spoken(rows[-1].feature)
        self.say("utter_iris_features", rows="\n".join(lines), first=first, last=last)
        await show(self.dispatcher, self.tracker, self.domain, "features", recipe=self.recipe)
        return [*remember_recipe(self.tracker, self.recipe), remember_experiment("features")]

    async def leave_one_out(self) -> list[EventType]:
        """Say how many of the 150 flowers are right if each is left out once."""
        score = await asyncio.to_thread(iris.leave_one_out, self.recipe)
        self.say("utter_iris_left_out", **score_values(score))
        return [*remember_recipe(self.tracker, self.recipe), remember_experiment("leave_one_out")]

    async def fit(self) -> list[EventType]:
        """Fit the model anew and say how it does."""
        seconds = await asyncio.to_thread(iris.fit, self.recipe)
        score = await asyncio.to_thread(iris.accuracy, self.recipe)
        self.say("utter_iris_fitted", milliseconds=f"{1000 * seconds:.2f}", **self._scored(score))
        return [*remember_recipe(self.tracker, self.recipe), remember_experiment("accuracy")]

    async def split(self) -> list[EventType]:
        """Split the flowers by the share or the seed that the message names."""
        if self.values.seed is None and self.values.share is None:
            self.say("utter_iris_which_share")
            return []
        return await self.set("another_split" if self.values.seed else "split")

    async def set(self, kind: str) -> list[EventType]:
        """Change what an experiment of this kind changes; say so if that cannot be used."""
        wish = {"experiment": kind, "values": asdict(self.values)}
        try:
            return await self.change(kind, changed_by(wish, self.recipe))
        except iris.IrisError as problem:
            tell_wrong_setting(self.dispatcher, problem, self.recipe)
            return []

    async def change(self, kind: str, recipe: iris.Recipe) -> list[EventType]:
        """Say how a changed recipe does, beside the one before; classify the flower again."""
        before = recipe_of(self.tracker)
        try:
            new = await asyncio.to_thread(iris.accuracy, recipe)
        except iris.NeighboursError as problem:
            self.say("utter_iris_split_too_small", training=f"{problem.high:g}", k=recipe.k)
            return []
        old = await asyncio.to_thread(iris.accuracy, before)
        what = phrase(self.domain, f"utter_iris_tried_{'already' if recipe == before else kind}")
        self.say(
            "utter_iris_tried",
            what=what.format(**recipe_values(self.domain, recipe)),
            **score_values(new),
            **score_values(old, "old_"),
        )
        flower = flower_of(self.tracker)
        if flower and recipe != before and not active_form(self.tracker):
            await tell_prediction(self.dispatcher, self.domain, flower, recipe)
        return [*remember_recipe(self.tracker, recipe), remember_experiment("accuracy")]

    async def score(self, recipes: Sequence[iris.Recipe]) -> None:
        """Say how each recipe does on its test flowers, beside the one before."""
        before = recipe_of(self.tracker)
        others = [recipe for recipe in recipes if recipe != before]
        scores = [await asyncio.to_thread(iris.accuracy, recipe) for recipe in (before, *others)]
        told = [
            phrase(self.domain, "utter_iris_score_of_k").format(
                k=score.recipe.k, **score_values(score)
            )
            for score in scores
        ]
        response = "utter_iris_k_scores" if others else "utter_iris_k_score"
        self.say(response, k=recipes[-1].k, old=told[0], new=", ".join(told[1:]))

    async def settings(self) -> list[EventType]:
        """Say how the model is set, and what can be changed."""
        self.say("utter_iris_settings", **recipe_values(self.domain, self.recipe))
        return [remember_experiment("accuracy")]

    async def why_changed(self) -> list[EventType]:
        """Set the model before the last change beside the present one."""
        kept, flower = self.tracker.get_slot("iris_before"), flower_of(self.tracker)
        if not kept:
            self.say("utter_iris_nothing_changed")
            return []
        before = iris.Recipe(**kept)
        values: dict[str, object] = {}
        answers: dict[str, str] = {}
        checks: list[iris.CrossValidation] = []
        for name, recipe in (("old", before), ("new", self.recipe)):
            score = await asyncio.to_thread(iris.accuracy, recipe)
            checks.append(score.cross_validation)
            values |= score_values(score, f"{name}_")
            told = recipe_values(self.domain, recipe)
            values |= {f"{name}_k": recipe.k, f"{name}_settings": told["settings"]}
            if flower:
                answer = await asyncio.to_thread(iris.predict, flower, recipe)
                answers[name] = f"{answer.species} ({percent(answer.probability)})"
        row = phrase(self.domain, "utter_iris_changed_answer").format(**answers) if answers else ""
        changed = dict(asdict(self.recipe).items() - asdict(before).items())
        reasons = [phrase(self.domain, f"utter_iris_because_{name}") for name in sorted(changed)]
        overlap = max(check.low for check in checks) <= min(check.high for check in checks)
        chance = phrase(self.domain, f"utter_iris_{'within' if overlap else 'beyond'}_chance")
        self.say(
            "utter_iris_changed", answer=row, reasons=" ".join(reasons), chance=chance, **values
        )
        return [remember_experiment("accuracy")]

    async def undo(self) -> list[EventType]:
        """Take the last change of the settings back."""
        kept = self.tracker.get_slot("iris_before")
        if not kept:
            self.say("utter_iris_nothing_changed")
            return []
        return await self.change("undo", iris.Recipe(**kept))

    async def tried(self) -> list[EventType]:
        """Set all recipes of this conversation side by side."""
        recipes = [iris.Recipe(**kept) for kept in self.tracker.get_slot("iris_tried") or ()]
        if not recipes:
            self.say("utter_iris_nothing_changed")
            return []
        scores = [await asyncio.to_thread(iris.accuracy, recipe) for recipe in recipes]
        best = max(scores, key=lambda score: score.cross_validation.mean)
        row = phrase(self.domain, "utter_iris_tried_row")
        table = "\n".join(row.format(**self._scored(score)) for score in scores)
        self.say("utter_iris_all_tried", table=table, **self._scored(best))
        return [remember_experiment("accuracy")]

    def _scored(self, score: iris.Accuracy) -> dict[str, object]:
        """Return what the wording may say about a recipe and its score."""
        return {**recipe_values(self.domain, score.recipe), **score_values(score)}

    async def flowers(self) -> list[EventType]:
        """Classify all flowers of this conversation again, side by side."""
        rows = self.tracker.get_slot("iris_rows") or []
        if not rows:
            self.say("utter_iris_no_flower_yet")
            return []
        named = [dict(zip(iris.FEATURES, row, strict=True)) for row in rows]
        await tell_table(self.dispatcher, self.domain, named, self.recipe, "utter_iris_all_flowers")
        return [*remember_recipe(self.tracker, self.recipe), remember_experiment("prediction")]

    async def errors(self) -> list[EventType]:
        """Say which answers of the last test were wrong."""
        left_out = (self.tracker.get_slot("iris_experiment") or {}).get("kind") == "leave_one_out"
        test = iris.leave_one_out if left_out else iris.accuracy
        score = await asyncio.to_thread(test, self.recipe)
        wrong = score.total - score.correct
        told = phrase(self.domain, "utter_iris_taken_for")
        pairs = [
            told.format(count=count, species=species, answer=answer)
            for species, row in zip(iris.SPECIES, score.confusion, strict=True)
            for answer, count in zip(iris.SPECIES, row, strict=True)
            if count and answer != species
        ]
        response = f"utter_iris_{'errors' if wrong else 'no_errors'}{'_left_out' * left_out}"
        self.say(response, wrong=wrong, pairs=", ".join(pairs), **score_values(score))
        kind = "leave_one_out" if left_out else "accuracy"
        return [*remember_recipe(self.tracker, self.recipe), remember_experiment(kind)]

    async def code(self) -> list[EventType]:
        """Send the script of what was done last, the flowers' or the reviews'."""
        block = current(self.tracker)
        if block and block.id.startswith("imdb_") and not talks_of_flower(self.tracker):
            return await tell(self.dispatcher, self.tracker, self.domain, "imdb_code", "code")
        tell_code(self.dispatcher, self.tracker)
        return []

    async def forget(self) -> list[EventType]:
        """Forget the settings, the flower and all else."""
        self.say("utter_iris_forgotten", **recipe_values(self.domain, iris.Recipe()))
        return [ActiveLoop(None), *(SlotSet(name, None) for name in self.tracker.slots)]


def _best(rows: Sequence[iris.ScoreForK]) -> iris.ScoreForK:
    """Return the k with the best cross-validated accuracy, the smallest of several."""
    return max(rows, key=lambda row: (row.cross_validation.mean, -row.k))


class ActionSetIrisK(Wish):
    """Change the number of neighbours and show what that changes."""

    intent = "set_k"

    async def do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Set k; classify the last flower again if there is one."""
        before, done = recipe_of(tracker), tracker.get_slot("iris_experiment") or {}
        named = entity_values(tracker, "k") or entity_values(tracker, "measurement")[:1]
        if not named and done.get("kind") == "comparison":  # "take the best one"
            named = [str(_best(await asyncio.to_thread(iris.compare_k, done["ks"], before)).k)]
        if not named:
            high = iris.training_size(before)
            dispatcher.utter_message(response="utter_iris_which_k", high=high, k=before.k)
            return []
        try:
            recipes = [replace(before, k=iris.parse_k(k, before)) for k in named[:MOST_K]]
        except iris.NeighboursError as problem:
            tell_wrong_setting(dispatcher, problem, before)
            return []
        recipe, flower = recipes[-1], flower_of(tracker)
        lab = _Lab(dispatcher, tracker, domain, recipe)
        if lab.values.has_percent:  # "k=5 with 40% held out"
            lab.say("utter_iris_k_noted", k=recipe.k)
            return await lab.split()
        if active_form(tracker):
            lab.say("utter_iris_k_noted", k=recipe.k)
            return remember_recipe(tracker, recipe)
        for each in recipes if flower else ():  # "with k 3 and then k 11"
            await tell_prediction(dispatcher, domain, flower, each)
        await lab.score(recipes)
        return [
            remember_experiment("prediction" if flower else "accuracy"),
            *remember_recipe(tracker, recipe),
        ]


class ActionShowIrisNeighbours(Wish):
    """Explain the last answer by the flowers that decided it."""

    intent = "ask_iris_neighbours"

    async def do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell what decided, with a picture of where the flower lies; ask for one before."""
        flower, recipe = flower_of(tracker), recipe_of(tracker)
        if flower is None:
            dispatcher.utter_message(response="utter_iris_no_flower_yet")
            return []
        picture = await drawing("among", recipe, flower)
        tell_why(dispatcher, domain, flower, recipe, picture)
        return [remember_experiment("prediction"), SlotSet("iris_flower", list(flower.values()))]


class ActionTryIris(Wish):
    """Do the experiment that a person asks for."""

    intent = "try_iris"

    async def do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Choose the experiment by the words."""
        kind = str(entity_value(tracker, "experiment"))
        lab = _Lab(dispatcher, tracker, domain, recipe_of(tracker))
        if kind in ("compare_k", "compare_with"):
            return await lab.compare(to_present=kind == "compare_with")
        without_k = {
            "why_changed": lab.why_changed,
            "code": lab.code,
            "forget": lab.forget,
            "settings": lab.settings,
            "undo": lab.undo,
            "tried": lab.tried,
        }
        if kind in without_k:
            return await without_k[kind]()
        recipe = recipe_asked(dispatcher, tracker)
        lab = replace(lab, recipe=recipe)
        if kind == "together":
            return await lab.change(kind, recipe)
        if recipe != recipe_of(tracker):
            lab.say("utter_iris_k_noted", k=recipe.k)
        others = {
            "features": lab.features,
            "leave_one_out": lab.leave_one_out,
            "fit": lab.fit,
            "split": lab.split,
            "flowers": lab.flowers,
            "errors": lab.errors,
        }
        return await (others[kind]() if kind in others else lab.set(kind))


def tell_code(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Send the script that repeats what was done last."""
    recipe, flower = recipe_of(tracker), flower_of(tracker)
    done = tracker.get_slot("iris_experiment") or {"kind": "accuracy", "ks": []}
    kind, ks = str(done["kind"]), done.get("ks")
    if kind == "prediction" and flower is None:
        kind = "accuracy"
    if kind == "accuracy" and ks:
        recipe = replace(recipe, k=ks[0])
    ks = ks or ks_to_compare([], False, iris.training_size(recipe))
    source = iris.script(kind, recipe, flower, ks)
    dispatcher.utter_message(response=f"utter_iris_code_{kind}", code=source)
