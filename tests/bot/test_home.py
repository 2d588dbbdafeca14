"""What is kept is for its owner's eyes, and one server at a time."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot import home
from bot.settings import Settings, SettingsError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_old_home_is_closed_to_others_and_links_out_of_it_are_left_alone(tmp_path: Path) -> None:
    outside, kept = tmp_path / "outside", tmp_path / "home"
    outside.write_text("")
    outside.chmod(0o644)
    (kept / "pictures").mkdir(parents=True)
    (kept / "pictures" / "a.png").write_text("")
    (kept / "pictures" / "a.png").chmod(0o644)
    (kept / "link").symlink_to(outside)
    for folder in (kept, kept / "pictures"):
        folder.chmod(0o755)
    home.prepare(kept)
    assert [mode(path) for path in (kept, kept / "pictures")] == [0o700, 0o700]
    assert mode(kept / "pictures" / "a.png") == 0o600
    assert mode(outside) == 0o644


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="FATHOM_HOME") as caught:
        home.prepare(tmp_path / "file" / "home")
    assert "\n" not in str(caught.value)


def test_a_second_server_on_the_same_home_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    settings = Settings.from_environment({"FATHOM_HOME": str(tmp_path)})
    with home.claim(settings), pytest.raises(SettingsError, match="another server"):
        home.claim(settings)
    with home.claim(settings):
        pass
    shared = Settings.from_environment(
        {
            "FATHOM_HOME": str(tmp_path),
            "TRACKER_STORE_URL": "postgresql://a@db/x",
            "LOCK_STORE_URL": "redis://lock",
        }
    )
    with home.claim(settings), home.claim(shared), home.claim(shared):
        pass
