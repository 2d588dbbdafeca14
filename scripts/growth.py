"""What a message costs early and late in a conversation, and what a server holds after many.

    .venv/bin/python scripts/growth.py [MESSAGES]

Starts a server on loopback for each store, those for which PostgreSQL and Redis are installed, and
writes docs/growth.md. A young conversation and an old one are served in turn, so that what else
the machine does falls on both. MESSAGES (20,000) is how many the last server answers.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiohttp
import psycopg2

from bot.bench import MESSAGES
from bot.settings import ROOT
from scripts.benchmark import memory, serving
from tests.stores import BINARIES, Postgres, RedisServer, free_port

EARLY, LATE, ROUNDS, MOST = 24, 1_000, 25, 1.2
# Shares of all messages after which memory is looked at.
MARKS = (0.1, 0.25, 0.5, 1.0)
AT_ONCE = 4


@dataclass(frozen=True)
class Costs:
    """What messages cost on one store.

    Attributes:
        store: its name.
        early: CPU milliseconds of a message from turn 25 on.
        late: the same from turn 1,001 on.
        kilobytes: that a message takes in the database.
        start: CPU seconds from the start of the server to its first answer.
    """

    store: str
    early: float
    late: float
    kilobytes: float
    start: float


def cpu(process: int) -> float:
    """Return the CPU milliseconds that a process has used."""
    return time.clock_gettime(~process << 3 | 2) * 1e3  # the clock of clock_getcpuclockid(3)


async def say(client: aiohttp.ClientSession, url: str, sender: str, first: int, last: int) -> None:
    """Send the messages of a conversation from one turn to another, one by one."""
    for number in range(first, last):
        message = {"sender": sender, "message": MESSAGES[number % len(MESSAGES)]}
        async with client.post(url, json=message) as answer:
            answer.raise_for_status()
            assert any(said.get("text") for said in await answer.json())


async def grow(url: str, process: int) -> tuple[float, float]:
    """Return the CPU milliseconds of a message early and late, the median of alternate rounds."""
    spent: dict[bool, list[float]] = {False: [], True: []}
    async with aiohttp.ClientSession() as client:
        await say(client, url, "old", 0, LATE)
        for number in range(ROUNDS):
            await say(client, url, f"young-{number}", 0, EARLY)
            for late in (number % 2 == 0, number % 2 == 1):
                first = LATE + number * len(MESSAGES) if late else EARLY
                sender, begin = "old" if late else f"young-{number}", cpu(process)
                await say(client, url, sender, first, first + len(MESSAGES))
                spent[late].append((cpu(process) - begin) / len(MESSAGES))
    return statistics.median(spent[False]), statistics.median(spent[True])


async def crowd(url: str, process: int, messages: int) -> list[tuple[int, float]]:
    """Return the megabytes that a server holds after so many messages of ever new people."""
    held, person = [], 0
    async with aiohttp.ClientSession() as client:
        for mark in (int(messages * share) for share in MARKS):
            while person * len(MESSAGES) < mark:
                people = range(person, person + AT_ONCE)
                await asyncio.gather(
                    *(say(client, url, f"person-{one}", 0, len(MESSAGES)) for one in people)
                )
                person += AT_ONCE
            held.append((person * len(MESSAGES), memory(process)))
            print(held[-1], flush=True)
    return held


@contextmanager
def stores(folder: Path) -> Iterator[dict[str, dict[str, str]]]:
    """Yield the settings of each store that can be tried here, by its name."""
    found: dict[str, dict[str, str]] = {"SQLite": {}}
    with ExitStack() as running:
        if BINARIES and which("redis-server"):
            postgres, redis = Postgres(folder), RedisServer()
            running.callback(postgres.stop)
            running.callback(redis.stop)
            shared = {"TRACKER_STORE_URL": postgres.url}
            found["PostgreSQL"] = shared
            found["PostgreSQL, lock in Redis"] = {**shared, "LOCK_STORE_URL": redis.url}
        yield found


@contextmanager
def started(home: Path, settings: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Start a server on a store; yield its address and its process."""
    port = free_port()
    environment = {"FATHOM_HOME": str(home), "PYTHONPATH": str(ROOT), "PORT": str(port)}
    command = [sys.executable, "-m", "bot", "serve"]
    with serving(command, home, port, **environment, **settings) as process:
        yield f"http://127.0.0.1:{port}/webhooks/rest/webhook", process


def size(home: Path, settings: Mapping[str, str]) -> int:
    """Return the bytes of the database."""
    if url := settings.get("TRACKER_STORE_URL"):
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    with closing(sqlite3.connect(home / "conversations.db")) as database:
        pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        return int(database.execute(pages).fetchone()[0])


def measure(store: str, home: Path, settings: Mapping[str, str]) -> Costs:
    """Measure one store."""
    with started(home, settings) as (url, process):
        start, empty = cpu(process) / 1e3, size(home, settings)
        early, late = asyncio.run(grow(url, process))
        messages = LATE + ROUNDS * (EARLY + 2 * len(MESSAGES))
        costs = Costs(store, early, late, (size(home, settings) - empty) / messages / 1e3, start)
    print(costs, flush=True)
    return costs


def write(found: list[Costs], held: list[tuple[int, float]]) -> None:
    """Write the page."""
    lines = [
        "# What messages cost, early and late",
        "",
        f"`make growth`, {time.strftime('%d %B %Y')}, {os.cpu_count()} cores, "
        f"{platform.machine()}, the load of other programs at the end {os.getloadavg()[2]:.1f}. "
        "One server process over HTTP, with a mix of questions, flowers and reviews. A "
        f"conversation at its turn {EARLY + 1} and one past its turn {LATE:,} are served in turn; "
        f"medians of {ROUNDS} rounds of {len(MESSAGES)} messages each.",
        "",
        f"| store | CPU ms a message, turn {EARLY + 1} on | turn {LATE + 1:,} on | ratio "
        "| kB a message on the disk | CPU s of a start |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {c.store} | {c.early:.1f} | {c.late:.1f} | {c.late / c.early:.2f} "
            f"| {c.kilobytes:.1f} | {c.start:.0f} |"
            for c in found
        ),
        "",
        f"The ratio must be at most {MOST}.",
        "",
        f"What one server on SQLite holds after many messages, {len(MESSAGES)} of each person, "
        f"{AT_ONCE} people at once:",
        "",
        "| messages | memory MB |",
        "|---:|---:|",
        *(f"| {messages:,} | {megabytes:.0f} |" for messages, megabytes in held),
        "",
    ]
    (ROOT / "docs" / "growth.md").write_text("\n".join(lines), encoding="utf-8")


def main(messages: int) -> int:
    """Measure all, write it down and return the exit status."""
    with tempfile.TemporaryDirectory(dir="/tmp") as given:
        homes = (Path(given, f"home-{number}") for number in range(9))
        with stores(Path(given)) as known:
            found = []
            for store, settings in known.items():
                home = next(homes)
                home.mkdir()
                found.append(measure(store, home, settings))
        home = next(homes)
        home.mkdir()
        with started(home, {}) as (url, process):
            held = asyncio.run(crowd(url, process, messages))
    write(found, held)
    return int(any(costs.late / costs.early > MOST for costs in found))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 20_000))
