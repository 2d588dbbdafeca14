import pytest

from nlu.guard import decide


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("/help", "ask_help"),
        ("/start", "greet"),
        ("/cancel@FathomBot", "cancel"),
        ("/restart", "unknown_command"),
        ("/session_start", "unknown_command"),
        ('/set_k{"k": "5"}', "unknown_command"),
        ("/ask_topic/bias_variance", "unknown_command"),
        ("EXTERNAL: reminder", "unknown_command"),
        ("", "empty_message"),
        (" \n\t", "empty_message"),
        ("?!", "empty_message"),
        ("x" * 10_001, "too_long"),
        ("what is overfitting", None),
        ("/help me understand this film, it was dull", None),
    ],
)
def test_only_certain_messages_are_decided(text: str, intent: str | None) -> None:
    assert decide(text, 10_000) == intent
