"""Nothing is deleted but by a yes that follows the question."""

from __future__ import annotations

from typing import Any

import pytest

from actions.privacy import DELETED, EXPORTED, ActionAskToDelete, ActionExportData
from actions.small_talk import ActionAffirm, ActionDeny
from tests.actions.talking import Conversation


def said(talk: Conversation, text: str, intent: str, action: Any) -> set[str]:
    talk.say(text, intent)
    return {str(message.get("response")) for message in talk.run(action)}


@pytest.mark.parametrize(
    ("text", "intent", "action"),
    [("yes", "affirm", ActionAffirm()), ("delete it", "delete_data", ActionAskToDelete())],
)
def test_a_yes_deletes_right_after_the_question_only(text: str, intent: str, action: Any) -> None:
    talk = Conversation()
    assert DELETED not in said(talk, "delete my data", "delete_data", ActionAskToDelete())
    assert DELETED in said(talk, text, intent, action)
    talk = Conversation()
    said(talk, "delete my data", "delete_data", ActionAskToDelete())
    said(talk, "no", "deny", ActionDeny())
    assert DELETED not in said(talk, text, intent, action)


def test_a_yes_to_something_else_deletes_nothing() -> None:
    assert DELETED not in said(Conversation(), "yes", "affirm", ActionAffirm())


def test_an_export_is_said_under_the_name_that_channels_look_for() -> None:
    assert EXPORTED in said(Conversation(), "export my data", "export_data", ActionExportData())
