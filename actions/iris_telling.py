"""Tell a prediction as a teacher would: the answer, its reasons, and how firm it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import drawing
from actions.iris_pictures import votes
from actions.pictures import Picture
from actions.replies import percent, phrase, spoken
from models import iris

_OTHER_K = (7, 3)  # the first is offered, the second once the first is in use
# So many times as far as the last neighbour another species must be for a firm answer.
_FIRM = 3.0
_SMALLEST = 0.05  # cm; a flower that is in the data has a neighbour at no distance
MOST_SHOWN = 10  # neighbours in the table; the votes are counted in full


def tell_problem(
    dispatcher: CollectingDispatcher,
    domain: dict[str, Any],
    problem: iris.IrisError,
    feature: str = "",
) -> None:
    """Say what is wrong with a measurement and what would do."""
    low, high = iris.data_range(feature)
    value = problem.given if isinstance(problem.given, int | float) else 0.0
    hint = phrase(domain, "utter_iris_perhaps_millimetres").format(given=f"{value:g}")
    dispatcher.utter_message(
        response=f"utter_iris_wrong_{problem.reason}",
        feature=spoken(feature),
        given=str(problem.given),
        usual_low=f"{low:g}",
        usual_high=f"{high:g}",
        high=f"{problem.high:g}",
        hint=hint if low <= value / 10 <= high else "",
    )


def _sizes(values: Sequence[str]) -> str:
    return "{} × {}, {} × {}".format(*values)


async def tell_prediction(
    dispatcher: CollectingDispatcher,
    domain: dict[str, Any],
    flower: iris.Flower,
    recipe: iris.Recipe,
    units: Sequence[str] = (),
) -> iris.Prediction:
    """Classify a flower, explain the answer and show where the flower lies.

    Args:
        dispatcher: receives the messages.
        domain: holds the wording.
        flower: the flower in centimetres.
        recipe: how the model is made.
        units: units that were converted, which is said.
    """
    answer = await asyncio.to_thread(iris.predict, flower, recipe)
    dispatcher.utter_message(
        response="utter_iris_result",
        **await drawing("among", recipe, flower),
        other_k=_OTHER_K[recipe.k == _OTHER_K[0]],
        explanation="\n\n".join(_paragraphs(domain, answer, units)),
    )
    return answer


async def tell_table(
    dispatcher: CollectingDispatcher,
    domain: dict[str, Any],
    rows: Sequence[Mapping[str, float | None]],
    recipe: iris.Recipe,
    response: str = "utter_iris_flowers",
) -> Mapping[str, float | None]:
    """Tell the species of several flowers, and return the first whose values are all known.

    A row holds the measurements in cm by feature, None for a missing one. The response may name
    that first one and the surest.
    """
    lines: list[str] = []
    shares: dict[int, float] = {}
    for number, row in enumerate(rows, start=1):
        values = [f"{value:g}" if value else "?" for value in row.values()]
        open_ones = [spoken(name) for name, value in row.items() if value is None]
        if open_ones:
            result = phrase(domain, "utter_iris_open").format(features=", ".join(open_ones))
        else:
            flower = iris.Flower(**{name: value or 0.0 for name, value in row.items()})
            answer = await asyncio.to_thread(iris.predict, flower, recipe)
            result = f"{answer.species} | {percent(answer.probability)}"
            shares[number] = answer.probability
        lines.append(f"| {number} | {_sizes(values)} | {result} |")
    most, first = max(shares.values(), default=0.0), next(iter(shares), 1)
    surest = ", ".join(str(number) for number, share in shares.items() if share == most)
    say = "utter_iris_all_sure" if {*shares.values()} == {most} else "utter_iris_surest"
    dispatcher.utter_message(
        response=response,
        table="\n".join(lines),
        first=first,
        surest=phrase(domain, say).format(surest=surest, share=percent(most)),
        **recipe_values(domain, recipe),
    )
    return rows[first - 1]


def tell_why(
    dispatcher: CollectingDispatcher,
    domain: dict[str, Any],
    flower: iris.Flower,
    recipe: iris.Recipe,
    picture: Picture | None = None,
) -> None:
    """Say what decided about a flower and how far away another answer was, with the neighbours."""
    answer = iris.predict(flower, recipe)
    other = iris.nearest_of_another(answer)
    if other is None:
        return
    far = answer.neighbours[-1].distance
    sways = answer.close_vote or any(o.species != answer.species for o in answer.other_k)
    distant = other.distance >= _FIRM * max(far, _SMALLEST)
    firm = "close" if sways else "firm" if distant else "middling"
    dispatcher.utter_message(
        response="utter_iris_why",
        **(picture or {}),
        k=recipe.k,
        near=f"{answer.neighbours[0].distance:.2f}",
        far=f"{far:.2f}",
        unit=_unit(recipe),
        votes=votes(answer),
        species=answer.species,
        other=other.species,
        other_far=f"{other.distance:.2f}",
        firmness=phrase(domain, f"utter_iris_why_{firm}"),
        table=_table(domain, answer),
    )


def _unit(recipe: iris.Recipe) -> str:
    return "standard deviations" if recipe.scaled else "cm"


def _paragraphs(domain: dict[str, Any], answer: iris.Prediction, units: Sequence[str]) -> list[str]:
    recipe = answer.recipe

    def say(response: str, **values: object) -> str:
        return phrase(domain, response).format(**values)

    counted = votes(answer)
    winners = answer.votes[iris.SPECIES.index(answer.species)]
    agreeing = "one" if recipe.k == 1 else "all" if winners == recipe.k else "some"
    if recipe.weighted and agreeing == "some":
        agreeing = "weighted"
    lines = [
        say(
            f"utter_iris_species_{agreeing}",
            species=answer.species,
            count=winners,
            k=recipe.k,
            votes=counted,
            probability=percent(answer.probability),
        ),
        say("utter_iris_flower", **asdict(answer.flower)),
    ]
    if units:
        names = ", ".join(phrase(domain, f"utter_iris_unit_{unit}") for unit in units)
        lines.append(say("utter_iris_converted", units=names))
    if answer.unusual:
        outside = ", ".join(_outside(domain, answer.flower, name) for name in answer.unusual)
        lines.append(say("utter_iris_unusual", features=outside))
    if answer.is_remote:
        near, usual = (f"{far:.2f}" for far in (answer.neighbours[0].distance, answer.spacing))
        lines.append(say("utter_iris_remote", near=near, usual=usual, unit=_unit(recipe)))
    if answer.twin:
        told = "same" if answer.twin == answer.species else "other"
        known = phrase(domain, f"utter_iris_twin_{'known' if answer.twin_is_known else 'held_out'}")
        values = {"twin": answer.twin, "known": known, "species": answer.species, "k": recipe.k}
        lines.append(say(f"utter_iris_twin_{told}", **values))
    if answer.last_place_tied:
        lines.append(say("utter_iris_last_place", far=f"{answer.neighbours[-1].distance:.2f}"))
    if answer.tied:
        lines.append(say("utter_iris_tie", species=answer.species))
    elif answer.close_vote and not answer.is_remote:
        lines.append(say("utter_iris_close", species=answer.species, other=answer.runner_up))
    lines.append(_table(domain, answer))
    lines.append(_other_k(domain, answer))
    article = iris.Recipe()
    changed = replace(recipe, k=article.k) != article
    which = "own" if changed else "article" if recipe.k == article.k else "other_k"
    lines.append(say(f"utter_iris_recipe_{which}", **recipe_values(domain, recipe)))
    return lines


def recipe_values(domain: dict[str, Any], recipe: iris.Recipe) -> dict[str, str]:
    """Return what the wording may say about a recipe."""
    training = iris.training_size(recipe)
    values = {
        "k": str(recipe.k),
        "training": str(training),
        "test": str(iris.FLOWERS - training),
        "share": percent(1 - recipe.test_share),
        "seed": str(recipe.seed),
    }
    parts = ["split", "scaled" if recipe.scaled else "unscaled", recipe.metric]
    parts += ["weighted" if recipe.weighted else "equal", recipe.features]
    said = {part: phrase(domain, f"utter_iris_setting_{part}").format(**values) for part in parts}
    usual = (iris.Recipe.metric, "equal", iris.Recipe.features)
    changed = (said[part] for part in parts if part not in usual)
    return {**values, "settings": ", ".join(changed), "all_settings": ", ".join(said.values())}


def score_values(score: iris.Score, prefix: str = "") -> dict[str, object]:
    """Return what the wording may say about a score, each name behind ``prefix``."""
    values: dict[str, object] = {
        "correct": score.correct,
        "total": score.total,
        "share": percent(score.share, 1),
        "low": percent(score.low),
        "high": percent(score.high),
    }
    if isinstance(score, iris.Accuracy):
        crossed = score.cross_validation
        values |= {
            "mean": percent(crossed.mean, 1),
            "mean_low": percent(crossed.low, 1),
            "mean_high": percent(crossed.high, 1),
            "folds": crossed.folds,
            "repeats": crossed.repeats,
        }
    return {f"{prefix}{name}": value for name, value in values.items()}


def _outside(domain: dict[str, Any], flower: iris.Flower, name: str) -> str:
    low, high = iris.data_range(name)
    value = flower.values()[iris.FEATURES.index(name)]
    return phrase(domain, "utter_iris_outside").format(
        feature=spoken(name), value=f"{value:g}", low=f"{low:g}", high=f"{high:g}"
    )


def _table(domain: dict[str, Any], answer: iris.Prediction) -> str:
    head = "scaled" if answer.recipe.scaled else "cm"
    rows = [phrase(domain, f"utter_iris_table_{head}"), "|---|---|---|---|"]
    for number, neighbour in enumerate(answer.neighbours[:MOST_SHOWN], start=1):
        size, far = _sizes([f"{v:g}" for v in neighbour.flower.values()]), neighbour.distance
        rows.append(f"| {number} | {neighbour.species} | {size} | {far:.2f} |")
    if len(answer.neighbours) > MOST_SHOWN:
        more = phrase(domain, "utter_iris_more_neighbours")
        rows.append("\n" + more.format(count=len(answer.neighbours) - MOST_SHOWN))
    return "\n".join(rows)


def _other_k(domain: dict[str, Any], answer: iris.Prediction) -> str:
    species = {other.species for other in answer.other_k}
    if species == {answer.species}:
        return phrase(domain, "utter_iris_other_k_same").format(
            species=answer.species, low=answer.other_k[0].k, high=answer.other_k[-1].k
        )
    runs = []
    for name, group in groupby(answer.other_k, key=lambda other: other.species):
        ks = [str(other.k) for other in group]
        runs.append(f"{name} (k = {', '.join(ks)})")
    return phrase(domain, "utter_iris_other_k_differ").format(answers=", ".join(runs))
