"""`concepts` and `explain` on the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.terminal.concepts import COLLISION, nearest
from models.knowledge import library

runner = CliRunner()


def said(*arguments: str) -> str:
    result = runner.invoke(app, [*arguments])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    # The logs of the other tests stay as they are.
    monkeypatch.setattr("bot.logs.configure", lambda level: None)
    monkeypatch.setattr("bot.logs.quiet_environment", lambda: None)


def test_every_concept_is_listed_with_its_area_and_level() -> None:
    lines = runner.invoke(app, ["concepts"]).output.splitlines()
    cells = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    rows = {row[1]: row for row in cells}
    for block in library().concepts:
        assert block.area in rows[block.id] and block.level in rows[block.id]
    assert not any("|" in name for name in rows)


def test_a_concept_is_shown_with_the_nearest_others() -> None:
    output = said("concepts", "dropout")
    near = nearest(library()["dropout"])
    assert all(name in output for name, _ in near[:5])
    assert "dropout" not in dict(near)
    likeness = [pair[2] for _, pair in near]
    assert likeness == sorted(likeness, reverse=True)
    assert str(COLLISION) in output


@pytest.mark.parametrize("arguments", [["concepts", "nope"], ["explain", "hi", "--after", "nope"]])
def test_an_unknown_concept_is_said_in_one_line(arguments: list[str]) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "'nope'" in line and "python -m bot concepts" in line


@pytest.mark.parametrize(("text", "intent"), [("/iris", "predict_iris"), ("...", "empty_message")])
def test_what_the_guard_decides_needs_no_stage(text: str, intent: str) -> None:
    assert intent in said("explain", text)
