"""Every intent with its traits, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Traits:
    """What the stages have to know of an intent.

    Attributes:
        detail: the entity that tells the second half of its examples' labels.
        measures: whether numbers in such a message can be a flower's measurements.
        is_request: whether it asks for something that can stand beside another request.
        demonstrates: whether it starts a demonstration.
        answers_at_once: whether it is small talk, harmless where it was not meant.
        of_lab: whether it gives or asks the Iris model something.
        of_others: details with which it is not the lab's.
    """

    detail: str | None = None
    measures: bool = True
    is_request: bool = False
    demonstrates: bool = False
    answers_at_once: bool = False
    of_lab: bool = False
    of_others: tuple[str, ...] = ()


INTENTS = {
    # knowledge
    "ask_concept": Traits(measures=False, is_request=True),
    "follow_up": Traits(detail="facet", measures=False),
    "learning_path": Traits(measures=False, is_request=True),
    "list_topics": Traits(measures=False, is_request=True),
    "nlu_fallback": Traits(measures=False),
    "unknown_name": Traits(measures=False),
    "out_of_scope": Traits(measures=False),
    # arithmetic
    "work_sum": Traits(measures=False, is_request=True),
    # iris
    "predict_iris": Traits(is_request=True, demonstrates=True, of_lab=True),
    "inform_measurement": Traits(of_lab=True),
    "lone_number": Traits(of_lab=True),
    "set_k": Traits(of_lab=True),
    "ask_iris_neighbours": Traits(of_lab=True),
    "try_iris": Traits(detail="experiment", is_request=True, demonstrates=True, of_lab=True),
    # pictures
    "show_picture": Traits(
        detail="picture",
        is_request=True,
        demonstrates=True,
        of_lab=True,
        of_others=("steps", "nested", "chart", "network"),
    ),
    # review
    "classify_review": Traits(is_request=True, demonstrates=True),
    "state_opinion": Traits(),
    "explain_review": Traits(),
    "compare_review_models": Traits(),
    # accuracy
    "ask_accuracy": Traits(
        detail="model", measures=False, is_request=True, of_lab=True, of_others=("both", "review")
    ),
    # small talk
    "greet": Traits(answers_at_once=True),
    "goodbye": Traits(answers_at_once=True),
    "thank": Traits(answers_at_once=True),
    "distress": Traits(),
    "ask_help": Traits(measures=False, is_request=True, answers_at_once=True),
    "ask_about_me": Traits(measures=False, is_request=True, answers_at_once=True),
    "affirm": Traits(answers_at_once=True),
    "deny": Traits(answers_at_once=True),
    "refuse": Traits(answers_at_once=True),
    "cancel": Traits(),
    "give_feedback": Traits(answers_at_once=True),
    # privacy
    "delete_data": Traits(measures=False),
    "export_data": Traits(measures=False),
    # decided by the guard
    "empty_message": Traits(),
    "too_long": Traits(),
    "unknown_command": Traits(),
}
