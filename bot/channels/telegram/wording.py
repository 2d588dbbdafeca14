"""The channel's own sentences, which stand in wording.yml beside this file."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml


@functools.lru_cache(maxsize=1)
def _sentences() -> dict[str, str]:
    path = Path(__file__).with_name("wording.yml")
    loaded: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def say(name: str, **values: Any) -> str:
    """Return a sentence filled with values.

    Raises:
        KeyError: if there is no such sentence or a value is missing.
    """
    return _sentences()[name].format(**values).strip()
