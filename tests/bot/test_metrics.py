"""What is counted and logged: names of our own, seconds, ids; never what a person sent."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import logs, metrics
from bot.store import StoreError
from bot.turns import BusyError, Turns

SECRET = "a private text of mine"


class Agent:
    """Goes the way of a message: lock, read, understand, act, write."""

    def __init__(self, intent: str = "greet", error: Exception | None = None) -> None:
        async def nothing(*_: Any, **__: Any) -> None: ...

        async def parse(*_: Any, **__: Any) -> dict[str, Any]:
            return {"intent": {"name": intent}, "text": SECRET}

        self.error, self.lock_store = error, Turns()
        self.tracker_store = SimpleNamespace(retrieve=nothing, save=nothing)
        self.processor = SimpleNamespace(
            parse_message=parse, action_endpoint=SimpleNamespace(request=nothing)
        )

    async def handle_message(self, message: Any) -> None:
        async with self.lock_store.lock(message.sender_id):
            await self.tracker_store.retrieve(message.sender_id)
            await self.processor.parse_message(message)
            if self.error:
                raise self.error
            await self.processor.action_endpoint.request(json={})
            await self.tracker_store.save(None)


def figures() -> dict[tuple[str, ...], float]:
    body, _ = metrics.page()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


async def handle(agent: Any) -> None:
    message = SimpleNamespace(text=SECRET, sender_id="me-myself", input_channel="rest")
    await agent.handle_message(message)


async def test_a_message_is_counted_once_and_each_of_its_steps_is_timed() -> None:
    agent, before = Agent(intent="nlu_fallback"), figures()
    metrics.watch(agent, "abc", "def")
    await handle(agent)
    after = figures()

    def grown(*name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert grown("fathom_messages_total", "rest", "answered") == 1
    assert grown("fathom_fallbacks_total", "nlu_fallback") == 1
    for step in ("wait", "read", "understand", "action", "write", "whole"):
        assert grown("fathom_step_seconds_count", step) == 1, step
    assert after[("fathom_versions", "abc", "def")] == 1
    assert after[("fathom_waiting",)] == 0


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(BusyError(5), "busy"), (StoreError("x"), "away"), (ValueError(SECRET), "error")],
)
async def test_what_goes_wrong_is_counted_under_its_kind(error: Exception, outcome: str) -> None:
    agent, name = Agent(error=error), ("fathom_messages_total", "rest", outcome)
    metrics.watch(agent, "abc", "def")
    before = figures().get(name, 0)
    with pytest.raises(type(error)):
        await handle(agent)
    assert figures()[name] == before + 1


async def test_nothing_that_a_person_sent_is_shown_or_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = Agent()
    metrics.watch(agent, "abc", "def")
    caplog.handler.setFormatter(logs._Lines())
    caplog.handler.addFilter(logs._add_request)
    with caplog.at_level(logging.INFO, "bot.metrics"):
        await handle(agent)
        await handle(agent)
    lines = [json.loads(line) for line in caplog.text.splitlines()]
    assert [line["outcome"] for line in lines] == ["answered", "answered"]
    assert len({line["request"] for line in lines} - {"-"}) == 2
    shown = caplog.text + metrics.page()[0].decode()
    assert not any(word in shown for word in ("private", "myself"))


def test_a_request_keeps_the_id_that_a_proxy_gave_it_unless_it_is_none() -> None:
    assert logs.begin("abc-1") == "abc-1"
    for odd in ("", "a b", "x" * 65, 'a"b', "é"):
        assert logs.begin(odd) not in ("", odd)
