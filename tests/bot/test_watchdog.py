"""A loop that stands still ends its process; one that is only busy, or was stopped, goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from bot.settings import ROOT
from bot.watchdog import LIMIT

WATCHED = """
import asyncio, re, sys, time
from bot.watchdog import Watchdog

async def main():
    watchdog = Watchdog({limit})
    watchdog.start()
    await asyncio.sleep(0.5)
    print("started", flush=True)
    {body}
    watchdog.stop()
    print("ended", watchdog._keeper.poll())

asyncio.run(main())
"""


def watched(body: str, limit: float) -> subprocess.Popen[str]:
    script = textwrap.dedent(WATCHED).format(body=body, limit=limit)
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("re.match('(a+)+b', 'a' * 60)", id="an expression that holds the interpreter"),
        pytest.param("time.sleep(600)", id="a wait that does not"),
    ],
)
def test_a_loop_that_stands_still_ends_its_process_and_says_so_in_one_line(body: str) -> None:
    process = watched(body, limit=2)
    begin = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert 1 < time.monotonic() - begin < 30
    (line,) = errors.splitlines()
    assert "2 s" in line and str(process.pid) in line


def test_a_loop_that_moves_is_left_alone_and_its_keeper_ends_with_it() -> None:
    process = watched("[await asyncio.sleep(0.1) for _ in range(50)]", limit=2)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "ended 0\n", "")


def test_a_process_that_was_stopped_by_hand_goes_on() -> None:
    process = watched("[await asyncio.sleep(0.1) for _ in range(30)]", limit=3)
    os.killpg(process.pid, signal.SIGSTOP)
    time.sleep(5)
    os.killpg(process.pid, signal.SIGCONT)
    assert process.communicate(timeout=60)[0] == "ended 0\n"
    assert process.returncode == 0


def test_a_keeper_does_not_outlive_a_process_that_is_killed() -> None:
    process = watched("await asyncio.sleep(600)", limit=20)
    process.kill()
    process.wait()
    end = time.monotonic() + 10
    with pytest.raises(ProcessLookupError):  # once the group is empty
        while time.monotonic() < end:
            os.killpg(process.pid, 0)
            time.sleep(0.1)


def test_the_limit_is_what_the_documentation_says() -> None:
    assert LIMIT == 30
    assert "30 seconds" in (ROOT / "docs" / "architecture.md").read_text("utf-8")
