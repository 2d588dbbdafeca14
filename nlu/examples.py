"""What the stages learn from: how people ask for each block, and what else they say.

``python -m nlu.examples`` encodes them anew, once blocks or examples were added.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.encoder import vectors
from models.iris.text import NUMBER
from models.knowledge import JOINT, Block, is_answer, library
from nlu.names import Names

FOLDER = Path(__file__).parent
DIALOGUES, LAB = FOLDER / "knowledge" / "dialogues.yml", FOLDER / "lab.yml"
FOLLOW_UP, QUESTION = "follow_up/", "ask_concept"
# What is running text in a block, and follow-ups that name nothing ("hmm, why?").
PROSE = ("definition", "example", "why", "when")
ASIDES = ("follow_up/why", "follow_up/more", "follow_up/simple")
# "And in machine learning?" may ask for the other side of what was spoken of.
FIELDS = {"machine_learning": "ml", "deep_learning": "dl", "neural_network": "dl"}
MAX_CHARACTERS = 600
MOST_RECENT = 8
_NUMBER, _A_NUMBER = re.compile(NUMBER), "7"
# The same safe loader on libyaml, many times faster; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Example:
    """A text to learn from.

    Attributes:
        text: what somebody says.
        label: the id of a block, or an intent such as ``follow_up/why``.
        part: what it is of its block: ``name``, or the side that it asks for.
        is_aside: whether it asks for its block only in a conversation on that ("can it be 0?").
    """

    text: str
    label: str
    part: str = "said"
    is_aside: bool = False

    @property
    def is_question(self) -> bool:
        """Whether somebody asks so for a block, whatever was spoken of before."""
        return self.part != "name" and not self.is_aside

    @property
    def is_kept_back(self) -> bool:
        """Whether the encoder never saw it, so that it can tell what a fresh text looks like."""
        return self.part != "name" and hashlib.sha256(self.text.encode()).digest()[0] % 5 == 0


def prepare(text: str) -> str:
    """Return the text as every stage reads it: cut, in one line, never empty."""
    return " ".join(text[:MAX_CHARACTERS].split()) or "?"


@functools.lru_cache(maxsize=1)
def indexed() -> tuple[Example, ...]:
    """Return every name, question and symptom of every block, each once."""
    found: dict[tuple[str, str], Example] = {}
    for example in (example for block in library().blocks for example in _of_block(block)):
        within = example.label if example.is_aside else ""
        found.setdefault((within, example.text.lower()), example)
    return tuple(found.values())


@functools.lru_cache(maxsize=1)
def of_intents() -> tuple[Example, ...]:
    """Return every example of the intents."""
    examples = []
    for file in sorted(FOLDER.glob("*.yml")):
        for part in yaml.load(file.read_text(encoding="utf-8"), _LOADER).get("nlu", ()):
            lines = (line.strip() for line in part["examples"].splitlines())
            examples += [
                Example(prepare(line[2:]), part["intent"]) for line in lines if line[:2] == "- "
            ]
    return tuple(examples)


@functools.lru_cache(maxsize=1)
def said_in_lab() -> tuple[tuple[str, Example], ...]:
    """Return what people say in each place of the lab, with its label."""
    raw = yaml.load(LAB.read_text(encoding="utf-8"), _LOADER)["lab"]
    return tuple(
        (part["place"], Example(text, part["label"])) for part in raw for text in part["said"]
    )


def masked_numbers(text: str) -> str:
    """Return a text as every stage reads it, with all its numbers the same."""
    return prepare(_NUMBER.sub(_A_NUMBER, text))


def as_aside(text: str, block: str) -> str:
    """Return a question as one asks it of a block that was spoken of: "it" stands for the name."""
    lower = text.lower()
    names = (name.lower() for name in library()[block].names)
    named = max((name for name in names if name in lower), key=len, default="")
    start = lower.find(named)
    return f"{text[:start]}it{text[start + len(named) :]}" if named else text


@dataclass(frozen=True)
class Turn:
    """What somebody said in a conversation, and the blocks it was about.

    Attributes:
        text: the message.
        recent: ids of the blocks spoken of before, newest first.
        compared: the concepts compared last, in the order in which they were named.
        blocks: any of them is right; none where it was about no block.
        side: what it asks for of them, if that was said.
    """

    text: str
    recent: tuple[str, ...]
    compared: tuple[str, ...]
    blocks: frozenset[str]
    side: str | None


@functools.lru_cache(maxsize=1)
def dialogues() -> tuple[Turn, ...]:
    """Return every turn of the conversations that were written to learn from."""
    raw = yaml.load(DIALOGUES.read_text(encoding="utf-8"), _LOADER)["dialogues"]
    return tuple(turn for dialogue in raw for turn in _turns(dialogue["turns"]))


@functools.lru_cache(maxsize=1)
def of_dialogues() -> tuple[Example, ...]:
    """Return what was said of blocks in the conversations, as kinds of message.

    What names a concept is a question; what names nothing and asks for a side of what was
    spoken of is a follow-up; of all else no kind is known.
    """
    known, said = {example.label for example in of_intents()}, []
    for turn in (each for each in dialogues() if each.blocks):
        wish = f"{FOLLOW_UP}{turn.side}"
        named = {link.concept for link in names().link(turn.text)}
        if named - FIELDS.keys():
            said.append(Example(turn.text, QUESTION))
        elif not named and turn.blocks.intersection(turn.recent[:1]) and wish in known:
            said.append(Example(turn.text, wish))
    return tuple(said)


def _turns(steps: Iterable[Mapping[str, Any]]) -> Iterator[Turn]:
    """Yield the turns of a conversation, each after answers that were right."""
    recent: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    for step in steps:
        text, expected = prepare(str(step["say"])), step.get("expect") or {}
        named = expected.get("concept", ())
        wanted = (named,) if isinstance(named, str) else tuple(named)
        wanted = (
            _as_named(text, wanted, recent) if expected.get("facet") == "comparison" else wanted
        )
        pairs = [b.id for b in library().contrasts if len(set(b.concepts) & set(wanted)) > 1]
        compares = expected.get("facet") == "comparison" and len(wanted) > 1
        pair = library().block(JOINT.join(wanted[:2])).id if compares else None
        right = {pair} if pair else {*wanted, *pairs}
        yield Turn(text, recent, compared, frozenset(right), expected.get("facet"))
        told = (pair,) if pair in library() else wanted[: 2 if compares else 1]
        if recent[:1] and recent[0] in right:
            told = recent[:1]
        compared = wanted[:2] if compares else compared
        recent = (*told, *(block for block in recent if block not in told))[:MOST_RECENT]


def _as_named(text: str, concepts: tuple[str, ...], recent: tuple[str, ...]) -> tuple[str, ...]:
    """Return concepts in the order in which a text names them; what was spoken of leads."""
    named = [link.concept for link in names().link(text)]
    order = [*(name for name in recent if name not in named), *named, *concepts]
    return tuple(sorted(concepts, key=order.index))


@functools.lru_cache(maxsize=1)
def names() -> Names:
    """Return the names of all concepts; what is a word in running text counts only in capitals."""
    prose = [block.facets.get(side, "") for block in library().blocks for side in PROSE]
    return Names(library().concepts, prose + [e.text for e in of_intents() if e.label in ASIDES])


@functools.lru_cache(maxsize=1)
def told() -> tuple[Example, ...]:
    """Return every text with which a block can answer a small question."""
    return tuple(
        Example(prepare(text), block.id, side)
        for block in library().blocks
        for side, text in block.facets.items()
        if is_answer(side)
    )


def _of_block(block: Block) -> Iterator[Example]:
    for name in block.names:
        yield Example(prepare(name), block.id, "name")
    for side, texts in block.questions.items():
        for text in texts:
            # "Is it faster than a tree?" means something only where "it" was spoken of.
            named = {link.concept for link in names().link(text)}
            is_aside = is_answer(side) and named != {block.id}
            yield Example(prepare(text), block.id, side, is_aside)
    for text in block.symptoms:
        yield Example(prepare(text), block.id, "symptoms")


if __name__ == "__main__":
    texts = [example.text for example in (*indexed(), *told(), *of_intents())]
    asides = [as_aside(each.text, each.label) for each in indexed() if is_answer(each.part)]
    in_lab = [masked_numbers(each.text) for _, each in said_in_lab()]
    said = [masked_numbers(each.text) for each in (*indexed(), *of_intents())]
    vectors.write([*texts, *asides, *(turn.text for turn in dialogues()), *in_lab, *said])
