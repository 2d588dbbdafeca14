"""Every check of the project: the quick ones side by side, then the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bot.settings import ROOT


@dataclass(frozen=True)
class Check:
    """A named command line of the project's Python.

    Attributes:
        name: what it checks.
        command: the program and its arguments.
        alone: whether it needs the whole machine and its output is worth watching.
    """

    name: str
    command: tuple[str, ...]
    alone: bool = False


@dataclass(frozen=True)
class _Outcome:
    """How a check ended, after how many seconds, and what it printed."""

    status: int
    seconds: float
    output: str


def checks() -> tuple[Check, ...]:
    """Return the checks in the order they are told; pytest is last, so that its summary is."""
    python = sys.executable
    lint_imports = str(Path(python).parent / "lint-imports")
    return (
        Check("code style", (python, "-m", "ruff", "check", ".")),
        Check("code layout", (python, "-m", "ruff", "format", "--check", ".")),
        Check("types", (python, "-m", "mypy")),
        Check("direction of imports", (lint_imports,)),
        Check(
            "training data",
            (python, "-m", "rasa", "data", "validate", "--data", "nlu"),
        ),
        Check("tests", (python, "-m", "pytest"), alone=True),
    )


def run(selected: tuple[Check, ...] | None = None) -> int:
    """Run all checks, naming each, and return the exit status of the first that failed."""
    from bot import logs

    logs.quiet_environment()
    chosen = checks() if selected is None else selected
    together = [check for check in chosen if not check.alone]
    failures: list[tuple[str, int]] = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for check, outcome in zip(together, pool.map(_run, together), strict=True):
            verdict = "FAILED" if outcome.status else "passed"
            _title(check)
            if outcome.status:
                print(outcome.output)
                failures.append((check.name, outcome.status))
            print(f"{verdict} in {outcome.seconds:.0f} s", flush=True)
    for check in chosen:
        if check.alone:
            _title(check)
            status = subprocess.run(check.command, cwd=ROOT, env=os.environ, check=False).returncode
            if status:
                failures.append((check.name, status))
    if failures:
        print(f"\nFAILED: {', '.join(name for name, _ in failures)}")
    return failures[0][1] if failures else 0


def _title(check: Check) -> None:
    print(
        f"\n== {check.name}: {Path(check.command[0]).name} {' '.join(check.command[1:])}",
        flush=True,
    )


def _run(check: Check) -> _Outcome:
    begin = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=os.environ,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return _Outcome(done.returncode, time.monotonic() - begin, done.stdout)
