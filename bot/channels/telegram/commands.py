"""The commands that Telegram's menu offers, and which of them the assistant answers."""

from __future__ import annotations

# The assistant understands these as texts, in every channel.
ASSISTANT = ("start", "help", "about", "iris", "review", "accuracy", "topics", "cancel")
# What an unknown command becomes, which every channel answers with what there is.
UNKNOWN = "unknown"
# These are about this channel and answered by it.
CONNECTOR = ("privacy", "delete", "quiz")
# What may follow on the same line is the person's first message in the dialogue.
WITH_TEXT = ("iris", "review")
MENU = (*ASSISTANT[:2], "iris", "review", "accuracy", "quiz", "about", "cancel", *CONNECTOR[:2])

_TOPIC_LINK = "topic_"


def texts(command: str, rest: str) -> tuple[str, ...]:
    """Return what the assistant gets to read for a command, one message each.

    An unknown command keeps no name: a text that starts with a slash could name an intent.

    >>> texts("iris", "5.1 3.5 1.4 0.2")
    ('/iris 5.1 3.5 1.4 0.2',)
    >>> texts("iris", "please")
    ('/iris', 'please')
    >>> texts("start", "topic_gradient_descent")
    ('what is gradient descent',)
    >>> texts("restart", "")
    ('/unknown',)
    >>> texts("ask", "what is a CNN?")
    ('what is a CNN?',)
    """
    if command == "start" and rest:
        return _deep_link(rest)
    if (command == "review" and rest) or (command == "iris" and any(map(str.isdigit, rest))):
        return (f"/{command} {harmless(rest)}",)
    if command in WITH_TEXT and rest:
        return f"/{command}", harmless(rest)
    if command in ASSISTANT:
        return (f"/{command}",)
    return (harmless(rest) or f"/{UNKNOWN}",)


def typed(text: str) -> tuple[str, ...]:
    """Return what the assistant gets to read for a text that may be a command."""
    if not text.startswith("/"):
        return (text,)
    command, _, rest = text[1:].partition(" ")
    return texts(command.lower(), rest.strip())


def harmless(text: str) -> str:
    """Return a text that cannot name an intent."""
    return text.strip().lstrip("/").strip()


def _deep_link(payload: str) -> tuple[str, ...]:
    """Return the texts for t.me/<bot>?start=<payload>, which anyone can write."""
    if payload in ASSISTANT:
        return (f"/{payload}",)
    if payload.startswith(_TOPIC_LINK) and payload != _TOPIC_LINK:
        topic = payload[len(_TOPIC_LINK) :].replace("_", " ").replace("-", " ").strip()
        return (f"what is {topic}",)  # a bare word could be taken for a remark
    return ("/start",)
