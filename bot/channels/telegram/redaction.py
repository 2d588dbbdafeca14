"""What is secret here: the bot's token, each half of which gives it away, and the webhook's."""

from __future__ import annotations

from bot import redaction


def install(token: str, webhook_secret: str = "") -> None:
    """Mask both from now on, in the records of every logger and in uncaught exceptions."""
    tail = token.partition(":")[2]
    redaction.install(token, webhook_secret, tail if len(tail) >= 8 else None)
