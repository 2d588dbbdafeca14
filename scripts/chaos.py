"""Kill, stop and restart everything while people talk: every accepted message is answered and kept.

    .venv/bin/python scripts/chaos.py [MINUTES] [SEED]

Starts PostgreSQL, Redis and two workers on loopback. Ends with status 1 if a message that was
answered is not stored exactly once and in order, or if anybody is not answered in the end.
"""

from __future__ import annotations

import asyncio
import collections
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from tests.bot.test_workers import Servers
from tests.stores import Postgres, RedisServer

PEOPLE, PATIENCE = 12, 300.0
TEXTS = ("what is dropout?", "5.1 3.5 1.4 0.2", "review: a dull film", "hello", "who won the cup?")


@dataclass
class Person:
    """Sends one message after the other; asks again until it is answered."""

    name: str
    answered: list[str] = field(default_factory=list)
    # The connection ended before an answer: it may be stored, and was sent once more.
    uncertain: set[str] = field(default_factory=set)
    slowest: float = 0.0

    async def talk(self, port: int, until: float, met: collections.Counter[str]) -> None:
        """Talk until a time."""
        number = 0
        while time.monotonic() < until:
            number += 1
            text = f"{TEXTS[number % len(TEXTS)]} ({number})"
            begin = time.monotonic()
            while not await self._sent(port, text, met):
                if time.monotonic() - begin > PATIENCE:
                    raise SystemExit(f"{self.name} was not answered for {PATIENCE:.0f} s: {text}")
                await asyncio.sleep(0.5)
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.answered.append(text)
            await asyncio.sleep(random.random())

    async def _sent(self, port: int, text: str, met: collections.Counter[str]) -> bool:
        try:
            async with httpx.AsyncClient(timeout=PATIENCE) as client:
                answer = await client.post(
                    f"http://127.0.0.1:{port}/webhooks/rest/webhook",
                    json={"sender": self.name, "message": text},
                )
        except httpx.TransportError as error:
            met[type(error).__name__] += 1
            if not isinstance(error, httpx.ConnectError):
                self.uncertain.add(text)
            return False
        met[str(answer.status_code)] += 1
        if answer.status_code == 200 and any(said.get("text") for said in answer.json()):
            return True
        assert answer.status_code in (429, 503), (answer.status_code, answer.text[:200])
        return False

    def wrong(self, stored: list[str]) -> list[str]:
        """Return what is lost, doubled or out of order."""
        first = list(dict.fromkeys(stored))
        doubled = [t for t, n in collections.Counter(stored).items() if n > 1]
        return [
            *(f"lost: {text}" for text in self.answered if text not in first),
            *(f"doubled: {text}" for text in doubled if text not in self.uncertain),
            *(
                ["out of order"]
                if [t for t in first if t in self.answered] != self.answered
                else []
            ),
        ]


async def trouble(servers: Servers, postgres: Postgres, redis: RedisServer, until: float) -> None:
    """Make one kind of trouble after the other, with some calm between."""
    while time.monotonic() < until - 20:
        await asyncio.sleep(random.uniform(5, 12))
        workers = servers.workers()
        kind = random.choice(("kill a worker", "stop a worker", "PostgreSQL", "Redis"))
        print(f"{until - time.monotonic():5.0f} s left: {kind}", flush=True)
        if "worker" in kind and workers:
            one = random.choice(workers)
            if kind.startswith("kill"):
                os.kill(one, signal.SIGKILL)
            else:  # as slow as an action can be
                os.kill(one, signal.SIGSTOP)
                await asyncio.sleep(5)
                os.kill(one, signal.SIGCONT)
        elif kind in ("PostgreSQL", "Redis"):
            store: Postgres | RedisServer = postgres if kind == "PostgreSQL" else redis
            await asyncio.to_thread(store.stop)
            await asyncio.sleep(random.uniform(0, 4))
            await asyncio.to_thread(store.start)


async def main(minutes: float, seed: int) -> int:
    """Run all of it and return the exit status."""
    random.seed(seed)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        postgres, redis = Postgres(Path(folder)), RedisServer()
        servers = Servers(postgres, redis)
        try:
            await asyncio.to_thread(servers.until_ready, 2, 600)
            until, met = time.monotonic() + 60 * minutes, collections.Counter[str]()
            people = [Person(f"person-{number}") for number in range(PEOPLE)]
            await asyncio.gather(
                trouble(servers, postgres, redis, until),
                *(person.talk(servers.port, until, met) for person in people),
            )
            wrong = [
                f"{person.name}: {what}"
                for person in people
                for what in person.wrong(servers.heard(person.name))
            ]
        finally:
            servers.process.terminate()
            status = servers.process.wait(60)
            redis.stop()
            postgres.stop()
    sent = sum(len(person.answered) for person in people)
    slowest = max(person.slowest for person in people)
    print(f"seed {seed}: {sent} messages answered, the slowest after {slowest:.1f} s")
    print("met: " + ", ".join(f"{name} {times}" for name, times in met.most_common()))
    print(
        "\n".join(wrong) or "none lost, none doubled, all in order", f"\nSIGTERM: status {status}"
    )
    return 1 if wrong or status else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(asyncio.run(main(float(given[0]) if given else 10, int(given[1]) if given[1:] else 1)))
