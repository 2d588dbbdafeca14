"""Find the picture that a message names, and refuse everything else."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 10_000_000
_NAME = re.compile(r"[0-9a-f]{32}\.png")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_SIDES, _MAX_RATIO = 10_000, 20


class PictureError(ValueError):
    """The picture cannot be sent."""


@dataclass(frozen=True)
class Picture:
    """A picture's bytes, and whether Telegram takes it as a photo (a file otherwise)."""

    name: str
    content: bytes
    photo: bool


def load(name: str, folder: Path) -> Picture:
    """Read a picture of a folder.

    Only a plain name is accepted, never a path: what an action utters may hold a person's words,
    and Telegram's client library uploads any file it is given the path of.

    Raises:
        PictureError: if the name is no picture's, or the file is missing, large, or not PNG.
    """
    if not _NAME.fullmatch(name):
        raise PictureError("not a picture's name")
    path = folder / name
    try:
        if path.is_symlink() or path.stat().st_size > MAX_BYTES:
            raise PictureError(f"{name} is a link or larger than {MAX_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{name} cannot be read") from error
    if len(content) < 24 or not content.startswith(_SIGNATURE):
        raise PictureError(f"{name} is not a PNG file")
    width, height = struct.unpack(">II", content[16:24])
    if not width or not height:
        raise PictureError(f"{name} has no size")
    photo = width + height <= _MAX_SIDES and max(width, height) <= _MAX_RATIO * min(width, height)
    return Picture(name, content, photo)
