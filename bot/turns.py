"""Who is answered next: one message of a person at a time, people in turn, and nobody for ever.

Rasa asks for a lock on a conversation before each message. Its own looks once a second whether it
may go on, and expires while a slow action runs. Here messages wait in queues of this process:
those of one person in order, and of each person at most one among those that are being answered,
so that somebody who sends a hundred waits behind himself. With Redis, several processes share the
lock of a conversation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rasa.core.lock_store import LockStore
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

from bot.settings import FathomError

logger = logging.getLogger(__name__)

MOST_OF_ONE = 20
MOST_IN_ALL = 400
_AT_ONCE = 8
# Two quick messages of a person are answered at once; behind more than that each waits a little.
_PATIENT, _PAUSE = 2, 0.5
# Seconds a lock outlives the process that held it, and between renewals.
_LIFE, _RENEW, _LONGEST_WAIT = 12.0, 3.0, 120.0


class BusyError(RuntimeError):
    """Too many messages are waiting, of one person or in all."""

    def __init__(self, seconds: int) -> None:
        """Say after how many seconds to try again."""
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class LockAwayError(FathomError):
    """The lock store cannot be reached; the text names no secret."""


class _Queue:
    def __init__(self) -> None:
        self.lock, self.waiting = asyncio.Lock(), 0


class Turns(LockStore):
    """Rasa's lock on a conversation, fair between people and bounded."""

    def __init__(self, url: str | None = None) -> None:
        """Start with nobody waiting; ``url`` names a Redis that other processes use as well."""
        self._queues: dict[str, _Queue] = {}
        self._places: asyncio.Semaphore | None = None  # made in the loop that it belongs to
        self._redis = (
            Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) if url else None
        )
        self.waiting = 0

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: float, **__: float) -> AsyncIterator[None]:
        """Wait for the turn of a message, and hold it.

        Raises:
            BusyError: if too many are waiting.
            LockAwayError: if the shared lock cannot be had.
        """
        queue = self._queues.get(conversation_id) or _Queue()
        if queue.waiting >= MOST_OF_ONE or self.waiting >= MOST_IN_ALL:
            raise BusyError(5)
        self._queues[conversation_id] = queue
        self._places = self._places or asyncio.Semaphore(_AT_ONCE)
        queue.waiting += 1
        self.waiting += 1
        try:
            async with queue.lock:
                if queue.waiting > _PATIENT:
                    await asyncio.sleep(_PAUSE)
                async with self._shared(conversation_id), self._places:
                    yield
        finally:
            self.waiting -= 1
            queue.waiting -= 1
            if not queue.waiting:
                self._queues.pop(conversation_id, None)

    async def check(self) -> None:
        """Ask the shared lock store, if there is one, for a sign of life.

        Raises:
            LockAwayError: if there is none.
        """
        if self._redis:
            try:
                await self._redis.ping()
            except (RedisError, OSError) as error:
                raise self._away(error) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._redis:
            await self._redis.close(close_connection_pool=True)

    @asynccontextmanager
    async def _shared(self, conversation: str) -> AsyncIterator[None]:
        if self._redis is None:
            yield
            return
        lock = Lock(self._redis, f"fathom:{conversation}", timeout=_LIFE, sleep=0.02)
        try:
            held = await lock.acquire(blocking_timeout=_LONGEST_WAIT)
        except (RedisError, OSError) as error:
            raise self._away(error) from None
        if not held:
            raise BusyError(5)
        renewing = asyncio.create_task(_renew(lock))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            try:
                await lock.release()
            except (RedisError, OSError) as error:
                # It expires by itself, and what was done under it is stored.
                logger.warning("A lock could not be released: %s", type(error).__name__)

    def _away(self, error: Exception) -> LockAwayError:
        given = self._redis.connection_pool.connection_kwargs if self._redis else {}
        place = f"redis://{given.get('host', 'localhost')}:{given.get('port', 6379)}"
        return LockAwayError(f"{place}: {type(error).__name__}")


async def _renew(lock: Lock) -> None:
    while True:
        await asyncio.sleep(_RENEW)
        try:
            await lock.reacquire()
        except LockError:
            logger.warning("A lock was lost while it was held")
            return
        except (RedisError, OSError) as error:
            logger.warning("A lock could not be renewed: %s", type(error).__name__)
