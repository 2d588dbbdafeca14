"""What a supervisor asks: does the loop run, and is everything there that an answer needs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable

from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import metrics
from bot.store import StoreError
from bot.turns import LockAwayError

logger = logging.getLogger(__name__)

# Seconds an answer is kept for, so that probes cost nothing, and those given to a store.
_FRESH = 2.0
_PATIENCE = 4.0


def blueprint() -> Blueprint:
    """Return ``/livez``, ``/readyz`` and ``/metrics``, which say nothing of people or hosts."""
    routes = Blueprint("fathom_probes")
    locks: list[asyncio.Lock] = []  # made in the loop that it belongs to
    known: tuple[float, list[str]] = (float("-inf"), [])

    @routes.route("/livez", methods=["GET"])
    async def live(request: Request) -> HTTPResponse:
        return response.json({"status": "ok"})

    @routes.route("/readyz", methods=["GET"])
    async def ready(request: Request) -> HTTPResponse:
        nonlocal known
        if not locks:
            locks.append(asyncio.Lock())
        async with locks[0]:  # those who ask together are told the same
            if time.monotonic() - known[0] > _FRESH:
                missing = await _missing(request.app)
                known = time.monotonic(), missing
        if known[1]:
            return response.json({"status": "not ready", "missing": known[1]}, status=503)
        return response.json({"status": "ok"})

    @routes.route("/metrics", methods=["GET"])
    async def figures(request: Request) -> HTTPResponse:
        body, kind = metrics.page()
        return response.raw(body, content_type=kind)

    return routes


async def _missing(app: Sanic) -> list[str]:
    """Return which of assistant, store and lock cannot be used now."""
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready() or not getattr(app.ctx, "ready", False):
        return ["assistant"]
    store, lock = await asyncio.gather(
        _answers(agent.tracker_store.check()), _answers(agent.lock_store.check())
    )
    return [name for name, there in (("store", store), ("lock", lock)) if not there]


async def _answers(check: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(check, _PATIENCE)
    except (StoreError, LockAwayError, asyncio.TimeoutError) as error:
        logger.warning("Not ready: %s", str(error) or "no answer in time")
        return False
    return True
