"""Judge batches on many processors, through Dask: those of this machine, or of a cluster.

The rows stay here: workers get texts and give verdicts, so that they need none of the files, and
what is written is written once, in order, whichever worker died on the way. Only a few batches
for each worker are read ahead, which keeps the memory the same for any number of rows.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from bot.files.bulk import Batch, Judged, Judging, judge
from bot.files.errors import TableError

# Batches that are read ahead for each thread of the workers.
_AHEAD = 3
# A batch whose workers die so many times is given up.
_FAILURES = 5
_PATIENCE = 60


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def cluster(
    address: str | None = None,
    processes: int | None = None,
    judge: Callable[[Sequence[str]], Sequence[Judged]] = judge,
) -> Iterator[Judging]:
    """Give what judges batches on a Dask cluster.

    Args:
        address: of a scheduler, such as ``tcp://host:8786``, whose workers have this project;
            without it processes are started here.
        processes: how many to start here; without it one a processor.
        judge: judges the texts of a batch, in a worker.

    Raises:
        TableError: if no scheduler answers there, or it has no worker.
    """
    import dask
    from distributed import Client, LocalCluster, TimeoutError

    with ExitStack() as stack:
        stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": _FAILURES}))
        try:
            where: Any = address or stack.enter_context(
                LocalCluster(
                    n_workers=processes or processors(),
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs="ERROR",
                )
            )
            client = stack.enter_context(Client(where, timeout=_PATIENCE))
            client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise TableError(f"no Dask workers at {address}: {error}") from error
        yield lambda batches: judged(client, batches, judge)


def judged(
    client: Any, batches: Iterable[Batch], judge: Callable[[Sequence[str]], Sequence[Judged]]
) -> Iterator[tuple[Batch, Sequence[Judged]]]:
    """Yield the batches in order, each with its verdicts, while the next ones are judged."""
    from distributed import KilledWorker

    waiting: deque[tuple[Batch, Any]] = deque()
    source = iter(batches)
    while True:
        threads = max(1, sum(client.ncores().values()))
        while len(waiting) < _AHEAD * threads and (batch := next(source, None)) is not None:
            waiting.append((batch, client.submit(judge, batch.texts, pure=False)))
        if not waiting:
            return
        batch, future = waiting.popleft()
        try:
            found = future.result()
        except KilledWorker as error:
            begin = f"{batch.texts[0][:60]!r}"
            raise TableError(f"{_FAILURES} workers died at the rows from {begin} on") from error
        yield batch, found
