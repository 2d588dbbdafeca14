"""What channels say when there is no answer now; the sentences stand in a file beside a module."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml


@functools.cache
def sentences(module: str = __file__) -> dict[str, str]:
    """Return the sentences that stand beside a module, by default those of every channel."""
    loaded: dict[str, str] = yaml.safe_load(Path(module).with_suffix(".yml").read_text("utf-8"))
    return loaded
