"""Settings: read once, wrong ones refused in one line that names them."""

import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from bot.database.audit import InForce
from bot.domain.durations import parse_duration
from bot.domain.errors import SettingsError
from bot.domain.people.role import Role
from bot.policy.rules import Rulebook
from bot.setting_groups import plain
from bot.settings import PLACES, SAFEGUARDS, Settings, load_settings
from tests.support.certificates import authority

SECRET = "s3cr3t-and-not-to-be-shown"
LONG_KEY = "k" * 32
NEEDED = {
    "SLACK_BOT_TOKEN": f"xoxb-{SECRET}",
    "SLACK_SIGNING_SECRET": SECRET,
    "SLACK_APPROVALS_CHANNEL": "C0123456789",
}
POSTGRES = {"DATABASE_URL": f"postgres://user:{SECRET}@db.example.com:5432/name"}
OWN = ("PORT", "DYNO", "DATABASE_URL", "SLACK_", "EXPENSE_", "TEMPORAL_")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(OWN):
            monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str | None) -> Settings:
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    return load_settings()


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str | None) -> str:
    with pytest.raises(SettingsError) as error:
        load(monkeypatch, **variables)
    message = str(error.value)
    assert "\n" not in message
    assert SECRET not in message
    return message


def test_three_settings_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.port == 8099
    assert str(settings.database_url) == "sqlite+aiosqlite:///expenses.db"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.expense_approvers == ()
    assert settings.expense_decision_window == timedelta(days=30)
    assert settings.expense_task_queue == "expense"
    assert settings.expense_payment_url is None
    assert settings.expense_keep is None


@pytest.mark.parametrize(("written", "days"), [("30d", 30), ("3650d", 3650), (" 10y ", 3653)])
def test_retention_is_written_in_days_or_years(
    monkeypatch: pytest.MonkeyPatch, written: str, days: int
) -> None:
    assert load(monkeypatch, EXPENSE_KEEP=written).expense_keep == timedelta(days=days)


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    assert refusal(monkeypatch, **{name: value}).startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("PORT", "http", "integer"),
        ("PORT", "-1", "greater than or equal to 0"),
        ("PORT", "65536", "less than or equal to 65535"),
        ("DATABASE_URL", "nonsense", "postgres://user:password@host/name"),
        ("DATABASE_URL", SECRET, "postgres://user:password@host/name"),
        ("DATABASE_URL", f"postgres://user:{SECRET}", "postgres://user:password@host/name"),
        ("DATABASE_URL", "postgres://user@host:port/name", "postgres://user:password@host/name"),
        ("DATABASE_URL", "mysql://user@host/name", "mysql is not supported"),
        ("EXPENSE_DATABASE_CONNECTIONS", "0", "greater than or equal to 1"),
        ("EXPENSE_DATABASE_CONNECTIONS", "many", "integer"),
        ("SLACK_BOT_TOKEN", f"xoxp-{SECRET}", "xoxb-"),
        ("SLACK_APP_TOKEN", f"xoxb-{SECRET}", "xapp-"),
        ("SLACK_API_URL", "slack.com/api", "https://"),
        ("SLACK_API_URL", "ftp://slack.com/api", "https://"),
        ("SLACK_API_URL", "https://", "https://"),
        ("SLACK_API_URL", "https://sl ack.com", "https://"),
        ("SLACK_APPROVALS_CHANNEL", "#expenses", "C0123456789"),
        ("SLACK_APPROVALS_CHANNEL", "expenses", "C0123456789"),
        ("SLACK_APPROVALS_CHANNEL", "U0123456789", "C0123456789"),
        ("EXPENSE_APPROVERS", "@mina", "'@mina' is not a Slack user id"),
        ("EXPENSE_ADMINS", "@olga", "'@olga' is not a Slack user id"),
        ("EXPENSE_FINANCE", "@olga", "'@olga' is not a Slack user id"),
        ("EXPENSE_AUDITORS", "@olga", "'@olga' is not a Slack user id"),
        ("EXPENSE_API_KEY", "ключ", "ASCII"),
        ("EXPENSE_API_KEY", "one\ntwo", "ASCII"),
        ("EXPENSE_ENCRYPTION_KEY", "short", "32 random characters"),
        ("EXPENSE_ENCRYPTION_KEY", f"{LONG_KEY},{SECRET}", "32 random characters"),
        ("EXPENSE_DECISION_WINDOW", "72", "such as 72h"),
        ("EXPENSE_DECISION_WINDOW", "0h", "such as 72h"),
        ("EXPENSE_DECISION_WINDOW", "-1h", "such as 72h"),
        ("EXPENSE_DECISION_WINDOW", "1.5h", "such as 72h"),
        ("EXPENSE_DECISION_WINDOW", "٧٢h", "such as 72h"),
        ("EXPENSE_DECISION_WINDOW", "1h30m", "such as 72h"),
        ("EXPENSE_DECISION_WINDOW", "9999999d", "such as 72h"),
        ("EXPENSE_DECISION_WINDOW", "3651d", "at most 3650d"),
        ("EXPENSE_RECEIPTS", "/srv/receipts", "file:///FOLDER"),
        ("EXPENSE_RECEIPTS", "file://srv/receipts", "file:///FOLDER"),
        ("EXPENSE_RECEIPTS", "file:///", "file:///FOLDER"),
        ("EXPENSE_RECEIPTS", "s3://", "s3://BUCKET/PREFIX"),
        ("EXPENSE_RECEIPTS", f"s3://id:{SECRET}@bucket/receipts", "whose key is in AWS_*"),
        ("EXPENSE_RECEIPTS", "gs://bucket", "database"),
        ("EXPENSE_KEEP", "10", "such as 3650d or 10y"),
        ("EXPENSE_KEEP", "29d", "at least 30d"),
        ("EXPENSE_KEEP", "0y", "at least 30d"),
        ("EXPENSE_KEEP", "101y", "such as 3650d or 10y"),
        ("EXPENSE_KEEP", "720h", "such as 3650d or 10y"),
        ("EXPENSE_PAYMENT_URL", "payments", "https://"),
        ("EXPENSE_PAYMENT_KEY", "whsec_", "base64"),
        ("EXPENSE_PAYMENT_KEY", "whsec_a", "base64"),
        ("EXPENSE_PAYMENT_KEY", "whsec_й", "base64"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    message = refusal(monkeypatch, **{name: value})
    assert message.startswith(f"{name} is wrong: ")
    assert hint in message


@pytest.mark.parametrize("place", ["database", "s3://b-1.c/of/acme/", "file:///srv/receipts"])
def test_receipts_are_kept_where_the_operator_says(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    assert load(monkeypatch, EXPENSE_RECEIPTS=place).expense_receipts == place.rstrip("/")
    assert load(monkeypatch, EXPENSE_RECEIPTS="none").expense_receipts is None


def test_a_folder_on_heroku_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(monkeypatch, EXPENSE_RECEIPTS="file:///srv/receipts", DYNO="web.1", **POSTGRES)
    assert "Heroku empties its disk" in said


def test_settings_that_belong_together_are_asked_for_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "EXPENSE_ENCRYPTION_KEY is missing" in refusal(monkeypatch, **POSTGRES)
    assert "EXPENSE_PAYMENT_KEY is missing" in refusal(
        monkeypatch,
        **POSTGRES,
        EXPENSE_ENCRYPTION_KEY=LONG_KEY,
        EXPENSE_PAYMENT_URL="https://pay.example.com/",
    )


def test_a_key_of_payments_without_their_address_is_a_contradiction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for address in ("", None):
        monkeypatch.setenv("EXPENSE_PAYMENT_URL", "")
        words = refusal(monkeypatch, EXPENSE_PAYMENT_KEY=SECRET, EXPENSE_PAYMENT_URL=address)
        assert words.startswith("EXPENSE_PAYMENT_URL is missing, but EXPENSE_PAYMENT_KEY is set: ")
        assert "EXPENSE_PAYMENT_URL=none" in words
    settings = load(monkeypatch, EXPENSE_PAYMENT_KEY=SECRET, EXPENSE_PAYMENT_URL=" None\n")
    assert settings.expense_payment_url is None


IN_FORCE = [
    ("EXPENSE_PAYMENT_URL", InForce(payments_at="pay.example.com")),
    ("EXPENSE_POLICY", InForce(has_rules=True)),
    ("EXPENSE_APPROVERS", InForce(has_approvers=True)),
]


@pytest.mark.parametrize(("name", "in_force"), IN_FORCE)
def test_what_was_in_force_does_not_vanish_in_silence(
    monkeypatch: pytest.MonkeyPatch, name: str, in_force: InForce
) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is missing, but ") as refused:
        load(monkeypatch, **{name: ""}).check(in_force)
    assert f"{name}=none" in str(refused.value)
    assert "\n" not in str(refused.value)
    for value in ("  ", ","):
        assert refusal(monkeypatch, **{name: value}).startswith(f"{name} is wrong: ")
    load(monkeypatch, **{name: "none"}).check(in_force)
    load(monkeypatch, **{name: ""}).check(InForce())


def test_what_is_still_set_may_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('base_currency = "EUR"\n[[rules]]\n[[rules.stages]]\nask = ["U0MINA"]\n')
    everything = InForce(payments_at="pay.example.com", has_rules=True, has_approvers=True)
    variables = {
        "EXPENSE_PAYMENT_URL": "https://other.example.com/",
        "EXPENSE_PAYMENT_KEY": SECRET,
        "EXPENSE_POLICY": str(file),
        "EXPENSE_APPROVERS": "U0MINA",
        "EXPENSE_API_KEY": "key",
        "EXPENSE_RECEIPTS": "database",
    }
    settings = load(monkeypatch, **variables)
    settings.check(everything)
    assert settings.switched_off == []
    file.write_text('base_currency = "EUR"\n')
    with pytest.raises(SettingsError, match=r"^EXPENSE_POLICY has no rules, but "):
        load(monkeypatch).check(everything)


def test_what_is_switched_off_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    off = "; ".join(load(monkeypatch).switched_off)
    for name in (
        *("EXPENSE_PAYMENT_URL", "EXPENSE_POLICY", "EXPENSE_APPROVERS", "EXPENSE_API_KEY"),
        "EXPENSE_RECEIPTS",
    ):
        assert name in off
    confirmed = dict.fromkeys((name for name, _ in IN_FORCE), "none")
    assert "; ".join(load(monkeypatch, **confirmed).switched_off) == off


def test_socket_mode_needs_no_signing_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, SLACK_SIGNING_SECRET=None, SLACK_APP_TOKEN="xapp-1-token")


@pytest.mark.parametrize(
    ("platform", "ours"),
    [
        ("postgres://u:p@h/n", "postgresql+asyncpg://u:p@h/n"),
        ("postgresql://u:p@h:6/n", "postgresql+asyncpg://u:p@h:6/n"),
        ("postgresql+psycopg://u:p@h/n", "postgresql+asyncpg://u:p@h/n"),
        ("postgres://u:p@h/n?sslmode=require", "postgresql+asyncpg://u:p@h/n?sslmode=require"),
        ("postgres://u@/n?host=/run/pg", "postgresql+asyncpg://u@/n?host=%2Frun%2Fpg"),
        ("sqlite:///some/file.db", "sqlite+aiosqlite:///some/file.db"),
        ("sqlite://", "sqlite+aiosqlite://"),
        (" sqlite:////tmp/x.db\n", "sqlite+aiosqlite:////tmp/x.db"),
    ],
)
def test_a_database_url_is_taken_as_platforms_write_it(
    monkeypatch: pytest.MonkeyPatch, platform: str, ours: str
) -> None:
    settings = load(monkeypatch, DATABASE_URL=platform, EXPENSE_ENCRYPTION_KEY=LONG_KEY)
    assert settings.database_url.render_as_string(hide_password=False) == ours
    assert settings.is_postgres == platform.startswith("postgres")


def test_emptied_settings_are_as_if_they_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = dict.fromkeys(
        [
            *("SLACK_APP_TOKEN", "EXPENSE_APPROVERS", "EXPENSE_DECISION_WINDOW"),
            *("EXPENSE_PAYMENT_KEY", "EXPENSE_PAYMENT_URL", "EXPENSE_POLICY"),
        ],
        "",
    )
    assert load(monkeypatch, **empty) == load(monkeypatch, **dict.fromkeys(empty))


@pytest.mark.parametrize("name", [*PLACES, *SAFEGUARDS])
def test_a_place_or_a_safeguard_that_was_emptied_is_no_default(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for empty in ("", " \n", " , "):
        said = refusal(monkeypatch, **{name: empty})
        assert said == f"{name} is empty: set it, or remove the variable"


@pytest.mark.parametrize("name", ["PORT", "DYNO"])
def test_on_a_platform_a_sqlite_file_is_spelled_out(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    platform = {name: "8099"}
    assert refusal(monkeypatch, **platform).startswith("DATABASE_URL is missing: ")
    assert not load(monkeypatch, **platform, DATABASE_URL="sqlite:///x.db").is_postgres


def test_a_person_at_a_terminal_may_choose_a_port(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    program = "from bot.settings import load_settings; print(load_settings().is_postgres)"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **NEEDED, "PORT": "8099"},
        cwd=Path(__file__).parent.parent,
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    for end in (ours, theirs):
        os.close(end)
    assert ended.stdout == "False\n", ended.stderr


def test_white_space_around_pasted_settings_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        SLACK_BOT_TOKEN=" xoxb-token\n",
        SLACK_APPROVALS_CHANNEL="C0123456789 ",
        EXPENSE_API_KEY="key\n",
        PORT=" 80 ",
        DATABASE_URL="sqlite:///expenses.db\n",
    )
    assert settings.slack_bot_token.get_secret_value() == "xoxb-token"
    assert settings.slack_approvals_channel == "C0123456789"
    assert plain(settings.expense_api_key) == ["key"]
    assert settings.port == 80


def test_no_secret_shows_in_a_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        **POSTGRES,
        SLACK_APP_TOKEN=f"xapp-{SECRET}",
        EXPENSE_API_KEY=SECRET,
        EXPENSE_ENCRYPTION_KEY=f"{SECRET}{LONG_KEY}",
        EXPENSE_PAYMENT_KEY=SECRET,
        EXPENSE_PAYMENT_URL="none",
    )
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def test_without_a_key_only_this_machine_is_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).host == "127.0.0.1"
    assert load(monkeypatch, EXPENSE_API_KEY="key").host == "::"


def test_several_encryption_keys_are_for_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, EXPENSE_ENCRYPTION_KEY=f"{'n' * 32}, {'o' * 32} ,{'p' * 32},")
    assert settings.encryption_secrets() == ["n" * 32, "o" * 32, "p" * 32]


def test_a_key_is_made_beside_a_sqlite_file_for_its_owner_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load(monkeypatch, DATABASE_URL=f"sqlite:///{tmp_path}/expenses.db")
    secrets = settings.encryption_secrets()
    file = tmp_path / "expenses.db.key"
    assert [file.read_text()] == secrets == settings.encryption_secrets()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("left", ["", "short\n"])
def test_a_damaged_key_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: str
) -> None:
    (tmp_path / "expenses.db.key").write_text(left)
    settings = load(monkeypatch, DATABASE_URL=f"sqlite:///{tmp_path}/expenses.db")
    with pytest.raises(SettingsError, match=r"^EXPENSE_ENCRYPTION_KEY is missing, and .*\.key"):
        settings.encryption_secrets()


def test_a_database_in_memory_gets_a_key_that_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(monkeypatch, DATABASE_URL="sqlite://")
    assert len(settings.encryption_secrets()[0]) >= 32
    assert list(tmp_path.iterdir()) == []


def test_two_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    program = "from bot.settings import load_settings; print(load_settings().encryption_secrets())"
    environment = {**os.environ, **NEEDED, "DATABASE_URL": f"sqlite:///{tmp_path}/expenses.db"}
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=environment,
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    keys = {starter.communicate()[0] for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert len(keys) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "expenses.db.key"]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        (" 72h ", timedelta(hours=72)),
        ("14d", timedelta(days=14)),
    ],
)
def test_a_duration_is_a_whole_number_and_a_unit(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration
    assert parse_duration(duration) == duration


def test_a_policy_is_read_when_the_bot_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load(monkeypatch).expense_policy == Rulebook()
    file = tmp_path / "policy.toml"
    file.write_text('base_currency = "CHF"\n[[rules]]\n[[rules.stages]]\nask = ["U0MINA"]\n')
    book = load(monkeypatch, EXPENSE_POLICY=f" {file}\n").expense_policy
    assert book.base_currency == "CHF"
    assert [rule.name for rule in book.rules] == ["any expense"]
    assert load(monkeypatch, EXPENSE_POLICY="").expense_policy == Rulebook()


def test_a_wrong_policy_is_named_with_its_first_mistakes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    message = refusal(monkeypatch, EXPENSE_POLICY=str(file))
    assert message == f"EXPENSE_POLICY is wrong: {file}: there is no such file"
    file.write_text('base_currency = "EUR"\na = 1\nb = 1\nc = 1\nd = 1\n')
    message = refusal(monkeypatch, EXPENSE_POLICY=str(file))
    assert message.startswith(f"EXPENSE_POLICY is wrong: {file}:2: a: unknown key 'a'; ")
    assert f"; {file}:4: c: " in message
    assert message.endswith("; and 1 more, see python -m bot policy check")


POLICY = 'base_currency = "CHF"\n[[rules]]\n[[rules.stages]]\nask = ["U0MINA"]'


@pytest.mark.parametrize("text", [POLICY, f"\n{POLICY}\n", POLICY.replace("\n", "\r\n")])
def test_the_text_of_a_policy_is_read_from_the_setting(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    book = load(monkeypatch, EXPENSE_POLICY=text).expense_policy
    assert book.base_currency == "CHF"
    assert [rule.name for rule in book.rules] == ["any expense"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one\ntwo", "EXPENSE_POLICY:1: not TOML: "),
        (f"{POLICY}\na = 1", "EXPENSE_POLICY:5: "),
        ("# caf\udce9\n" + POLICY, "EXPENSE_POLICY:1: not UTF-8"),
        (POLICY.replace("\n", " "), "EXPENSE_POLICY: its line breaks are missing; keep them, or "),
    ],
)
def test_a_mistake_in_the_text_of_a_policy_is_named_with_its_line(
    monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    message = refusal(monkeypatch, EXPENSE_POLICY=text)
    assert message.startswith(f"EXPENSE_POLICY is wrong: {words}")


def test_the_authorities_of_the_database_are_set_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    pem = authority()[0].public_bytes(Encoding.PEM).decode()
    variables = {**POSTGRES, "EXPENSE_ENCRYPTION_KEY": LONG_KEY, "EXPENSE_DATABASE_CA": pem}
    settings = load(monkeypatch, **variables)
    assert settings.database_url.query == {"sslmode": "verify-full", "sslrootcert": pem.strip()}
    assert load(monkeypatch, DATABASE_URL="sqlite://").database_url.query == {}
    message = refusal(monkeypatch, DATABASE_URL=f"{POSTGRES['DATABASE_URL']}?sslmode=disable")
    assert message.startswith("DATABASE_URL is wrong: with EXPENSE_DATABASE_CA, write ")
    for wrong in (pem.replace("\n", " "), "/etc/ssl/root.pem", "-----BEGIN CERTIFICATE-----\nй"):
        message = refusal(monkeypatch, EXPENSE_DATABASE_CA=wrong)
        assert message == "EXPENSE_DATABASE_CA is wrong: write certificates in PEM, with their " + (
            "line breaks"
        )


def test_an_address_of_sqlite_takes_no_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="takes no parameters; leave them out"):
        load(monkeypatch, DATABASE_URL="sqlite:///file:x.db?uri=true")


def test_a_policy_that_reminds_after_the_window_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    asked = '[[rules.stages]]\nask = ["U0MINA"]\nremind_after = "4h"\n'
    file.write_text(f'base_currency = "EUR"\n[[rules]]\n{asked}')
    message = refusal(monkeypatch, EXPENSE_POLICY=str(file), EXPENSE_DECISION_WINDOW="2h")
    assert "rules[1].stages[1].remind_after: write less than EXPENSE_DECISION_WINDOW" in message
    assert load(monkeypatch, EXPENSE_DECISION_WINDOW="5h").expense_policy


@pytest.mark.parametrize(
    ("setting", "role"),
    [
        ("EXPENSE_ADMINS", Role.ADMIN),
        ("EXPENSE_FINANCE", Role.FINANCE),
        ("EXPENSE_AUDITORS", Role.AUDITOR),
    ],
)
def test_a_role_is_given_by_its_setting_and_by_the_policy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, role: Role
) -> None:
    assert not any(load(monkeypatch).roles.values())
    policy = tmp_path / "policy.toml"
    groups = '[groups]\nit = ["S0IT"]\n'
    policy.write_text(f'base_currency = "EUR"\n{groups}[roles]\n{role} = ["@it"]\n')
    settings = load(monkeypatch, EXPENSE_POLICY=str(policy), **{setting: "U0OLGA"})
    assert {one: ids for one, ids in settings.roles.items() if ids} == {role: ("U0OLGA",)}
    assert settings.rulebook.roles == {role: ("S0IT",)}
    assert settings.expense_stuck_after == timedelta(days=7)
