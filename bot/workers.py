"""Several servers on one port: started, watched, started again and stopped by one small parent.

Rasa and Sanic have a way of their own to run workers, which shares what must not be shared. Here
each worker is a whole server. The system spreads connections over those that listen, and a worker
listens only once its assistant is loaded.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from tempfile import TemporaryDirectory

from bot import ports
from bot.early import Early
from bot.settings import Settings, SettingsError

# Seconds between a worker's end and its next start, doubled each time that it never got ready.
_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
# Seconds that workers have to finish: Sanic gives its turns fifteen.
_FINISHING = 25.0
_LOOK = 0.5


class Worker:
    """One server process and the line to it: it says when it is ready, and ends with its parent."""

    command: Sequence[str] = (sys.executable, "-m", "bot", "serve", "--worker")

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start the process, with these variables beside its parent's."""
        self.line, theirs = socket.socketpair()
        command = [*self.command, str(theirs.fileno())]
        with theirs:
            # In a session of its own: Ctrl-C reaches the parent alone, which passes it on.
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={**os.environ, **environment},
            )
        self.ready = False


class Workers:
    """The parent: keeps so many workers running until it is told to stop."""

    def __init__(
        self,
        settings: Settings,
        number: int,
        start: Callable[[Mapping[str, str]], Worker] = Worker,
    ) -> None:
        """Prepare; ``start`` starts one worker."""
        self._settings, self._number, self._start = settings, number, start
        self._running: list[Worker] = []
        self._stopping = self._served = False
        self._pause, self._not_before = _PAUSE, 0.0
        self._early: tuple[Early, socket.socket] | None = None

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; return the exit status.

        The first worker starts alone: it finds what is wrong with a setting, and trains. If it
        ends before it was ready, nothing is started again.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        figures = TemporaryDirectory(prefix="fathom-")
        shared = {"PROMETHEUS_MULTIPROC_DIR": figures.name}
        try:
            while not self._stopping:
                self._answer_early(not any(worker.ready for worker in self._running))
                wanted = self._number if self._served else 1
                if len(self._running) < wanted and time.monotonic() >= self._not_before:
                    self._running.append(self._start(shared))
                self._listen()
                for worker in self._running:
                    if worker.process.poll() is not None:
                        self._running.remove(worker)
                        if not self._served:
                            return self._end(worker, 0)
                        self._tell(worker)
                        break
        finally:
            self._answer_early(False)
            self.stop()
            end = time.monotonic() + _FINISHING
            left = [self._end(worker, end - time.monotonic()) for worker in self._running]
            figures.cleanup()
        return max(left, default=0)

    def stop(self) -> None:
        """Ask every worker to finish, and start none any more."""
        self._stopping = True
        for worker in self._running:
            worker.process.terminate()

    def _listen(self) -> None:
        """Hear what workers say, for a moment at most: ready, or nothing more for ever."""
        lines = {worker.line: worker for worker in self._running}
        if not lines:
            time.sleep(_LOOK)
        for line in select.select(lines, [], [], _LOOK)[0]:
            if line.recv(1):
                lines[line].ready = self._served = True
                self._pause = _PAUSE
            else:
                with suppress(subprocess.TimeoutExpired):
                    lines[line].process.wait(_LOOK)

    def _tell(self, worker: Worker) -> None:
        status = self._end(worker, 0)
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        self._not_before = time.monotonic() + pause
        print(
            f"fathom: worker {worker.process.pid} ended with status {status}; another one starts "
            f"in {pause:g} s",
            file=sys.stderr,
            flush=True,
        )

    def _end(self, worker: Worker, seconds: float) -> int:
        """Return the exit status as a shell tells it; who has not finished in time is killed."""
        try:
            status = worker.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            worker.process.kill()
            status = worker.process.wait()
        worker.line.close()
        if self._stopping and status == -signal.SIGTERM:  # it had nothing to finish yet
            return 0
        return status if status >= 0 else 128 - status

    def _answer_early(self, wanted: bool) -> None:
        """Answer on the port as long as no worker does."""
        if wanted and self._early is None:
            taken = ports.listen(self._settings.host, self._settings.port, shared=True)
            self._early = Early(taken), taken
        elif not wanted and self._early is not None:
            for part in self._early:
                part.close()
            self._early = None


def check(settings: Settings, number: int) -> None:
    """Refuse several workers that could not share conversations.

    Raises:
        SettingsError: if there is no shared store or lock, or Telegram would be asked by each.
    """
    if number < 1:
        raise SettingsError("--workers must be 1 or more")
    if number == 1:
        return
    if missing := settings.unshared:
        raise SettingsError(
            f"--workers {number} needs {' and '.join(missing)}: without them each worker would "
            "know its own half of a conversation"
        )
    if os.environ.get("TELEGRAM_BOT_TOKEN"):
        raise SettingsError(
            "Telegram needs a process of its own: run `python -m bot telegram` on another PORT "
            f"with the same stores, and --workers {number} without TELEGRAM_BOT_TOKEN"
        )


def report_to(parent: int) -> Callable[[], None]:
    """Return what tells the parent, over its line, that this worker is ready.

    The worker finishes as soon as the parent is gone.
    """
    line = socket.socket(fileno=parent)

    def watch() -> None:
        line.recv(1)  # nothing is ever sent: it ends with the parent
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()

    def ready() -> None:
        line.sendall(b".")

    return ready
