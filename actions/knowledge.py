"""Answer questions on the field, follow-ups, what can be asked, and what to learn next."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import show
from actions.iris_experiments import tell_code
from actions.iris_state import flower_of, recipe_of
from actions.iris_telling import tell_why
from actions.knowledge_telling import OFFER, RECENT, ask_button, current, offer, tell
from actions.replies import button, entity_value, last_action, phrase, resume_form
from actions.review import judged_unasked
from actions.review_explained import explain_last
from actions.wishes import Named
from models.knowledge import Block, library


class ActionAnswerConcept(Named, Action):
    """Tell the side of a concept or of a contrast that was asked for."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell it, then offer what else the message asked for."""
        name, facet = entity_value(tracker, "concept"), entity_value(tracker, "facet")
        events = await tell(dispatcher, tracker, domain, str(name), str(facet or "definition"))
        for also in entity_value(tracker, "also") or ():
            events += offer(dispatcher, also, domain)
        return [*events, *resume_form(tracker)]


class ActionFollowUp(Named, Action):
    """Answer a message that means something only after an answer."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell another side of what was spoken of, or go on to something else."""
        wish, about = str(entity_value(tracker, "facet")), entity_value(tracker, "about")
        name = entity_value(tracker, "concept")
        if wish == "repeat":
            return [*_repeat(dispatcher, tracker), *resume_form(tracker)]
        if about == "verdict" and wish in ("why", "how", "picture"):
            return await explain_last(dispatcher, tracker, domain)
        if about == "verdict" and wish == "next":
            return [FollowupAction("review_form")]
        if about == "flower" and wish in ("why", "picture", "code"):
            return await _about_flower(dispatcher, tracker, domain, wish)
        if about == "flower" and wish == "simple" and (flower := flower_of(tracker)):
            tell_why(dispatcher, domain, flower, recipe_of(tracker))  # then the method in words
        if about:
            name = {"flower": "iris_knn", "verdict": "imdb_layers"}[str(about)]
        block = library()[str(name)] if name in library() else current(tracker)
        if block is None and wish == "next" and last_action(tracker) == "action_tell_path":
            block = library()[library().path.order[0]]
        if block is None:
            return [*await _from_nothing(dispatcher, tracker, domain, wish), *resume_form(tracker)]
        if wish in ("next", "related"):
            return [*await _next(dispatcher, tracker, domain, block), *resume_form(tracker)]
        if wish in ("previous", "back"):
            recent = [i for i in tracker.get_slot(RECENT) or [] if i in library()]
            block = library()[recent[1]] if len(recent) > 1 else block
            wish = "definition"
        if wish in ("other_field", "both"):
            return [*_no_other_side(dispatcher, domain, block), *resume_form(tracker)]
        return [*await tell(dispatcher, tracker, domain, block.id, wish), *resume_form(tracker)]


async def _about_flower(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], wish: str
) -> list[EventType]:
    flower = flower_of(tracker)
    if wish == "why" and flower is None:
        return await tell(dispatcher, tracker, domain, "iris_accuracy")
    if wish == "why" and flower:
        tell_why(dispatcher, domain, flower, recipe_of(tracker))
    elif wish == "code":
        tell_code(dispatcher, tracker)
    else:
        await show(dispatcher, tracker, domain, "among")
    return resume_form(tracker)


def _repeat(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Say again whatever was said in the turn before this one."""
    places = [n for n, event in enumerate(tracker.events) if event.get("event") == "user"]
    said: list[dict[str, Any]] = []
    for event in reversed(tracker.events[: places[-1] if places else 0]):
        if event.get("event") == "user" and said:
            break
        if event.get("event") == "bot":
            said.insert(0, event)
    for event in said:
        data = event.get("data") or {}
        dispatcher.utter_message(
            text=event.get("text"),
            buttons=data.get("buttons"),
            image=data.get("image"),
            metadata=(event.get("metadata") or {}).get("metadata"),
        )
    if not said:
        dispatcher.utter_message(response="utter_nothing_to_follow")
    return []


async def _next(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], block: Block
) -> list[EventType]:
    """Go on to the next concept of the learning path, else to a related one."""
    path = library().path
    if last_action(tracker) == "action_tell_path":
        return await tell(dispatcher, tracker, domain, path.order[0])
    known = list(tracker.get_slot(RECENT) or [])
    following = path.after(block.id, known[1] if len(known) > 1 else None)
    ahead = [name for name in (*following, *block.related) if name not in known]
    if not ahead:
        dispatcher.utter_message(response="utter_nothing_to_follow")
        return []
    return await tell(dispatcher, tracker, domain, ahead[0])


def _no_other_side(
    dispatcher: CollectingDispatcher, domain: dict[str, Any], block: Block
) -> list[EventType]:
    """Say that a concept is the same in both fields, or has no other side."""
    partners = [c for c in library().contrasts if block.id in c.concepts][:3]
    dispatcher.utter_message(
        response="utter_no_other_side",
        title=block.title,
        buttons=[ask_button(other, domain) for other in partners],
    )
    return [SlotSet(OFFER, [other.id for other in partners[:1]] or None)]


async def _from_nothing(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], wish: str
) -> list[EventType]:
    """Answer a follow-up that nothing came before."""
    first = {"code": "iris_code", "both": "machine_learning|deep_learning"}
    if wish in first:
        return await tell(dispatcher, tracker, domain, first[wish], wish)
    if wish in ("next", "related"):
        return _tell_path(dispatcher, domain)
    if judged := await judged_unasked(dispatcher, tracker):
        return judged
    dispatcher.utter_message(response="utter_nothing_to_follow")
    return []


class ActionListConcepts(Named, Action):
    """Say what can be asked: the areas, or the concepts of one."""

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """List the area that the words name, else let the person choose one."""
        area = entity_value(tracker, "area")
        if area in library().areas():
            blocks = library().area(str(area))
            dispatcher.utter_message(
                response="utter_area",
                area=str(area),
                count=len(blocks),
                names=", ".join(block.name for block in blocks),
                buttons=[ask_button(block, domain) for block in blocks[:3]],
            )
            return resume_form(tracker)
        ask = phrase(domain, "utter_ask_area")
        dispatcher.utter_message(
            response="utter_area_choices",
            count=len(library().concepts),
            buttons=[button(name, ask.format(area=name)) for name in library().areas()],
        )
        return resume_form(tracker)


class ActionOfferConcepts(Named, Action):
    """Ask back when several concepts could be meant, and say so when none is known."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Offer the nearest concepts as buttons."""
        names = [name for name in entity_value(tracker, "offers") or [] if name in library()]
        is_unknown = (tracker.latest_message.get("intent") or {}).get("name") == "unknown_name"
        if not names:
            dispatcher.utter_message(response="utter_out_of_scope")
            return _done(tracker)
        dispatcher.utter_message(
            response="utter_unknown_name" if is_unknown else "utter_did_you_mean",
            buttons=[ask_button(library()[name], domain) for name in names],
        )
        return [SlotSet(OFFER, names), *_done(tracker)]


def _done(tracker: Tracker) -> list[EventType]:
    """Return what ends the turn: this is also what the policy falls back to, again and again."""
    return resume_form(tracker) or [FollowupAction("action_listen")]


class ActionTellPath(Named, Action):
    """Say what to learn first and next, or what to know before a concept."""

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell the stages of the learning path, or the needs of the concept that is named."""
        name = str(entity_value(tracker, "concept") or "")
        needs = [library()[need] for need in library().path.needs.get(name, ())]
        if needs:
            dispatcher.utter_message(
                response="utter_path_needs",
                title=library()[name].title,
                names=", ".join(f"**{need.name}**" for need in needs),
                buttons=[ask_button(need, domain) for need in needs],
            )
            return [SlotSet(OFFER, [needs[0].id]), *resume_form(tracker)]
        return [*_tell_path(dispatcher, domain), *resume_form(tracker)]


def _tell_path(dispatcher: CollectingDispatcher, domain: dict[str, Any]) -> list[EventType]:
    stages = library().path.stages
    lines = [f"{number}. **{stage.title}**: {stage.why}" for number, stage in enumerate(stages, 1)]
    first = [library()[name] for name in library().path.order[:3]]
    dispatcher.utter_message(
        response="utter_path",
        stages="\n".join(lines),
        first=first[0].name if first else "",
        buttons=[ask_button(block, domain) for block in first],
    )
    return [SlotSet(OFFER, [block.id for block in first[:1]] or None)]
