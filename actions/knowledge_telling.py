"""Tell a block: the side that was asked for, an example, and where to go from there."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import show
from actions.replies import Button, button, phrase
from models.knowledge import JOINT, Block, is_answer, library

RECENT, TOLD, OFFER = "knowledge_recent", "knowledge_told", "knowledge_offer"
COMPARED = "knowledge_compared"
MOST_RECENT = 6
# So many words has a first reply at most.
MOST_WORDS = 100
# What "tell me more" goes on to when it was told.
GOES_ON_TO = ("detail", "example", "why", "how", "when", "weaknesses", "formula", "code")
# Where a block lacks a side, this one comes nearest.
_NEAREST = {
    "formula": "how",
    "code": "how",
    "strengths": "when",
    "weaknesses": "when",
    "simple": "example",
    "article": "definition",
    "picture": "example",
    "pros_cons": "when",
}
_SIDES = {"more": "detail", "compare": "definition"}
_BUTTONS = ("detail", "why", "example", "formula", "code")
_RELATED = 2


def current(tracker: Tracker) -> Block | None:
    """Return the block that was spoken of last, if any."""
    recent = tracker.get_slot(RECENT) or []
    return library()[recent[0]] if recent and recent[0] in library() else None


def told(tracker: Tracker, block: Block) -> list[str]:
    """Return the sides of a block that were told since the conversation came to it."""
    now = current(tracker)
    return list(tracker.get_slot(TOLD) or []) if now and now.id == block.id else []


def remember(tracker: Tracker, block: Block, sides: list[str]) -> list[EventType]:
    """Return the events that make a block the one that the conversation is about."""
    recent = [block.id, *(i for i in tracker.get_slot(RECENT) or [] if i != block.id)]
    before = [side for side in told(tracker, block) if side not in sides]
    return [SlotSet(RECENT, recent[:MOST_RECENT]), SlotSet(TOLD, [*before, *sides])]


async def tell(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    name: str,
    facet: str = "definition",
) -> list[EventType]:
    """Tell the side of a block that was asked for; never the same twice in a row.

    Args:
        dispatcher: takes the answer.
        tracker: holds what was told before.
        domain: holds the wording.
        name: a block's id, or the ids of concepts that no written contrast compares, joined.
        facet: one of ``models.knowledge.FACETS``, or ``more``, ``compare``, ``pros_cons``,
            ``picture``, ``source``.
    """
    named, block = name.split(JOINT), library().block(name)
    if not block.facets:
        events = _side_by_side(dispatcher, tracker, domain, block)
    else:
        events = await _tell_block(dispatcher, tracker, domain, block, facet)
    # In the order in which they were named.
    return [*events, SlotSet(COMPARED, named)] if len(named) > 1 else events


async def _tell_block(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    block: Block,
    facet: str,
) -> list[EventType]:
    if facet == "picture" and block.picture:
        buttons = _buttons(block, domain, [])
        await show(dispatcher, tracker, domain, block.picture, buttons=buttons)
        return remember(tracker, block, [])
    if facet == "source" and block.source:
        source = f"[{block.source.title}]({block.source.url})" if block.source.url else None
        dispatcher.utter_message(
            response="utter_concept_source", title=block.title, source=source or block.source.title
        )
        return remember(tracker, block, [])
    side = block.leads_with if facet == "definition" else _SIDES.get(facet, facet)
    before = told(tracker, block)
    sides = _sides(block, side)
    sides = [each for each in sides if each not in before] or sides
    is_again = set(sides) <= set(before[-3:]) or (facet == "more" and side in before)
    if is_again:
        left = [each for each in GOES_ON_TO if each in block.facets and each not in before]
        if not left:
            return _exhausted(dispatcher, tracker, domain, block)
        side = left[0] if side in sides else side
        sides = left[:1]
    sides = _say(dispatcher, domain, block, side, sides, before)
    return remember(tracker, block, sides)


def _sides(block: Block, side: str) -> list[str]:
    """Return what a wish for a side tells: several sides, or the nearest if a block lacks it."""
    several = {"pros_cons": ["strengths", "weaknesses"], "symptoms": ["definition", "when"]}
    found = [each for each in several.get(side, [side]) if each in block.facets]
    nearest = _NEAREST.get(side, "definition")
    return found or [nearest if nearest in block.facets else "definition"]


def _say(
    dispatcher: CollectingDispatcher,
    domain: dict[str, Any],
    block: Block,
    side: str,
    sides: list[str],
    before: list[str],
) -> list[str]:
    """Say the sides, with an example where there is room, and return what was told."""
    values: dict[str, Any] = {"title": block.title}
    if side not in block.facets and side not in ("pros_cons", "symptoms"):
        lacking = phrase(domain, f"utter_lacking_{side}") or phrase(domain, f"utter_facet_{side}")
        values["lacking"] = lacking
    values["told"] = "\n\n".join(block.facets[each] for each in sides)
    example = block.facets.get("example", "")
    has_room = len(f"{values['told']} {example}".split()) <= MOST_WORDS
    takes_example = sides[-1] in ("definition", "why", "when", "how") and "lacking" not in values
    if takes_example and "example" not in before and has_room:
        values["told"] += "\n\n" + example
        sides = [*sides, "example"]
    if "lacking" in values:
        response = "utter_concept_lacks"
    elif is_answer(side):
        response = "utter_concept_answer"
    elif side in ("definition", "code", "formula") or (side == "symptoms" and not before):
        response = f"utter_concept_{side}"
    else:
        response = "utter_concept_side"
        values["side"] = phrase(domain, f"utter_facet_{side}")
    buttons = _buttons(block, domain, [*before, *sides])
    dispatcher.utter_message(response=response, buttons=buttons, **values)
    return sides


def _side_by_side(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], pair: Block
) -> list[EventType]:
    """Set concepts side by side that no written contrast compares."""
    names = pair.concepts
    blocks = [library()[name] for name in names]
    parts = [block.facets["definition"] for block in blocks]
    uses = [f"**{block.title}.** {block.facets['when']}" for block in blocks]
    dispatcher.utter_message(
        response="utter_side_by_side",
        title=pair.title,
        definitions="\n\n".join(parts),
        uses="\n\n".join(uses),
        buttons=[ask_button(block, domain) for block in blocks],
    )
    recent = [*names, *(i for i in tracker.get_slot(RECENT) or [] if i not in names)]
    return [SlotSet(RECENT, recent[:MOST_RECENT]), SlotSet(TOLD, ["definition", "when"])]


def _exhausted(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], block: Block
) -> list[EventType]:
    near = [library()[name] for name in block.related]
    dispatcher.utter_message(
        response="utter_concept_exhausted",
        title=block.title,
        buttons=[ask_button(other, domain) for other in near[:3]],
    )
    return [
        *remember(tracker, block, told(tracker, block)),
        SlotSet(OFFER, [other.id for other in near[:1]] or None),
    ]


def ask_button(block: Block, domain: dict[str, Any]) -> Button:
    """Return a button that asks for a block."""
    return button(block.title, _filled(domain, "utter_ask_definition", block))


def _buttons(block: Block, domain: dict[str, Any], before: list[str]) -> list[Button]:
    """Return buttons for the sides that were not told yet, and for two related blocks."""
    sides = [each for each in _BUTTONS if each in block.facets and each not in before]
    found = [
        button(phrase(domain, f"utter_button_{each}"), _filled(domain, f"utter_ask_{each}", block))
        for each in sides
    ]
    if block.is_contrast:
        near = [library()[name] for name in block.concepts]
    else:
        near = [library()[name] for name in block.related]
        partners = [c for c in library().contrasts if block.id in c.concepts]
        if partners and len(partners[0].concepts) == 2:
            other = next(name for name in partners[0].concepts if name != block.id)
            text = _filled(domain, "utter_ask_compare", block)
            found.append(
                button(
                    phrase(domain, "utter_button_compare"),
                    text.replace("{other}", library()[other].name),
                )
            )
    return [*found, *(ask_button(other, domain) for other in near[:_RELATED])]


def _filled(domain: dict[str, Any], response: str, block: Block) -> str:
    return phrase(domain, response).replace("{name}", block.name)


def offer(
    dispatcher: CollectingDispatcher, also: dict[str, Any], domain: dict[str, Any]
) -> list[EventType]:
    """Offer what a message asked for beside the thing that was just answered."""
    name = str(also.get("concept") or "")
    if name in library():
        title, offer = ask_button(library()[name], domain), name
    elif text := phrase(domain, f"utter_offer_{also.get('intent')}"):
        title, offer = button(text), text
    else:
        return []
    dispatcher.utter_message(response="utter_also", other=title["title"], buttons=[title])
    return [SlotSet(OFFER, [offer])]
