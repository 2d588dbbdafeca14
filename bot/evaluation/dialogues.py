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
# What the sets call a side, where it has another name here.
SIDES = {"simpler": "simple", "more": "detail"}
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
            if not _meets(expected, turn):
                did = (*turn.responses, "|".join(turn.told), *turn.sides[-3:])
                failures.append(Failure(dialogue["name"], str(step["say"]), expected, did))
        done()
    failed = {failure.dialogue for failure in failures}
    return Talked(
        len(dialogues), len(dialogues) - len(failed), turns, turns - len(failures), tuple(failures)
    )


def _meets(expected: Mapping[str, Any], turn: Turn) -> bool:
    """Whether a turn is what is expected, or one of what is right as well."""
    if "kind_ok" in expected and any(_kind(kind, turn) for kind in expected["kind_ok"]):
        return True
    if any(_facet(facet, turn) for facet in expected.get("facet_ok", ())):
        expected = {key: value for key, value in expected.items() if key != "facet"}
    checked = {key: value for key, value in expected.items() if key in _CHECKS}
    return all(_CHECKS[key](value, turn) for key, value in checked.items())


def _concept(names: str | Sequence[str], turn: Turn) -> bool:
    return (
        not {names}.isdisjoint(turn.told)
        if isinstance(names, str)
        else not set(names).isdisjoint(turn.told)
    )


def _facet(facet: str, turn: Turn) -> bool:
    """Whether the side was told, or said to be lacking."""
    if facet == "repeat":
        return bool(turn.texts)
    if facet == "comparison":
        return len(turn.told) > 1
    if facet in ("picture", "source", "next") or "utter_concept_lacks" in turn.responses:
        return True
    if facet == "symptom":
        return not {"definition", "how", "when"}.isdisjoint(turn.sides[-3:])
    return SIDES.get(facet, facet) in turn.sides[-3:] or facet == "more"


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
        "help": "utter_ask_help" in turn.responses or "action_list_concepts" in turn.actions,
        "off_topic": turn.declined,
        "unknown_name": turn.declined or "action_offer_concepts" in turn.actions,
        "outside": turn.declined or "action_offer_concepts" in turn.actions,
        "clarify": turn.declined or any(name.startswith(ASKING_BACK) for name in turn.responses),
        "asks_flower": str(turn.slots.get("requested_slot")).startswith("iris_"),
        "asks_review": turn.slots.get("requested_slot") == "review_text",
        "sum": "action_work_sum" in turn.actions,
        "path": "action_tell_path" in turn.actions,
        "thanks": "utter_thank" in turn.responses,
        "topic_list": "utter_ask_help" in turn.responses
        or any(name.startswith("utter_area") for name in turn.responses),
    }[kind]


_CHECKS: dict[str, Callable[[Any, Turn], bool]] = {
    "concept": _concept,
    "facet": _facet,
    "sentiment": _sentiment,
    "measurements": _measurements,
    "k": _k,
    "asks": _asks,
    "rejects": _rejects,
    "kind": _kind,
}
