"""Answer what people say after an answer: "tell me more", "and in DL?", "the next one"."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.drawings import show
from actions.iris_experiments import tell_code
from actions.iris_state import flower_of, recipe_of, talks_of_flower
from actions.iris_telling import tell_why
from actions.knowledge import ActionListTopics
from actions.knowledge_telling import current_topic, tell, untold
from actions.replies import button, entity_value, last_action, resume_form, text_of
from actions.review import follows_verdict, judged_unasked
from actions.review_explained import explain_last
from models.knowledge import Topic, library

# After a verdict on a review these ask about the verdict, not about the topic before it.
_ABOUT_VERDICT = ("why", "picture")
_ABOUT_FLOWER = ("why", "picture", "code")
_IN_THE_LIST = re.compile(r"\b(?:list|article|order|chart|overview)\b", re.IGNORECASE)
_KERAS = re.compile(r"\b(?:keras|tensorflow|tf|imdb|sentiment)\b", re.IGNORECASE)


class ActionFollowUp(Action):
    """Answer a message that only makes sense after an answer: "tell me more", "and in DL?"."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_follow_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell another side of the current topic, or go to another one."""
        topic = current_topic(tracker)
        aspect = str(entity_value(tracker, "aspect"))
        if aspect == "next" and follows_verdict(tracker):
            return [FollowupAction("review_form")]
        if aspect == "repeat":
            return [*_repeat(dispatcher, tracker), *resume_form(tracker)]
        if aspect == "how":
            return [*await _how(dispatcher, tracker, domain, topic), *resume_form(tracker)]
        if aspect in _ABOUT_VERDICT and follows_verdict(tracker):
            return await explain_last(dispatcher, tracker, domain)
        if aspect in _ABOUT_FLOWER and talks_of_flower(tracker):
            return await self._about_flower(dispatcher, tracker, domain, aspect)
        if aspect == "other_field" and last_action(tracker) == "action_list_topics":
            return ActionListTopics().run(dispatcher, tracker, domain)
        if topic is None:
            return [*await _without_topic(dispatcher, tracker, aspect), *resume_form(tracker)]
        if aspect in ("other_field", "both"):
            events = await _change_field(dispatcher, tracker, topic, aspect)
        elif aspect == "next":
            events = await tell(dispatcher, tracker, library().following(topic))
        elif aspect == "previous":
            events = await tell(dispatcher, tracker, _told_before(tracker, topic))
        else:
            events = await _tell_side(dispatcher, tracker, topic, aspect)
        return [*events, *resume_form(tracker)]

    async def _about_flower(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
        aspect: str,
    ) -> list[EventType]:
        flower = flower_of(tracker)
        if aspect == "why" and flower is None:
            return await tell(dispatcher, tracker, library()["iris_accuracy"])
        if aspect == "why" and flower:
            tell_why(dispatcher, domain, flower, recipe_of(tracker))
            return resume_form(tracker)
        if aspect == "code":
            tell_code(dispatcher, tracker)
        else:
            await show(dispatcher, tracker, "among")
        return resume_form(tracker)


async def _tell_side(
    dispatcher: CollectingDispatcher, tracker: Tracker, topic: Topic, aspect: str
) -> list[EventType]:
    """Tell a side of the current topic; never the same twice in a row."""
    side = untold(tracker, topic, aspect) if aspect in topic.aspects else aspect
    if side:
        return await tell(dispatcher, tracker, topic, side)
    near = [library()[name].title for name in topic.related if name in library()]
    dispatcher.utter_message(
        response="utter_topic_exhausted",
        title=topic.title,
        buttons=[button(title) for title in near[:4]],
    )
    return [SlotSet("knowledge_offer", near[:1] or None)]


async def _how(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    domain: dict[str, Any],
    topic: Topic | None,
) -> list[EventType]:
    """Say how that works which was talked about last."""
    if follows_verdict(tracker):
        return await explain_last(dispatcher, tracker, domain)
    if talks_of_flower(tracker):
        return await tell(dispatcher, tracker, library()["iris_knn"])
    if topic:
        return await tell(dispatcher, tracker, topic, "more")
    dispatcher.utter_message(response="utter_ask_help")
    return []


def _repeat(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Say again whatever was said in the turn before this one."""
    said: list[dict[str, Any]] = []
    for event in reversed(tracker.events[: _last_user_message(tracker)]):
        if event.get("event") == "user" and said:
            break
        if event.get("event") == "bot":
            said.insert(0, event)
    for event in said:
        data = event.get("data") or {}
        dispatcher.utter_message(
            text=event.get("text"), buttons=data.get("buttons"), image=data.get("image")
        )
    if not said:
        dispatcher.utter_message(response="utter_nothing_to_follow")
    return []


def _last_user_message(tracker: Tracker) -> int:
    places = [n for n, event in enumerate(tracker.events) if event.get("event") == "user"]
    return places[-1] if places else 0


def _told_before(tracker: Tracker, topic: Topic) -> Topic:
    """Return the topic that was told before the current one, or that stands before it."""
    told = [
        str(event["value"])
        for event in reversed(tracker.events)
        if event.get("event") == "slot" and event.get("name") == "knowledge_topic"
    ]
    earlier = next((name for name in told if name != topic.name and name in library()), None)
    if earlier is None or _IN_THE_LIST.search(text_of(tracker)):
        return library().preceding(topic)
    return library()[earlier]


async def _change_field(
    dispatcher: CollectingDispatcher, tracker: Tracker, topic: Topic, aspect: str
) -> list[EventType]:
    named = "both" if aspect == "both" else entity_value(tracker, "field")
    if named == topic.field:
        return await tell(dispatcher, tracker, topic)
    if named is None and topic.field == "both":
        named = "dl"
    other = library().counterpart(topic, named)
    if other is None and named == "both":
        other = library()["comparison"]
    if other is None:
        general = {"ml": "machine_learning", "dl": "deep_learning"}
        wanted = named or {"ml": "dl", "dl": "ml"}.get(topic.field, "dl")
        if nearest := library().nearest(topic, wanted):
            dispatcher.utter_message(
                response="utter_topic_elsewhere", title=topic.title, other=nearest.title
            )
            return await tell(dispatcher, tracker, nearest)
        there = library()[general[wanted]]
        dispatcher.utter_message(
            response="utter_topic_one_field",
            title=topic.title,
            other=there.title,
            buttons=[button(there.title), button(library()["comparison"].title)],
        )
        return [SlotSet("knowledge_offer", [there.title])]
    return await tell(dispatcher, tracker, other)


async def _without_topic(
    dispatcher: CollectingDispatcher, tracker: Tracker, aspect: str
) -> list[EventType]:
    general = {"ml": "machine_learning", "dl": "deep_learning", "both": "comparison"}
    field = entity_value(tracker, "field")
    if aspect in ("other_field", "both") and field in general:
        return await tell(dispatcher, tracker, library()[general[field]])
    if aspect == "next":
        return await tell(dispatcher, tracker, library().topics[0])
    if aspect == "example":
        return await tell(dispatcher, tracker, library()["machine_learning"], "example")
    if aspect == "code":
        text = str(tracker.latest_message.get("text") or "")
        name = "imdb_code" if field == "dl" or _KERAS.search(text) else "iris_code"
        return await tell(dispatcher, tracker, library()[name])
    if judged := await judged_unasked(dispatcher, tracker):
        return judged
    dispatcher.utter_message(response="utter_nothing_to_follow")
    return []
