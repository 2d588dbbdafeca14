"""The home folder: everything that is made while running, for its owner's eyes alone."""

from __future__ import annotations

import fcntl
import stat
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from bot.settings import Settings, SettingsError

_FOLDER, _FILE = 0o700, 0o600


def prepare(home: Path) -> None:
    """Make the folder, and take from others what they may read in it, old files too.

    Raises:
        SettingsError: if it cannot be made.
    """
    try:
        home.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"FATHOM_HOME {home}: {error.strerror}") from None
    for path in (home, *home.rglob("*")):
        with suppress(OSError):  # gone meanwhile, or another's
            found = path.lstat().st_mode
            wanted = _FOLDER if stat.S_ISDIR(found) else _FILE
            if not stat.S_ISLNK(found) and stat.S_IMODE(found) != wanted:
                path.chmod(wanted)


def claim(settings: Settings) -> AbstractContextManager[Any]:
    """Keep a second server off a home whose conversations only this one may write.

    Return what holds the claim; it ends with the process.

    Raises:
        SettingsError: if another server has it, or nothing can be written there.
    """
    if not settings.unshared:
        return nullcontext()
    path = settings.home / "server.lock"
    try:
        held = path.open("wb")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SettingsError(
            f"{settings.home} is in use by another server: stop it, give this one a FATHOM_HOME "
            "of its own, or share PostgreSQL (TRACKER_STORE_URL) and Redis (LOCK_STORE_URL)"
        ) from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    return held
