"""End a process whose event loop has stalled, so that a supervisor can start it again.

What holds the interpreter for good stops every thread and every signal handler of its process, so
the watch is kept by a small process beside it: the loop writes to it once a second, and when
nothing has come for too long it says so in one line and kills. It ends with the process it watches.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress

LIMIT = 30.0
_BEAT = 1.0
# This share of the limit is left for a process that was stopped by hand and has just gone on.
_WAKING = 0.1


class Watchdog:
    """Watches the event loop that it is started in."""

    def __init__(self, limit: float = LIMIT) -> None:
        """Allow the loop to stand still for ``limit`` seconds."""
        self._limit = limit
        self._keeper: subprocess.Popen[bytes] | None = None
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch; needs a running event loop."""
        command = [sys.executable, "-I", __file__, str(os.getpid()), str(self._limit)]
        self._keeper = subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0)
        self._beating = asyncio.get_running_loop().create_task(self._beat())

    def stop(self) -> None:
        """End the watch."""
        if self._beating:
            self._beating.cancel()
        if self._keeper and self._keeper.stdin:
            self._keeper.stdin.close()
            self._keeper.wait()

    async def _beat(self) -> None:
        assert self._keeper and self._keeper.stdin
        # Whoever kills the keeper by hand wants no watch.
        with suppress(BrokenPipeError):
            while True:
                self._keeper.stdin.write(b".")
                await asyncio.sleep(_BEAT)


def keep(process: int, limit: float) -> None:
    """Kill a process once nothing has come from it for ``limit`` seconds; return when it ends."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    source = sys.stdin.fileno()
    waits = limit * (1 - _WAKING), limit * _WAKING
    while True:
        if not any(select.select([source], [], [], seconds)[0] for seconds in waits):
            print(
                f"fathom: the event loop has stood still for {limit:g} s; process {process} is "
                "killed (status 137) for a supervisor to start it again",
                file=sys.stderr,
                flush=True,
            )
            os.kill(process, signal.SIGKILL)
            return
        if not os.read(source, 4096):
            return


if __name__ == "__main__":
    keep(int(sys.argv[1]), float(sys.argv[2]))
