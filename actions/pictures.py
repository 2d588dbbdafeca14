"""Pictures that actions made, kept under a name that is their content's hash."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

Picture = dict[str, Any]  # a part of a message; empty where there is none
_NAME = re.compile(r"[0-9a-f]{32}\.png")
_DEFAULT_HOME = Path(__file__).resolve().parent.parent / "var"


def folder() -> Path:
    """Return the folder that channels may send pictures from."""
    return Path(os.environ.get("FATHOM_HOME") or _DEFAULT_HOME).resolve() / "pictures"


def described(name: str, alt: str) -> Picture:
    """Return a stored picture, and what it shows, as a message has them."""
    return {"image": name, "metadata": {"alt": alt}}


def store(png: bytes) -> str:
    """Keep a picture and return its name, the same for the same bytes."""
    name = hashlib.sha256(png).hexdigest()[:32] + ".png"
    path = folder() / name
    try:
        os.utime(path)  # it is needed still
    except OSError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_bytes(png)
        partial.replace(path)
    return name


def forget(before: float, most_bytes: float) -> None:
    """Remove pictures that were not shown anew since a time, and the oldest of too many."""
    found = []
    for path in folder().glob("*.png"):
        with suppress(OSError):  # another process removes as well
            found.append((path.stat().st_mtime, path.stat().st_size, path))
    room = most_bytes
    for shown, size, path in sorted(found, reverse=True):
        room -= size
        if shown < before or room < 0:
            path.unlink(missing_ok=True)


def find(name: str, where: Path | None = None) -> Path | None:
    """Return the file of a stored picture; None for any other name, of a path above all."""
    path = (where or folder()) / name
    return path if _NAME.fullmatch(name) and path.is_file() else None
