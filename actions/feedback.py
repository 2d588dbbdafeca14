"""A small local store of what people say about answers."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rasa_sdk import Tracker

from actions.pictures import folder
from actions.replies import text_of

logger = logging.getLogger(__name__)


def place() -> Path:
    """Return the file of the store."""
    return folder().parent / "feedback.jsonl"


def forget(before: float) -> None:
    """Take out what was said before a time, in seconds since 1970."""
    first = datetime.fromtimestamp(before, timezone.utc).isoformat(timespec="seconds")
    if not place().exists():
        return
    with place().open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # others add to it
        lines = file.readlines()
        kept = [line for line in lines if _time(line) >= first]
        if len(kept) < len(lines):
            file.seek(0)
            file.writelines(kept)
            file.truncate()


def _time(line: str) -> str:
    try:
        return str(json.loads(line)["time"])
    except (ValueError, KeyError, TypeError):
        return ""  # damaged: it goes first


def record(tracker: Tracker) -> bool:
    """Append the remark and the turn before it to ``feedback.jsonl``; false if it cannot be."""
    said = [event for event in tracker.events if event.get("event") in ("user", "bot")]
    before = said[:-1]
    users = [event for event in before if event["event"] == "user"]
    answers = [event for event in before if event["event"] == "bot"]
    entry = {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "channel": tracker.get_latest_input_channel(),
        "remark": text_of(tracker),
        "question": users[-1].get("text") if users else None,
        "answer": answers[-1].get("text") if answers else None,
        "topic": next(iter(tracker.get_slot("knowledge_recent") or []), None),
    }
    return _append(entry)


def record_thumb(topic: str, helpful: bool) -> None:
    """Append whether an answer on a topic was helpful, without who said so."""
    _append(
        {
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "channel": "telegram",
            "topic": topic,
            "helpful": helpful,
        }
    )


def _append(entry: dict[str, Any]) -> bool:
    path = place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        logger.error("Feedback could not be stored in %s: %s", path, error.strerror)
        return False
    return True
