"""Score single questions: right, wrong, asked back, or declined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.assistant import Assistant
from bot.evaluation.turns import Turn, take
from models.knowledge import library

DECLINING = ("out_of_scope", "empty_message", "too_long", "unknown_command")
OUTCOMES = ("right", "offered", "asked", "declined", "wrong")

Done = Callable[[], None]


@dataclass(frozen=True)
class Answered:
    """How one question came out.

    Attributes:
        text: the question.
        expected: the topics that are right; none if it is outside the subject.
        outcome: ``right``; ``offered`` (asked back with the right topic among the buttons);
            ``asked`` (asked back without it); ``declined``; ``wrong``.
        got: the topic told or the intent acted on.
        confidence: the classifier's probability of its first choice.
        first_is_right: whether that first choice is right, whatever the thresholds made of it.
    """

    text: str
    expected: tuple[str, ...]
    outcome: str
    got: str
    confidence: float
    first_is_right: bool


async def ask(
    assistant: Assistant,
    questions: Sequence[tuple[str, tuple[str, ...]]],
    run: str,
    done: Done = lambda: None,
) -> list[Answered]:
    """Ask every question in a conversation of its own.

    Args:
        assistant: who answers.
        questions: texts with the names of the topics that are right, none for off-topic.
        run: makes the names of the conversations new.
        done: called after every question.
    """
    answers = []
    for number, (text, expected) in enumerate(questions):
        turn = await take(assistant, f"{run}-{number}", text)
        answers.append(_judge(text, expected, turn))
        done()
    return answers


def _judge(text: str, expected: tuple[str, ...], turn: Turn) -> Answered:
    asked_back = "action_offer_topics" in turn.actions
    declined = turn.intent in DECLINING or "utter_out_of_scope" in turn.responses
    titles = {library()[name].title for name in expected if name in library()}
    if turn.topic is not None and turn.topic in expected:
        outcome = "right"
    elif declined:
        outcome = "declined" if expected else "right"
    elif asked_back:
        outcome = "offered" if titles & set(turn.buttons) else "asked"
    else:
        outcome = "wrong"
    best = turn.ranking[0] if turn.ranking else {"name": turn.intent}
    return Answered(
        text,
        expected,
        outcome,
        turn.topic or turn.intent,
        float(best.get("confidence") or turn.confidence),
        _fits(str(best["name"]), str(best.get("detail") or ""), expected),
    )


def _fits(name: str, detail: str, expected: tuple[str, ...]) -> bool:
    if not expected:
        return name in DECLINING
    subjects = {library()[topic].subject for topic in expected if topic in library()}
    return name == "ask_topic" and detail in subjects
