"""Every check of the project, one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bot.settings import ROOT


@dataclass(frozen=True)
class Check:
    """A named command line of the project's Python."""

    name: str
    command: tuple[str, ...]


def checks() -> tuple[Check, ...]:
    """Return the checks in the order they run; pytest is last, so that its summary is."""
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
        Check("tests", (python, "-m", "pytest")),
    )


def run(selected: tuple[Check, ...] | None = None) -> int:
    """Run all checks, naming each, and return the exit status of the first that failed."""
    from bot import logs

    logs.quiet_environment()
    failures: list[tuple[str, int]] = []
    for check in checks() if selected is None else selected:
        print(f"\n== {check.name}: {Path(check.command[0]).name} {' '.join(check.command[1:])}")
        sys.stdout.flush()
        begin = time.monotonic()
        status = subprocess.run(check.command, cwd=ROOT, env=os.environ, check=False).returncode
        if status:
            failures.append((check.name, status))
        if check.name != "tests":
            print(f"{'FAILED' if status else 'passed'} in {time.monotonic() - begin:.0f} s")
    if failures:
        print(f"\nFAILED: {', '.join(name for name, _ in failures)}")
    return failures[0][1] if failures else 0
