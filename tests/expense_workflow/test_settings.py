"""Settings are read once and wrong ones are refused by name."""

import pytest

from expense_workflow.settings import PLACES, SAFEGUARDS, Settings, SettingsError

NAMES = (*PLACES, *SAFEGUARDS)
PLATFORMS = ("DYNO", "HEROKU_APP_DEFAULT_DOMAIN_NAME", "FLY_APP_NAME")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, *PLATFORMS):
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_are_the_contract_s() -> None:
    assert Settings.from_environment() == Settings("expense", "http://localhost:8099", "")


@pytest.mark.parametrize("name", NAMES)
def test_what_was_emptied_is_no_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for empty in ("", " ", " , "):
        monkeypatch.setenv(name, empty)
        words = rf"^{name} is empty: set it, or remove the variable$"
        with pytest.raises(SettingsError, match=words):
            Settings.from_environment()


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPENSE_TASK_QUEUE", "other")
    monkeypatch.setenv("EXPENSE_SERVER_URL", "https://bot.example/base/")
    monkeypatch.setenv("EXPENSE_API_KEY", ",k-secret,old\n")
    settings = Settings.from_environment()
    assert settings == Settings("other", "https://bot.example/base", "k-secret")
    assert "k-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "told", "address"),
    [
        (
            "HEROKU_APP_DEFAULT_DOMAIN_NAME",
            "expenses-1234567890ab.herokuapp.com",
            "https://expenses-1234567890ab.herokuapp.com",
        ),
        ("FLY_APP_NAME", "expenses", "https://expenses.fly.dev"),
    ],
)
def test_the_bot_is_at_the_app_s_own_address_where_the_platform_tells_it(
    monkeypatch: pytest.MonkeyPatch, name: str, told: str, address: str
) -> None:
    monkeypatch.setenv("DYNO", "worker.1")
    monkeypatch.setenv(name, told)
    assert Settings.from_environment().server_url == address
    monkeypatch.setenv("EXPENSE_SERVER_URL", "https://bot.example")
    assert Settings.from_environment().server_url == "https://bot.example"


def test_a_dyno_that_is_not_told_where_the_bot_is_says_how_to_tell_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DYNO", "worker.1")
    words = r"^EXPENSE_SERVER_URL is missing: set it to [^\n]+runtime-dyno-metadata[^\n]+$"
    with pytest.raises(SettingsError, match=words):
        Settings.from_environment()


@pytest.mark.parametrize(
    "address",
    [
        "localhost:8099",
        "ftp://bot",
        "http://",
        "http://bot:99999",
        "http://bot:x",
        "http://user:s3cret@bot",
        "http://bot/?a=b",
        "http://bot/#top",
        "http://[::1",
        "http://b\not",
    ],
)
def test_a_wrong_address_is_refused_in_one_line_that_does_not_repeat_it(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("EXPENSE_SERVER_URL", address)
    with pytest.raises(SettingsError, match=r"^EXPENSE_SERVER_URL [^\n]+$") as caught:
        Settings.from_environment()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines"])
def test_a_key_that_no_header_can_carry_is_refused(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("EXPENSE_API_KEY", key)
    with pytest.raises(SettingsError, match=r"^EXPENSE_API_KEY [^\n]+$") as caught:
        Settings.from_environment()
    assert key not in str(caught.value)
