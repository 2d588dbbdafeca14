"""Work a sum that somebody asks for, step by step."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import entity_value, phrase, resume_form
from actions.wishes import Named
from models.arithmetic import MOST_NUMBERS, QUANTITIES, ArithmeticProblem, work


class ActionWorkSum(Named, Action):
    """Put the numbers of the last message into the formula that it asks for."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Show the steps, or say what is wrong with the numbers."""
        asked = entity_value(tracker, "sum") or {}
        quantity = str(asked.get("quantity") or "")
        title = phrase(
            domain, f"utter_sum_title_{quantity if quantity in QUANTITIES else 'unknown'}"
        )
        try:
            worked = work(quantity, asked.get("values") or {})
        except ArithmeticProblem as problem:
            reason, *needs = problem.args
            dispatcher.utter_message(
                response=f"utter_sum_{reason}",
                title=title,
                needs=" and ".join(phrase(domain, f"utter_sum_need_{need}") for need in needs),
                most=MOST_NUMBERS,
            )
        else:
            dispatcher.utter_message(
                response="utter_sum", title=title, steps="\n".join(worked.steps)
            )
        return resume_form(tracker)
