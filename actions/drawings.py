"""Every drawing the assistant can make, drawn when first asked for and off the event loop."""

from __future__ import annotations

import asyncio
import functools
import logging
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import iris_pictures
from actions.alt import alt
from actions.iris_pictures import EXAMPLE, Described, IrisPictures
from actions.iris_state import flower_of, recipe_asked, recipe_of
from actions.pictures import Picture, described, find, store
from actions.replies import Button, entity_value
from actions.wishes import Wish
from models import iris, knowledge_pictures
from models.knowledge import Block, library

logger = logging.getLogger(__name__)

KINDS = (*iris_pictures.KINDS, *knowledge_pictures.NAMES)


def draw(kind: str) -> bytes:
    """Draw one of ``KINDS`` with an example flower and the article's recipe."""
    return _draw(kind, iris.Recipe(), EXAMPLE, None)[0]


@functools.lru_cache(maxsize=256)
def _drawn(
    kind: str, recipe: iris.Recipe, flower: iris.Flower | None, detail: str | None
) -> tuple[str, str]:
    png, seen = _draw(kind, recipe, flower, detail)
    return store(png), seen


def _draw(
    kind: str, recipe: iris.Recipe, flower: iris.Flower | None, detail: str | None
) -> Described:
    if kind in iris_pictures.KINDS:
        made: Described = getattr(IrisPictures(recipe, flower, detail), kind)()
        return made
    png, numbers = knowledge_pictures.drawn(kind)
    return png, alt(kind, table=_table(kind), **numbers)


def _table(kind: str) -> str:
    """Return the table of the block that a picture belongs to, for a picture of text."""
    rows = _shown_by(kind)[-1].facets.get("detail", "").splitlines()
    return "\n".join(row for row in rows if row.startswith("|"))


def _shown_by(kind: str) -> list[Block]:
    return [block for block in library().blocks if block.picture == kind]


async def drawing(
    kind: str,
    recipe: iris.Recipe | None = None,
    flower: iris.Flower | None = None,
    detail: str | None = None,
) -> Picture:
    """Return a stored drawing with what it shows; nothing, logged, if it could not be written.

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
        name, seen = await asyncio.to_thread(_drawn, *wanted)
        if find(name) is None:  # somebody emptied the folder
            name = await asyncio.to_thread(lambda: store(_draw(*wanted)[0]))
    except OSError:
        logger.exception("The picture %s could not be stored", kind)
        return {}
    return described(name, seen)


async def show(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    kind: str,
    *,
    recipe: iris.Recipe | None = None,
    detail: str | None = None,
    buttons: list[Button] | None = None,
) -> None:
    """Send a drawing of this conversation's model with words that say what can be seen in it."""
    recipe, flower = recipe or recipe_of(tracker), flower_of(tracker)
    picture = await drawing(kind, recipe, flower, detail)
    if not picture:
        dispatcher.utter_message(response="utter_picture_unavailable")
        return
    response = f"utter_picture_{kind}"
    values: dict[str, Any] = {"k": recipe.k, "training": iris.training_size(recipe)}
    if kind in ("among", "steps", "regions"):
        response += "" if flower else "_example"
        shown = flower or EXAMPLE
        answer = await asyncio.to_thread(iris.predict, shown, recipe)
        values["species"] = answer.species
        values["flower"] = ", ".join(f"{value:g}" for value in shown.values())
    if kind == "confusion":
        score = await asyncio.to_thread(iris.accuracy, recipe)
        rows = zip(iris.SPECIES, score.confusion, strict=True)
        table = "\n".join(f"| {name} | {' | '.join(map(str, row))} |" for name, row in rows)
        values |= {"correct": score.correct, "total": score.total, "table": table}
    told = (domain["responses"][response][0].get("metadata") or {}).get("alt", "")
    picture["metadata"]["alt"] = f"{told} {picture['metadata']['alt']}".strip()
    dispatcher.utter_message(response=response, buttons=buttons, **picture, **values)


class ActionShowPicture(Wish):
    """Draw what a person asks to see."""

    intent = "show_picture"

    async def do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Send the picture that the words name, of the last flower where one is needed."""
        kind = str(entity_value(tracker, "picture") or "among")
        await show(dispatcher, tracker, domain, kind, recipe=recipe_asked(dispatcher, tracker))
        shown = [block.id for block in _shown_by(kind)]
        recent = [i for i in tracker.get_slot("knowledge_recent") or [] if i not in shown]
        # "Why is that so?" is about what can be seen.
        return [SlotSet("knowledge_recent", [shown[-1], *recent])] if shown else []
