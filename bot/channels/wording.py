"""What every channel says when there is no answer now; the sentences stand in wording.yml."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml


@functools.lru_cache(maxsize=1)
def sentences() -> dict[str, str]:
    """Return the sentences by their names."""
    loaded: dict[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded
