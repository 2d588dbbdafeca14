"""Messages wait in order, people in turn, and a flood is felt by whoever sends it."""

from __future__ import annotations

import asyncio

import pytest

from bot import turns
from bot.turns import BusyError, Turns


async def test_messages_of_one_person_are_answered_one_by_one_in_order() -> None:
    lock, order, inside = Turns(), [], 0

    async def answer(number: int) -> None:
        nonlocal inside
        async with lock.lock("me"):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            order.append(number)
            inside -= 1

    await asyncio.gather(*map(answer, range(5)))
    assert order == list(range(5))
    assert lock.waiting == 0 and not lock._queues


async def test_a_flood_is_refused_and_does_not_hold_up_anybody_else() -> None:
    lock, refused = Turns(), []

    async def send() -> None:
        try:
            async with lock.lock("flood"):
                await asyncio.sleep(0.01)
        except BusyError as error:
            refused.append(error.seconds)

    flood = [asyncio.create_task(send()) for _ in range(100)]
    await asyncio.sleep(0)
    assert len(refused) == 100 - turns.MOST_OF_ONE
    for _ in range(3):
        begin = asyncio.get_running_loop().time()
        async with lock.lock("quiet"):
            assert asyncio.get_running_loop().time() - begin < 0.1
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    assert lock.waiting == 0 and not lock._queues


async def test_there_is_an_end_to_what_waits_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_IN_ALL", 2)
    lock = Turns()
    async with lock.lock("a"), lock.lock("b"):
        with pytest.raises(BusyError):
            async with lock.lock("c"):
                pass
    async with lock.lock("c"):
        pass
