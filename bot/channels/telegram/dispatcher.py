"""Keep the updates of a chat in order while chats do not wait for each other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]


class Dispatcher:
    """One queue and one task a chat, both gone when there is nothing left to do.

    PTB's update processor holds one of a fixed number of places while an update waits for its
    turn, so that one busy chat could take them all.
    """

    def __init__(self) -> None:
        """Start with no chat."""
        self._queues: dict[int, deque[Job]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def put(self, key: int, job: Job) -> int:
        """Add a job behind the others of its chat; return how many are waiting there."""
        queue = self._queues.setdefault(key, deque())
        queue.append(job)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._work(key), name=f"telegram-chat-{key}")
        return len(queue)

    def waiting(self, key: int) -> int:
        """Return how many jobs of a chat have not started."""
        return len(self._queues.get(key, ()))

    async def drain(self, seconds: float) -> None:
        """Let running jobs finish, without starting others, then cancel what is left."""
        self._queues.clear()
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for _ in range(3):
                # Python 3.10's wait_for can swallow a cancellation.
                for task in late:
                    task.cancel()
                if late:
                    _, late = await asyncio.wait(late, timeout=1)

    async def idle(self) -> None:
        """Wait until every job is done."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def _work(self, key: int) -> None:
        try:
            while queue := self._queues.get(key):
                job = queue.popleft()
                try:
                    await job()
                except Exception:
                    # One failed update must not keep its chat from being answered.
                    logger.exception("An update could not be handled")
        finally:
            self._queues.pop(key, None)
            self._tasks.pop(key, None)
