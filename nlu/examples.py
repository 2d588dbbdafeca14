"""What the stages learn from: how people ask for each block, and what else they say.

``python -m nlu.examples`` encodes them anew, once blocks or examples were added.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from models.encoder import vectors
from models.knowledge import Block, is_answer, library

FOLDER = Path(__file__).parent
MAX_CHARACTERS = 600
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


def as_aside(text: str, block: str) -> str:
    """Return a question as one asks it of a block that was spoken of: "it" stands for the name."""
    lower = text.lower()
    names = (name.lower() for name in library()[block].names)
    named = max((name for name in names if name in lower), key=len, default="")
    start = lower.find(named)
    return f"{text[:start]}it{text[start + len(named) :]}" if named else text


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
    vectors.write([*texts, *asides])
