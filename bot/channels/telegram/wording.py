"""The channel's own sentences, which stand in wording.yml beside this file."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml


@functools.cache
def _sentences() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def say(name: str, **values: Any) -> str:
    """Return a sentence filled with values; KeyError if there is none or a value is missing."""
    return _sentences()[name].format(**values).strip()
