"""Every drawing the assistant can make, drawn when first asked for and off the event loop."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.iris_state import flower_of, recipe_asked, recipe_of
from actions.pictures import find, store
from actions.replies import Button, entity_value
from actions.wishes import Wish
from models import iris, knowledge_pictures
from models.iris.text import ks_to_compare
from models.knowledge import library

logger = logging.getLogger(__name__)

_CHARTED = "machine_learning|deep_learning"
_EXAMPLE = iris.Flower(5.9, 3.0, 5.1, 1.8)  # close enough to the border to show a vote


KINDS = (
    "among",
    "regions",
    "accuracy",
    "confusion",
    "features",
    "anatomy",
    "steps",
    *knowledge_pictures.NAMES,
)


def draw(kind: str) -> bytes:
    """Draw one of ``KINDS`` with an example flower and the article's recipe."""
    return _draw(kind, iris.Recipe(), _EXAMPLE, None)


@functools.lru_cache(maxsize=256)
def _drawn(kind: str, recipe: iris.Recipe, flower: iris.Flower | None, detail: str | None) -> str:
    return store(_draw(kind, recipe, flower, detail))


def _draw(kind: str, recipe: iris.Recipe, flower: iris.Flower | None, detail: str | None) -> bytes:
    # matplotlib takes a second to import, which no start of the assistant should wait for.
    from models.iris import pictures

    def accuracy_by_k() -> bytes:
        ks = [int(k) for k in detail.split(",")] if detail else _possible(recipe)
        return pictures.accuracy_by_k(iris.compare_k(ks, recipe), recipe.k)

    makers: dict[str, Callable[[], bytes]] = {
        "among": lambda: pictures.flower_among_all(iris.predict(flower or _EXAMPLE, recipe)),
        "regions": lambda: pictures.decision_regions(recipe, flower),
        "accuracy": accuracy_by_k,
        "confusion": lambda: pictures.confusion(iris.accuracy(recipe)),
        "features": lambda: pictures.importance(iris.feature_importance(recipe)),
        "anatomy": lambda: pictures.anatomy(detail),
        "steps": lambda: pictures.three_steps(flower, recipe),
    }
    return makers[kind]() if kind in makers else knowledge_pictures.draw(kind)


def _possible(recipe: iris.Recipe) -> list[int]:
    return list(ks_to_compare([], False, iris.training_size(recipe)))


async def drawing(
    kind: str,
    recipe: iris.Recipe | None = None,
    flower: iris.Flower | None = None,
    detail: str | None = None,
) -> str | None:
    """Return the name of a stored drawing; None, logged, if it could not be written.

    Args:
        kind: what to draw, such as "among" or "chart".
        recipe: the model to draw, the article's by default.
        flower: the flower to mark, an example's or none by default.
        detail: the feature to stress in "anatomy", or the values of k for "accuracy".

    Raises:
        KeyError: if there is no such kind.
    """
    if kind in knowledge_pictures.NAMES:  # the same for everybody
        recipe, flower = None, None
    wanted = (kind, recipe or iris.Recipe(), flower, detail)
    try:
        name = await asyncio.to_thread(_drawn, *wanted)
        if find(name) is None:  # somebody emptied the folder
            name = await asyncio.to_thread(lambda: store(_draw(*wanted)))
    except OSError:
        logger.exception("The picture %s could not be stored", kind)
        return None
    return name


async def show(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    kind: str,
    *,
    recipe: iris.Recipe | None = None,
    detail: str | None = None,
    buttons: list[Button] | None = None,
) -> None:
    """Send a drawing of this conversation's model with words that say what can be seen in it."""
    recipe, flower = recipe or recipe_of(tracker), flower_of(tracker)
    name = await drawing(kind, recipe, flower, detail)
    if name is None:
        dispatcher.utter_message(response="utter_picture_unavailable")
        return
    response = f"utter_picture_{kind}"
    values: dict[str, Any] = {"k": recipe.k, "training": iris.training_size(recipe)}
    if kind in ("among", "steps", "regions"):
        response += "" if flower else "_example"
        shown = flower or _EXAMPLE
        answer = await asyncio.to_thread(iris.predict, shown, recipe)
        values["species"] = answer.species
        values["flower"] = ", ".join(f"{value:g}" for value in shown.values())
    if kind == "confusion":
        score = await asyncio.to_thread(iris.accuracy, recipe)
        rows = zip(iris.SPECIES, score.confusion, strict=True)
        table = "\n".join(f"| {name} | {' | '.join(map(str, row))} |" for name, row in rows)
        values |= {"correct": score.correct, "total": score.total, "table": table}
    if kind == "chart":  # a picture of text: whoever cannot see it gets the text
        rows = library()[_CHARTED].facets["detail"].splitlines()
        values["metadata"] = {"alt": "\n".join(row for row in rows if row.startswith("|"))}
    dispatcher.utter_message(response=response, image=name, buttons=buttons, **values)


class ActionShowPicture(Wish):
    """Draw what a person asks to see."""

    intent = "show_picture"

    async def do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Send the picture that the words name, of the last flower where one is needed."""
        kind = str(entity_value(tracker, "picture") or "among")
        await show(dispatcher, tracker, kind, recipe=recipe_asked(dispatcher, tracker))
        shown = [block.id for block in library().blocks if block.picture == kind]
        recent = [i for i in tracker.get_slot("knowledge_recent") or [] if i not in shown]
        # "Why is that so?" is about what can be seen.
        return [SlotSet("knowledge_recent", [shown[-1], *recent])] if shown else []
