"""What a picture shows, for whoever cannot see it; the sentences stand in alt.yml."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml


@functools.lru_cache(maxsize=1)
def _sentences() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def alt(picture: str, **values: object) -> str:
    """Return the description of a picture with the values that can be read off it."""
    return _sentences().get(picture, "").format(**values)
