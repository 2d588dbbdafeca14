"""All checks run, and the first that fails decides."""

from __future__ import annotations

import sys

import pytest

from bot.checks import Check, checks, run


def program(name: str, text: str, status: int, alone: bool = False) -> Check:
    return Check(name, (sys.executable, "-c", f"print({text!r}); exit({status})"), alone)


def test_all_run_and_a_failure_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    status = run(
        (
            program("good", "fine", 0),
            program("bad", "the reason", 3),
            program("last", "watched", 0, alone=True),
        )
    )
    said = capfd.readouterr().out
    assert status == 3
    assert "the reason" in said.replace("print('the reason')", "")
    assert "watched" in said.replace("print('watched')", "")
    assert said.rstrip().endswith("FAILED: bad")


def test_all_passed(capfd: pytest.CaptureFixture[str]) -> None:
    assert run((program("good", "fine", 0),)) == 0
    assert "FAILED" not in capfd.readouterr().out


def test_the_tests_run_alone_and_last() -> None:
    assert [check.alone for check in checks()].index(True) == len(checks()) - 1
