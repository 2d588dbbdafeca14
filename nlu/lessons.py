"""What ``nlu.topic`` learns from: messages in conversations, and what each is about.

What people ask is put into conversations in which it is known what they mean: alone, after another
concept, after a comparison. Beside that stand whole conversations that people wrote.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from models.knowledge import JOINT, library
from nlu.concept import OUTSIDE
from nlu.examples import FIELDS, FOLLOW_UP, dialogues, indexed, names, of_intents
from nlu.facet import ASIDE, with_name
from nlu.names import Names, masked
from nlu.talk import ORDER, Talk

SEED = 0
# What comes from outside is rare here, and counts more.
WEIGHT_OUTSIDE = 8.0
# A turn of a real conversation counts as often as so many made from single questions.
WEIGHT_OF_TURN = 5.0
# Few questions compare two things that nobody wrote on; they count so often.
WEIGHT_OF_PAIR = 3.0
# A follow-up is put into so many conversations.
CONTEXTS = 2
# Of so many wishes for a side one is for that of a concept that is named.
NAMED_ASIDES = 0.3
# One of so many questions that compare is asked with other names.
ONE_OF = 3


@dataclass(frozen=True)
class Lesson:
    """A message in a conversation.

    Attributes:
        text: what is said.
        talk: the conversation it stands in.
        right: the blocks it is about, any of them; none where it is about no block.
        weight: how much it counts.
        is_fresh: whether it is to be read as one that nobody wrote down before.
    """

    text: str
    talk: Talk
    right: frozenset[str]
    weight: float = 1.0
    is_fresh: bool = False


def lessons() -> Iterator[Lesson]:
    """Put what people ask into conversations, and read the conversations that were written."""
    choose = random.Random(SEED)
    everything = [block.id for block in library().concepts]
    for example in (each for each in indexed() if each.is_kept_back):
        near = sorted(library().neighbours(library()[example.label])) or everything
        others = [choose.choice(near), choose.choice(everything)]
        talks = [Talk((example.label,))]
        if not example.is_aside:
            talks = [Talk(), *(Talk((other,)) for other in others)]
        for talk in talks:
            yield Lesson(example.text, talk, frozenset({example.label}), is_fresh=True)
    for example in of_intents():
        wish = example.label.removeprefix(FOLLOW_UP)
        if example.label in OUTSIDE and example.is_kept_back:
            for spoken in ((), (choose.choice(everything),)):
                yield Lesson(example.text, Talk(spoken), frozenset(), WEIGHT_OUTSIDE, is_fresh=True)
        elif wish != example.label:
            yield from _follow_ups(example.text, wish, choose)
        if wish == "back":  # "back to trees"
            block, before = choose.sample(library().concepts, 2)
            word = choose.choice([*Names.words(before.name), before.name])
            text = masked(example.text, names().link(example.text), word)
            yield Lesson(text, Talk((block.id, before.id)), frozenset({before.id}))
        if wish in ASIDE and choose.random() < NAMED_ASIDES:
            block = choose.choice(library().concepts)
            for spoken in ((), (choose.choice(everything),)):
                text = with_name(example.text, block.name)
                yield Lesson(text, Talk(spoken), frozenset({block.id}))
    for text, pair in itertools.islice(_comparisons(choose), 0, None, ONE_OF):
        yield Lesson(text, Talk(), frozenset({pair}), WEIGHT_OF_PAIR)
    for turn in dialogues():
        talk = Talk(turn.recent, compared=turn.compared)
        named = turn.blocks.intersection(_named(turn.text)) - FIELDS.keys()
        after_both = talk.current is not None and talk.current.is_contrast
        stays = turn.blocks.intersection(talk.recent[:1]) if after_both else frozenset[str]()
        yield Lesson(turn.text, talk, named or stays or turn.blocks, WEIGHT_OF_TURN)


def _named(text: str) -> frozenset[str]:
    return frozenset(link.concept for link in names().link(text))


def _follow_ups(text: str, wish: str, choose: random.Random) -> Iterator[Lesson]:
    """Put a follow-up into conversations in which it is known what it asks for."""
    named, books = _named(text), library()
    fields = {FIELDS[name] for name in named if name in FIELDS}
    if not named:
        yield Lesson(text, Talk(), frozenset())  # it means nothing where nothing was said before
    for _ in range(CONTEXTS):
        block, before = choose.sample([b for b in books.concepts if b.id not in named], 2)
        contrast = choose.choice(books.contrasts)
        compared = tuple(choose.sample(contrast.concepts, len(contrast.concepts)))
        after, spoken = Talk((contrast.id, before.id), compared=compared), choose.choice(compared)
        later = Talk((spoken, contrast.id), compared=compared)
        if wish in ASIDE and not named:
            yield Lesson(text, Talk((block.id, before.id)), frozenset({block.id}))
            yield Lesson(text, after, frozenset({contrast.id}))
        elif wish in ("other_concept", "compare", "both") and len(named) == 1:
            pair = books.block(JOINT.join([block.id, *named])).id
            right = named if wish == "other_concept" else frozenset({pair})
            yield Lesson(text, Talk((block.id,)), right)
        elif wish == "both" and not named:
            pair = books.block(JOINT.join([block.id, before.id])).id
            yield Lesson(text, Talk((block.id, before.id)), frozenset({pair}))
        elif wish == "compare" and not named:
            first, *_ = compared
            yield Lesson(text, Talk((first,)), frozenset(partners(first)))
        elif wish == "back" and not named:
            yield Lesson(text, Talk((block.id, before.id)), frozenset({before.id}))
        elif wish == "other_field":
            two = choose.choice([each for each in books.concepts if each.counterpart])
            other = books[str(two.counterpart)]
            stays = two.field in fields and other.field not in fields
            yield Lesson(text, Talk((two.id,)), frozenset({two.id if stays else other.id}))
            if not named:
                yield Lesson(text, later, frozenset(compared) - {spoken})
            if named and not block.counterpart:  # it holds for both
                yield Lesson(text, Talk((block.id,)), frozenset({block.id}))
            elif pairs := partners(block.id):
                others = {each for pair in pairs for each in (pair, *books[pair].concepts)}
                yield Lesson(text, Talk((block.id,)), frozenset(others) - {block.id})
        elif wish in ORDER:
            right = frozenset({compared[ORDER.index(wish)]})
            yield Lesson(text, after, right)
            yield Lesson(text, later, right)


def partners(concept: str) -> list[str]:
    """Return the written contrasts of a concept."""
    return [block.id for block in library().contrasts if concept in block.concepts]


def _comparisons(choose: random.Random) -> Iterator[tuple[str, str]]:
    """Ask as people ask for written contrasts, with any two concepts in their places."""
    for example in (each for each in indexed() if library()[each.label].is_contrast):
        links = names().link(example.text)
        if len({link.concept for link in links}) != len(links) or len(links) != 2:
            continue
        text, pair = example.text, choose.sample(library().concepts, 2)
        for link, block in zip(reversed(links), reversed(pair), strict=True):
            text = f"{text[: link.start]}{block.name}{text[link.end :]}"
        yield text, library().block(JOINT.join(block.id for block in pair)).id
