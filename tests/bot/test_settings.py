import pytest

from bot.settings import Settings, SettingsError, check_workers


def test_loopback_and_sqlite_unless_told_otherwise(tmp_path) -> None:
    settings = Settings.from_environment({"FATHOM_HOME": str(tmp_path)})
    assert settings.host == "127.0.0.1"
    assert settings.port == 5005
    assert settings.tracker_store_url == f"sqlite:///{tmp_path / 'conversations.db'}"
    assert settings.action_endpoint_url is None


@pytest.mark.parametrize("port", ["0", "70000", "abc", "-1"])
def test_a_wrong_port_is_named(port: str) -> None:
    with pytest.raises(SettingsError, match="PORT"):
        Settings.from_environment({"PORT": port})


def test_the_database_password_is_not_shown() -> None:
    settings = Settings.from_environment({"TRACKER_STORE_URL": "postgresql://me:hunter2@db/x"})
    assert "hunter2" not in repr(settings)


def test_the_names_of_the_server_are_those_of_its_public_addresses() -> None:
    settings = Settings.from_environment(
        {
            "PUBLIC_URL": "https://Bot.example.org/",
            "TELEGRAM_WEBHOOK_URL": "https://hook.example.org:8443/webhooks/telegram/webhook",
        }
    )
    assert settings.public_url == "https://Bot.example.org"
    assert settings.names == {"bot.example.org", "hook.example.org:8443"}
    assert Settings.from_environment({}).names == frozenset()


@pytest.mark.parametrize("address", ["bot.example.org", "ftp://x", "http://", "http://[x"])
def test_a_wrong_public_address_is_named(address: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        Settings.from_environment({"PUBLIC_URL": address})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACKER_STORE_URL", value)
        for value in (
            "nonsense",
            "mysql://me:hunter2@h/db",
            "sqlite://",
            "postgresql://",
            "postgresql://me:hun@ter2@h/db",
            "postgresql://bot:hun@s/ter2#d@h/db",
            "postgresql://me:hunter2%@h/db",
            "postgresql://me:hunter2@h:99999/db",
            "postgresql://me:hunter2@h:port/db",
            "postgresql://me:hunter2@[h/db",
        )
    ]
    + [
        ("LOCK_STORE_URL", value)
        for value in (
            "localhost:6379",
            "http://h",
            "redis://:hun@ter2@h/0",
            "redis://h:0x/0",
            "redis://h/one",
        )
    ]
    + [("ACTION_ENDPOINT_URL", "localhost:5055"), ("PORT", "5" * 5_000)],
)
def test_a_wrong_address_is_named_without_the_password(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_environment({name: value})
    said = str(caught.value)
    assert len(said) < 300 and "\n" not in said
    assert "hun" not in said and "ter2" not in said


@pytest.mark.parametrize(
    ("tracker", "lock"),
    [
        ("postgresql://me:p%40ss%2Fw@h:5432/db?sslmode=require", "rediss://:s%40@h:6380/2"),
        ("postgresql:///db", "redis://localhost"),
        ("sqlite:////folder/file.db", ""),
    ],
)
def test_stores_are_taken_as_they_are_named(tracker: str, lock: str) -> None:
    given = {"TRACKER_STORE_URL": tracker, "LOCK_STORE_URL": lock}
    settings = Settings.from_environment(given)
    assert (settings.tracker_store_url, settings.lock_store_url) == (tracker, lock or None)


@pytest.mark.parametrize("name", ["SANIC_WORKERS", "WEB_CONCURRENCY"])
@pytest.mark.parametrize("value", ["2", "0", "-1", "many"])
def test_more_than_one_worker_is_refused_with_the_reason(name: str, value: str) -> None:
    check_workers({name: "1"})
    check_workers({name: ""})
    with pytest.raises(SettingsError, match=name) as caught:
        check_workers({name: value})
    assert "LOCK_STORE_URL" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["REST_TOKEN", "ACTION_TOKEN"])
def test_a_token_is_long_enough_and_never_shown(name: str) -> None:
    token = "correct-horse-battery"
    settings = Settings.from_environment({name: token})
    assert token in (settings.rest_token, settings.action_token)
    assert token not in repr(settings)
    for wrong in ("short", "with a space in it", "x" * 257):
        with pytest.raises(SettingsError, match=name) as caught:
            Settings.from_environment({name: wrong})
        assert wrong not in str(caught.value)
