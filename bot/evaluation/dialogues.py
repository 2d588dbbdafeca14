"""Score whole conversations, turn by turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.assistant import Assistant
from bot.evaluation.questions import Done
from bot.evaluation.turns import Turn, take

TOLERANCE_CM = 0.021  # a value read in inches or millimetres is rounded
ASKING_BACK = (
    "utter_iris_ask",
    "utter_ask_review_form",
    "utter_nothing_to_follow",
    "utter_did_you_mean",
    "utter_yes_to_what",
    "utter_deny",
)
CLASSIFYING = (
    "action_predict_iris",
    "action_correct_iris",
    "action_set_iris_k",
    "action_show_iris_neighbours",
)


@dataclass(frozen=True)
class Failure:
    """A turn that went otherwise than expected."""

    dialogue: str
    said: str
    expected: Mapping[str, Any]
    did: tuple[str, ...]


@dataclass(frozen=True)
class Talked:
    """How a set of dialogues came out."""

    dialogues: int
    right: int
    turns: int
    right_turns: int
    failures: tuple[Failure, ...]


async def talk(
    assistant: Assistant,
    dialogues: Sequence[Mapping[str, Any]],
    run: str,
    done: Done = lambda: None,
) -> Talked:
    """Hold every dialogue and compare each turn with what is expected of it."""
    failures: list[Failure] = []
    turns = 0
    for number, dialogue in enumerate(dialogues):
        for step in dialogue["turns"]:
            turn = await take(assistant, f"{run}-{number}", str(step["say"]))
            turns += 1
            expected = step.get("expect") or {}
            if not all(_CHECKS[key](value, turn) for key, value in expected.items()):
                failures.append(
                    Failure(dialogue["name"], str(step["say"]), expected, turn.responses)
                )
        done()
    failed = {failure.dialogue for failure in failures}
    return Talked(
        len(dialogues), len(dialogues) - len(failed), turns, turns - len(failures), tuple(failures)
    )


def _topics(names: Sequence[str], turn: Turn) -> bool:
    return turn.topic in names


def _aspect(aspect: str, turn: Turn) -> bool:
    if aspect == "repeat":
        return bool(turn.texts)
    return any(name.endswith((f"_{aspect}", f"_no_{aspect}")) for name in turn.responses) or (
        aspect == "picture" and any(name.startswith("utter_picture") for name in turn.responses)
    )


def _field(field: str, turn: Turn) -> bool:
    return field in ("both", turn.slots.get("knowledge_field"))


def _sentiment(label: str, turn: Turn) -> bool:
    return any(name.startswith(f"utter_review_{label}") for name in turn.responses)


def _measurements(values: Sequence[float], turn: Turn) -> bool:
    flower = turn.slots.get("iris_flower")
    return (
        any(action in turn.actions for action in CLASSIFYING)
        and flower is not None
        and all(abs(a - b) <= TOLERANCE_CM for a, b in zip(flower, values, strict=True))
    )


def _k(k: int, turn: Turn) -> bool:
    return int(turn.slots.get("iris_k") or 3) == k


def _asks(feature: str, turn: Turn) -> bool:
    return turn.slots.get("requested_slot") == f"iris_{feature}"


def _rejects(_: str, turn: Turn) -> bool:
    return any(
        name.startswith(("utter_iris_wrong", "utter_iris_too_many", "utter_iris_no_number"))
        for name in turn.responses
    )


def _kind(kind: str, turn: Turn) -> bool:
    return {
        "accuracy": "action_report_accuracy" in turn.actions,
        "asks_back": any(name.startswith(ASKING_BACK) for name in turn.responses),
        "cancelled": "action_cancel" in turn.actions or "action_deny" in turn.actions,
        "feedback": "action_record_feedback" in turn.actions,
        "goodbye": "utter_goodbye" in turn.responses,
        "greeting": "utter_greet" in turn.responses,
        "help": "utter_ask_help" in turn.responses or "action_list_topics" in turn.actions,
        "off_topic": not {"utter_out_of_scope", "utter_foreign"}.isdisjoint(turn.responses),
        "thanks": "utter_thank" in turn.responses,
        "topic_list": "utter_ask_help" in turn.responses
        or any(name.startswith("utter_topics") for name in turn.responses),
    }[kind]


_CHECKS: dict[str, Callable[[Any, Turn], bool]] = {
    "topics": _topics,
    "aspect": _aspect,
    "field": _field,
    "sentiment": _sentiment,
    "measurements": _measurements,
    "k": _k,
    "asks": _asks,
    "rejects": _rejects,
    "kind": _kind,
}
