from actions import pictures


def test_a_picture_is_found_under_the_name_it_was_stored_with(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    name = pictures.store(b"\x89PNG data")
    assert pictures.store(b"\x89PNG data") == name
    path = pictures.find(name)
    assert path is not None
    assert path.read_bytes() == b"\x89PNG data"


def test_no_other_file_can_be_asked_for(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FATHOM_HOME", str(tmp_path))
    for name in ("../conversations.db", "/etc/hostname", "x.png", "0" * 32 + ".png"):
        assert pictures.find(name) is None
