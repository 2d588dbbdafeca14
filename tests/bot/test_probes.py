"""A supervisor learns what is missing, and nothing that is nobody's business."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels import probes
from bot.store import StoreError
from bot.turns import LockAwayError


class Part:
    """A store or a lock that counts how often it is asked."""

    def __init__(self, error: Exception | None = None, seconds: float = 0) -> None:
        self.error, self.seconds, self.asked = error, seconds, 0

    async def check(self) -> None:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error


class Agent:
    def __init__(self, store: Part, lock: Part, ready: bool = True) -> None:
        self.tracker_store, self.lock_store, self._ready = store, lock, ready

    def is_ready(self) -> bool:
        return self._ready


class Server:
    """The routes, asked without a connection."""

    def __init__(self, agent: Agent | None) -> None:
        self._request = SimpleNamespace(app=SimpleNamespace(ctx=SimpleNamespace(agent=agent)))
        self._request.app.ctx.ready = True
        routes = probes.blueprint()._future_routes
        self._handlers = {route.uri: route.handler for route in routes}

    async def get(self, path: str) -> tuple[int, Any]:
        answer = await self._handlers[path](self._request)
        return answer.status, json.loads(answer.body)


SECRET = "postgresql://me:hunter2@/var/lib"


@pytest.mark.parametrize(
    ("agent", "missing"),
    [
        (None, ["assistant"]),
        (Agent(Part(), Part(), ready=False), ["assistant"]),
        (Agent(Part(StoreError(SECRET)), Part()), ["store"]),
        (Agent(Part(), Part(LockAwayError(SECRET))), ["lock"]),
        (Agent(Part(StoreError(SECRET)), Part(LockAwayError(SECRET))), ["store", "lock"]),
        (Agent(Part(seconds=60), Part()), ["store"]),
    ],
)
async def test_what_is_missing_is_named_without_a_reason(
    monkeypatch: pytest.MonkeyPatch, agent: Any, missing: list[str]
) -> None:
    monkeypatch.setattr(probes, "_PATIENCE", 0.2)
    server = Server(agent)
    assert await server.get("/readyz") == (503, {"status": "not ready", "missing": missing})
    assert await server.get("/livez") == (200, {"status": "ok"})


async def test_many_probes_ask_the_stores_once_and_a_store_that_is_back_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, lock = Part(), Part()
    server = Server(Agent(store, lock))
    answers = await asyncio.gather(*(server.get("/readyz") for _ in range(20)))
    assert {status for status, _ in answers} == {200}
    assert (store.asked, lock.asked) == (1, 1)
    monkeypatch.setattr(probes, "_FRESH", 0)
    store.error = StoreError("away")
    assert (await server.get("/readyz"))[0] == 503
    store.error = None
    assert (await server.get("/readyz"))[0] == 200
