"""Score single questions: right, asked back, declined or wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.assistant import Assistant
from bot.evaluation.turns import Turn, take

OUTCOMES = ("right", "asked", "declined", "wrong")
GUARDED = ("empty_message", "too_long", "unknown_command")

Done = Callable[[], None]


@dataclass(frozen=True)
class Question:
    """A question and the concepts that answer it.

    Attributes:
        text: what is asked.
        concepts: any of them is right; none if it must be declined.
        together: whether all of them have to be told, as a comparison.
    """

    text: str
    concepts: tuple[str, ...] = ()
    together: bool = False

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Question:
        """Read ``ask`` and ``concept`` or ``concepts`` (and ``compare``) of a set."""
        named = raw.get("concepts", raw.get("concept", ()))
        concepts = (named,) if isinstance(named, str) else tuple(named)
        return cls(str(raw["ask"]), concepts, bool(raw.get("compare")))


@dataclass(frozen=True)
class Answered:
    """How one question came out: one of ``OUTCOMES``, and what was told or done instead."""

    question: Question
    outcome: str
    got: str
    confidence: float


async def ask(
    assistant: Assistant, questions: Sequence[Question], run: str, done: Done = lambda: None
) -> list[Answered]:
    """Ask every question in a conversation of its own; ``run`` makes their names new."""
    answers = []
    for number, question in enumerate(questions):
        turn = await take(assistant, f"{run}-{number}", question.text)
        got = "|".join(turn.told) or turn.intent
        answers.append(Answered(question, judge(question, turn), got, turn.confidence))
        done()
    return answers


def judge(question: Question, turn: Turn) -> str:
    """Return the outcome of a turn."""
    wanted, told = set(question.concepts), set(turn.told)
    declined = turn.declined or turn.intent in GUARDED
    if told and wanted and (wanted <= told if question.together else wanted & told):
        return "right"
    if declined:
        return "declined" if wanted else "right"
    if "action_offer_concepts" in turn.actions:
        return "asked"
    return "wrong"
