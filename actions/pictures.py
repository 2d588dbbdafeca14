"""Pictures that actions made, kept under a name that is their content's hash."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}\.png")
_DEFAULT_HOME = Path(__file__).resolve().parent.parent / "var"


def folder() -> Path:
    """Return the folder that channels may send pictures from."""
    return Path(os.environ.get("FATHOM_HOME") or _DEFAULT_HOME).resolve() / "pictures"


def store(png: bytes) -> str:
    """Keep a picture and return its name, the same for the same bytes."""
    name = hashlib.sha256(png).hexdigest()[:32] + ".png"
    path = folder() / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(png)
        partial.replace(path)
    return name


def find(name: str) -> Path | None:
    """Return the file of a stored picture; None for any other name."""
    if not _NAME.fullmatch(name):
        return None
    path = folder() / name
    return path if path.is_file() else None
