"""What a message costs at turn 25 and at turn 1,000, and whether memory grows.

    .venv/bin/python scripts/growth.py [TURNS] [PEOPLE]

Talks in this process to the store of TRACKER_STORE_URL, SQLite in a new folder by default.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot import logs
from bot.settings import Settings

logs.quiet_environment()
logs.configure()

assistant_of = importlib.import_module("bot.assistant")  # behind the environment it needs
MESSAGES = importlib.import_module("bot.bench").MESSAGES
WINDOW = 10 * len(MESSAGES)


def memory() -> float:
    """Return the megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def cost(assistant: Any, sender: str, number: int) -> float:
    """Return the CPU milliseconds of one message."""
    begin = time.process_time()
    await assistant.reply(sender, MESSAGES[number % len(MESSAGES)])
    return (time.process_time() - begin) * 1000


async def main(turns: int, people: int) -> None:
    """Talk for long with one person, then shortly with many."""
    assistant = await assistant_of.Assistant.load(Settings.from_environment())
    for number in range(2 * len(MESSAGES)):
        await cost(assistant, "warm", number)
    spent = [await cost(assistant, "long", number) for number in range(turns)]
    for first in (25, *range(150, turns - WINDOW, 150), turns - WINDOW):
        mean = statistics.mean(spent[first : first + WINDOW])
        print(f"from turn {first:<12} {mean:6.1f} ms CPU a message", flush=True)
    ratio = statistics.mean(spent[-WINDOW:]) / statistics.mean(spent[25 : 25 + WINDOW])
    print(f"{'ratio':<22} {ratio:6.2f}    at most 1.2")
    held = [memory()]
    for person in range(people):
        for number in range(len(MESSAGES)):
            await cost(assistant, f"person-{person}", number)
        if person % max(1, people // 10) == 0:
            held.append(memory())
            print(f"{len(MESSAGES) * (person + 1):>6} messages {held[-1]:8.0f} MB", flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as home:
        os.environ["FATHOM_HOME"] = home
        asyncio.run(main(*given) if given else main(1_050, 250))
