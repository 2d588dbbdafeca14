"""The command line: help, README, and errors in one line."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import ROOT

COMMANDS = sorted(typer.main.get_command(app).commands)
runner = CliRunner()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_and_shows_an_example(command: str) -> None:
    result = runner.invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert re.search(r"Examples?:", result.output)
    assert f"python -m bot {command}" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_in_help_are_valid_command_lines(command: str) -> None:
    output = runner.invoke(app, [command, "--help"]).output
    for example in re.findall(r"python -m bot ([^\n|]*)", output):
        arguments = shlex.split(example)
        parser = typer.main.get_command(app).commands[arguments[0]]
        parser.make_context(arguments[0], arguments[1:])


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'rasa', 'tensorflow', 'sklearn', 'numpy', 'prompt_toolkit', 'structlog'}"
    code = (
        "import sys; sys.argv = ['bot', '--help']\n"
        "from bot.cli import app\n"
        "try: app()\n"
        f"except SystemExit: print(sorted({heavy} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_wrong_setting_is_one_line_without_a_stack_trace() -> None:
    result = run("serve", PORT="eighty")
    assert result.returncode == 1
    assert result.stderr == "fathom: PORT must be a number from 1 to 65535, not 'eighty'\n"


def test_a_port_in_use_is_said_before_anything_is_loaded() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = run("serve", "--port", port)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert port in result.stderr


def test_nothing_else_can_be_trained() -> None:
    result = run("train", "dragon")
    assert result.returncode == 2
    assert "dragon" in result.stderr
    assert "Traceback" not in result.stderr


def test_every_make_target_that_calls_the_command_line_calls_one_that_exists() -> None:
    called = re.findall(r"\$\(fathom\) (\w+)", (ROOT / "Makefile").read_text())
    assert set(called) <= set(COMMANDS)
    assert {"chat", "serve", "train", "check"} <= set(called)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/rasa.md"])
def test_documented_commands_exist(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(_code(text)))) <= targets
    assert set(re.findall(r"python -m bot ([a-z]+)", text)) <= set(COMMANDS)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text()):
        assert (ROOT / target).exists(), target


def test_the_readme_fits_and_begins_with_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) < 200
    first_screen = "\n".join(lines[:40])
    assert "make chat" in first_screen
    assert "git clone" in first_screen


def _code(text: str) -> list[str]:
    return re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
