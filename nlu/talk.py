"""What the conversation is about: the concepts spoken of last, the form that waits."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from models.knowledge import Block, library

RECENT, COMPARED = "knowledge_recent", "knowledge_compared"
THE_ARTICLE = "the article"
# A demonstration is about a concept of the walk-throughs, and leaves this slot or form behind.
_DEMONSTRATED = {
    "iris_experiment": ("flower", "iris_knn"),
    "review_last": ("verdict", "imdb_layers"),
}
# So many turns later the Iris model is still what is talked about.
LATELY = 3
# What asks for a number of neighbours.
ASKING_K = ("utter_iris_which_k", "utter_iris_wrong_k")
# The places of what was spoken of last, or compared.
ORDER = ("first", "second")
IRIS_FORM, REVIEW_FORM = "iris_form", "review_form"
_FORMS = {IRIS_FORM: "iris_knn", REVIEW_FORM: "imdb_layers"}


@dataclass(frozen=True)
class Talk:
    """A conversation as the next message finds it.

    Attributes:
        recent: ids of the blocks spoken of, newest first.
        form: the form that waits for an answer.
        shown: ``flower`` or ``verdict`` if a demonstration was spoken of later than any concept.
        compared: the concepts that were set side by side last, in the order they were named in.
        lately: whether the Iris model was at work in the last turns, whatever was told since.
        asks_k: whether a number of neighbours was just asked for.
    """

    recent: tuple[str, ...] = ()
    form: str | None = None
    shown: str | None = None
    compared: tuple[str, ...] = ()
    lately: bool = False
    asks_k: bool = False

    @property
    def current(self) -> Block | None:
        """What was spoken of last."""
        return library()[self.recent[0]] if self.recent else None

    @property
    def near(self) -> frozenset[str]:
        """What a conversation goes on to: its block and neighbours, in the article to any part."""
        return _near(self.recent[0]) if self.recent else frozenset()

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts spoken of, newest first, those of contrasts one by one as named."""
        parts = (library()[block].concepts for block in self.recent)
        ordered = (self.compared if {*part} == {*self.compared} else part for part in parts)
        return tuple(dict.fromkeys(concept for part in ordered for concept in part))


@functools.cache
def _near(name: str) -> frozenset[str]:
    block = library()[name]
    is_field = block.counterpart in ("machine_learning", "deep_learning")
    area = library().area(THE_ARTICLE) if block.area == THE_ARTICLE or is_field else ()
    parts = {each.id for each in area}
    pairs = {each.id for each in library().contrasts if parts.issuperset(each.concepts)}
    return library().neighbours(block) | parts | pairs | {name}


def talk_of(tracker: DialogueStateTracker | None) -> Talk:
    """Return what a conversation is about; nothing at its start."""
    if tracker is None:
        return Talk()
    recent = [block for block in tracker.get_slot(RECENT) or () if block in library()]
    form = tracker.active_loop_name
    shown: str | None = None
    for event in reversed(tracker.events):
        if isinstance(event, SlotSet) and event.value:
            if event.key == RECENT:
                break
            if event.key in _DEMONSTRATED:
                shown, concept = _DEMONSTRATED[event.key]
                recent = [concept, *(block for block in recent if block != concept)]
                break
    if form in _FORMS and not recent:
        recent = [_FORMS[form]]
    compared = tuple(tracker.get_slot(COMPARED) or ())
    return Talk(tuple(recent), form, shown, compared, _lately(tracker), _asks_k(tracker))


def _lately(tracker: DialogueStateTracker) -> bool:
    """Whether the last turns changed or asked the Iris model."""
    turns = 0
    for event in reversed(tracker.events):
        turns += isinstance(event, UserUttered)
        if turns > LATELY:
            break
        if isinstance(event, SlotSet) and event.key == "iris_experiment":
            return bool(event.value)
    return False


def _asks_k(tracker: DialogueStateTracker) -> bool:
    """Whether the last answer asked for a number of neighbours."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, BotUttered) and event.metadata.get("utter_action") in ASKING_K:
            return True
    return False
