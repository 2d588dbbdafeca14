"""What the stages learn from: how people ask for each block, and what else they say.

``python -m nlu.examples`` encodes them anew, once blocks or examples were added.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from models.encoder import vectors
from models.knowledge import Block, is_answer, library

FOLDER = Path(__file__).parent
DIALOGUES = FOLDER / "knowledge" / "dialogues.yml"
MAX_CHARACTERS = 600
MOST_RECENT = 8
# "Hmm" asks for no hidden Markov model.
_HESITATES = re.compile(
    r"(?:(?:[Hh]{1,5}m{1,9}|[Uu]{1,3}h{0,3}m{0,5}|[Ee]{1,3}r{1,3}m{0,3})\b\W{1,5}){1,3}"
)
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
    """Return the text as every stage reads it: cut, in one line, without "hmm", never empty."""
    line = " ".join(text[:MAX_CHARACTERS].split())
    hesitates = _HESITATES.match(line)
    return (line[hesitates.end() :] if hesitates else line) or line or "?"


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
        blocks: any of them is right; none where it was about no block.
    """

    text: str
    recent: tuple[str, ...]
    blocks: frozenset[str]


@functools.lru_cache(maxsize=1)
def dialogues() -> tuple[Turn, ...]:
    """Return every turn of the conversations that were written to learn from."""
    turns: list[Turn] = []
    for dialogue in yaml.load(DIALOGUES.read_text(encoding="utf-8"), _LOADER)["dialogues"]:
        recent: tuple[str, ...] = ()
        for step in dialogue["turns"]:
            expected = step.get("expect") or {}
            wanted = expected.get("concept", ())
            wanted = (wanted,) if isinstance(wanted, str) else tuple(wanted)
            pairs = [b.id for b in library().contrasts if len(set(b.concepts) & set(wanted)) > 1]
            compares = expected.get("facet") in ("compare", "comparison") and len(wanted) > 1
            both = library().contrast(*wanted[:2]) if compares else None
            right = {both.id} if both else {*wanted, *pairs}
            turns.append(Turn(prepare(str(step["say"])), recent, frozenset(right)))
            told = (both.id,) if both else wanted[: 2 if compares else 1]
            if recent[:1] and recent[0] in right:
                told = recent[:1]
            recent = (*told, *(block for block in recent if block not in told))[:MOST_RECENT]
    return tuple(turns)


@functools.lru_cache(maxsize=1)
def told() -> tuple[Example, ...]:
    """Return every text with which a concept can answer a small question."""
    return tuple(
        Example(prepare(text), block.id, side)
        for block in library().concepts
        for side, text in block.facets.items()
        if is_answer(side)
    )


def _of_block(block: Block) -> Iterator[Example]:
    for name in block.names:
        yield Example(prepare(name), block.id, "name")
    names = [name.lower() for name in block.names]
    for side, texts in block.questions.items():
        for text in texts:
            is_aside = is_answer(side) and not any(name in text.lower() for name in names)
            yield Example(prepare(text), block.id, side, is_aside)
    for text in block.symptoms:
        yield Example(prepare(text), block.id, "symptoms")


if __name__ == "__main__":
    texts = [example.text for example in (*indexed(), *told(), *of_intents())]
    asides = [as_aside(each.text, each.label) for each in indexed() if is_answer(each.part)]
    vectors.write([*texts, *asides, *(turn.text for turn in dialogues())])
