"""Put Fathom beside Rasa's own starter bot, in one run; write docs/benchmarks.md and its picture.

    .venv/bin/python scripts/benchmark.py [SECONDS]

Both servers run on loopback, one after the other, with messages of their own kind from 1, 10 and 50
people who send the next one as soon as the last is answered. With PostgreSQL and Redis installed
two workers of Fathom are measured as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiohttp
import matplotlib
import rasa

from bot.bench import MESSAGES
from bot.settings import ROOT
from tests.stores import BINARIES, Postgres, RedisServer, free_port

PEOPLE = (1, 10, 50)
STARTER = ("hello", "i am very sad", "yes", "that was great", "are you a bot?", "bye", "no", "hi")
STARTER_NAME, OURS = "Rasa's starter bot", "Fathom"


@dataclass(frozen=True)
class Run:
    """One server with so many people.

    Attributes:
        name: of the server.
        people: how many talk at once.
        rate: messages answered a second.
        half: milliseconds within which half of them were answered.
        most: milliseconds within which 19 of 20 were.
        megabytes: memory of all its processes at the end.
    """

    name: str
    people: int
    rate: float
    half: float
    most: float
    megabytes: float


async def talk(url: str, texts: tuple[str, ...], people: int, seconds: float) -> list[float]:
    """Return how long each answer took, in milliseconds."""
    spent: list[float] = []
    end = time.monotonic() + seconds

    async def person(client: aiohttp.ClientSession, name: str) -> None:
        number = 0
        while not number or time.monotonic() < end:
            begin = time.monotonic()
            message = {"sender": name, "message": texts[number % len(texts)]}
            async with client.post(url, json=message) as answer:
                answer.raise_for_status()
                await answer.read()  # the starter bot answers some with nothing
            if begin > end - seconds:
                spent.append((time.monotonic() - begin) * 1000)
            number += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        mark = f"{people}-{time.time_ns()}"
        await asyncio.gather(*(person(client, f"p{n}-{mark}") for n in range(people)))
    return spent


def memory(process: int) -> float:
    """Return the megabytes of a process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return own / 1e6 + sum(memory(int(child)) for child in children)


@contextmanager
def serving(command: list[str], folder: Path, port: int, **more: str) -> Iterator[int]:
    """Start a server and wait until it answers messages; yield its process."""
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "ERROR", **more}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        end = time.monotonic() + 900
        while time.monotonic() < end and process.poll() is None:
            try:
                asyncio.run(talk(url, ("hello",), 1, 0.01))
                break
            except (aiohttp.ClientError, OSError):
                time.sleep(1)
        if process.poll() is not None:
            raise SystemExit((folder / "server.log").read_text()[-2_000:])
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def measured(
    name: str, process: int, port: int, texts: tuple[str, ...], seconds: float
) -> list[Run]:
    """Measure a running server with every number of people."""
    url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
    asyncio.run(talk(url, texts, 2, seconds / 4))
    runs = []
    for people in PEOPLE:
        begin = time.monotonic()
        spent = asyncio.run(talk(url, texts, people, seconds))
        took = time.monotonic() - begin
        most = statistics.quantiles(spent, n=20)[-1]
        held = memory(process)
        runs.append(Run(name, people, len(spent) / took, statistics.median(spent), most, held))
        print(runs[-1], flush=True)
    return runs


def starter(folder: Path, seconds: float) -> list[Run]:
    """Train Rasa's starter bot as `rasa init` makes it, and measure it."""
    shutil.copytree(Path(rasa.__file__).parent / "cli/initial_project", folder / "starter")
    folder, rasa_ = folder / "starter", [sys.executable, "-m", "rasa"]
    subprocess.run([*rasa_, "train", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    command = [*rasa_, "run", "-i", "127.0.0.1", "-p", str(port)]
    with serving(command, folder, port) as process:
        return measured(STARTER_NAME, process, port, STARTER, seconds)


def ours(folder: Path, seconds: float, workers: int) -> list[Run]:
    """Measure Fathom with so many workers."""
    home, port = folder / f"home{workers}", free_port()
    home.mkdir()
    environment = {"FATHOM_HOME": str(home), "PYTHONPATH": str(ROOT), "PORT": str(port)}
    name = OURS
    with ExitStack() as stores:
        if workers > 1:
            postgres, redis = Postgres(folder), RedisServer()
            stores.callback(postgres.stop)
            stores.callback(redis.stop)
            environment |= {"TRACKER_STORE_URL": postgres.url, "LOCK_STORE_URL": redis.url}
            name = f"{OURS}, {workers} workers"
        command = [sys.executable, "-m", "bot", "serve", "--workers", str(workers)]
        with serving(command, home, port, **environment) as process:
            if workers > 1:
                time.sleep(60)  # until the second listens as well
            return measured(name, process, port, MESSAGES, seconds)


def write(runs: list[Run], seconds: float) -> None:
    """Write the page and its picture."""
    lines = [
        "# Benchmarks",
        "",
        f"`make bench`, {time.strftime('%d %B %Y')}, {os.cpu_count()} cores, {platform.machine()}, "
        f"{seconds:g} seconds a row, the load of other programs at the end "
        f"{os.getloadavg()[2]:.1f}. All rows are of one run; the client runs on the same cores. "
        "Each bot gets messages of its own kind; people send the next one as soon as the last is "
        "answered.",
        "",
        "| | people at once | messages/s | half within ms | 19 of 20 within ms | memory MB |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {r.name} | {r.people} | {r.rate:.1f} | {r.half:.0f} | {r.most:.0f} "
            f"| {r.megabytes:.0f} |"
            for r in runs
        ),
        "",
        "![Messages a second, by people at once](images/benchmarks.png)",
        "",
    ]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(dict.fromkeys(run.name for run in runs))
    figure, axes = pyplot.subplots(figsize=(6.4, 3.2), constrained_layout=True)
    for place, name in enumerate(names):
        mine = [run for run in runs if run.name == name]
        at = [n + (place - (len(names) - 1) / 2) * 0.26 for n in range(len(mine))]
        bars = axes.bar(at, [run.rate for run in mine], 0.24, label=name)
        axes.bar_label(bars, fmt="%.0f", fontsize=8)
    axes.set_xticks(range(len(PEOPLE)), [f"{people} at once" for people in PEOPLE])
    axes.set_ylabel("messages a second")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(ROOT / "docs" / "images" / "benchmarks.png", dpi=120)


def main(seconds: float) -> None:
    """Measure all and write it down."""
    with tempfile.TemporaryDirectory(dir="/tmp") as given:
        folder = Path(given)
        runs = [*starter(folder, seconds), *ours(folder, seconds, 1)]
        if BINARIES and shutil.which("redis-server"):
            runs += ours(folder, seconds, 2)
    write(runs, seconds)
    print(json.dumps([vars(run) for run in runs]))


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 20)
