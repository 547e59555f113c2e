"""What single settings may look like, and those that every command needs."""

import base64
import os
import re
import ssl
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url

from bot.database.engine.url import parse_database_url
from bot.domain.durations import parse_duration
from bot.domain.errors import SettingsError
from bot.domain.people.slack_ids import check_channel_id, is_user_id
from bot.policy.file.loader import read_policy
from bot.policy.file.source import PolicyError
from bot.policy.members import parse_approvers
from bot.policy.rules import Rulebook

MIN_SECRET = 32
_DAYS = {"d": 1.0, "y": 365.25}
# With less, what people wait for would be gone.
_LEAST_KEEP, _MOST_KEEP = timedelta(days=30), timedelta(days=36525)
# So many of a policy's mistakes fit into one line.
_FIRST_MISTAKES = 3


def _parse_keys(text: str) -> list[str]:
    return [key.strip() for key in text.split(",") if key.strip()]


def _secrets(is_right: Callable[[str], bool], words: str) -> AfterValidator:
    """Refuse a secret, or several, if one is not right, with words that say what is."""

    def check(value: SecretStr | list[SecretStr]) -> SecretStr | list[SecretStr]:
        secrets = value if isinstance(value, list) else [value]
        if not all(is_right(secret.get_secret_value()) for secret in secrets):
            raise ValueError(words)
        return value

    return AfterValidator(check)


def _token(prefix: str, name: str) -> AfterValidator:
    words = f"copy the {name}, which begins with {prefix}"
    return _secrets(lambda token: token.startswith(prefix), words)


def _is_long(key: str) -> bool:
    return len(key) >= MIN_SECRET


def _fits_into_a_header(key: str) -> bool:
    return key.isascii() and key.isprintable()


def _can_sign(key: str) -> bool:
    try:
        # As lenient about padding as the library that signs with it.
        return not key.startswith("whsec_") or bool(base64.b64decode(f"{key[6:]}=="))
    except ValueError:
        return False


def _is_http_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise ValueError("write a whole address that begins with https:// or http://")
    return value


def _is_codec_name(value: str) -> str:
    if not re.fullmatch(r"[\w.]+:[\w.]+", value):
        raise ValueError("write module:attribute, such as our_company.codec:Encrypted")
    return value


def _is_log_format(value: str) -> str:
    if value.lower() not in {"text", "json"}:
        raise ValueError("write text or json")
    return value.lower()


def _is_log_level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("write DEBUG, INFO, WARNING or ERROR")
    return value.upper()


def is_none(value: str) -> bool:
    """Return whether the operator says explicitly that there is none of what a setting names."""
    return value.strip().casefold() == "none"


def _parse_approvers(value: str) -> tuple[str, ...]:
    approvers = parse_approvers("" if is_none(value) else value)
    if not approvers and not is_none(value):
        raise ValueError("name Slack ids of users or user groups, or write none")
    return approvers


def _parse_payment_url(value: str) -> str | None:
    return None if is_none(value) else value


def _read_policy(value: str) -> Rulebook | None:
    if is_none(value):
        return None
    try:
        return read_policy(value)
    except PolicyError as error:
        first = error.mistakes[:_FIRST_MISTAKES]
        left = len(error.mistakes) - len(first)
        more = f"; and {left} more, see python -m bot policy check" if left else ""
        raise ValueError("; ".join(first) + more) from None


def _parse_operators(value: str) -> tuple[str, ...]:
    operators = tuple(value.replace(",", " ").split())
    if not all(map(is_user_id, operators)):
        raise ValueError("name Slack ids of users (U…), separated by commas")
    return operators


def _parse_receipts(value: str) -> str | None:
    if is_none(value) or value == "database":
        return None if is_none(value) else value
    if not re.fullmatch(
        r"file:///[^\s/]\S*|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*)?", value
    ):
        # A key that somebody wrote into it is not repeated.
        raise ValueError(
            "write database, file:///FOLDER, s3://BUCKET/PREFIX, whose key is in AWS_*, or none"
        )
    if value.startswith("file:") and "DYNO" in os.environ:
        raise ValueError(
            "Heroku empties its disk at least once a day, so write database or s3://BUCKET/PREFIX"
        )
    return value.rstrip("/")


def _parse_keep(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([0-9]{1,5})([dy])", value.strip())
    keep = timedelta(days=int(int(match[1]) * _DAYS[match[2]] + 0.5)) if match else timedelta()
    if not _LEAST_KEEP <= keep <= _MOST_KEEP:
        raise ValueError("write a number of days or years, such as 3650d or 10y; at least 30d")
    return keep


def _check_certificates(text: str) -> str:
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, TypeError):  # the latter for what is not ASCII
        raise ValueError("write certificates in PEM, with their line breaks") from None
    return text


def _parse_database_url(text: object, settings: ValidationInfo) -> object:
    return parse_database_url(text, settings.data.get("expense_database_ca", ""))


Approvers = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parse_approvers)]
AppToken = Annotated[SecretStr, _token("xapp-", "app-level token")]
BotToken = Annotated[SecretStr, _token("xoxb-", "Bot User OAuth Token")]
CodecName = Annotated[str, AfterValidator(_is_codec_name)]
ChannelId = Annotated[str, AfterValidator(check_channel_id)]
Certificates = Annotated[str, AfterValidator(_check_certificates)]
DatabaseUrl = Annotated[URL, NoDecode, BeforeValidator(_parse_database_url)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
HttpUrl = Annotated[str, AfterValidator(_is_http_url)]
Keep = Annotated[timedelta, BeforeValidator(_parse_keep)]
LogFormat = Annotated[str, AfterValidator(_is_log_format)]
LogLevel = Annotated[str, AfterValidator(_is_log_level)]
PaymentUrl = Annotated[HttpUrl | None, BeforeValidator(_parse_payment_url)]
PolicyFile = Annotated[Rulebook | None, NoDecode, BeforeValidator(_read_policy)]
Receipts = Annotated[str | None, NoDecode, BeforeValidator(_parse_receipts)]
Operators = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parse_operators)]
# Several, the newest first, while one takes the place of another.
Keys = Annotated[list[SecretStr], NoDecode, BeforeValidator(_parse_keys)]
EncryptionKeys = Annotated[
    Keys, _secrets(_is_long, f"each key needs at least {MIN_SECRET} random characters")
]
HeaderKeys = Annotated[Keys, _secrets(_fits_into_a_header, "use printable ASCII characters only")]
SigningKeys = Annotated[Keys, _secrets(_can_sign, "what follows whsec_ must be base64")]


class DatabaseSettings(BaseSettings):
    """What a command needs that only reads the database."""

    model_config = SettingsConfigDict(
        case_sensitive=False,
        extra="ignore",
        arbitrary_types_allowed=True,
        frozen=True,
        validate_default=False,  # they are written as values, not as texts of the environment
        # Platforms keep settings that were emptied, and pasted ones end in a line break.
        env_ignore_empty=True,
        str_strip_whitespace=True,
    )

    expense_database_ca: Certificates = Field(default="", repr=False)
    database_url: DatabaseUrl = make_url("sqlite+aiosqlite:///expenses.db")
    log_format: LogFormat = "text"
    log_level: LogLevel = "INFO"

    def model_post_init(self, context: Any, /) -> None:
        """Refuse to choose a database where it would be lost."""
        if "database_url" not in self.model_fields_set and _is_platform():
            raise SettingsError(
                "DATABASE_URL is missing: set it to the address of PostgreSQL; or, if this disk "
                "outlives a release, to sqlite:///expenses.db"
            )

    def is_missing(self, name: str) -> bool:
        """Return whether the environment does not have a setting, or has it empty."""
        return name not in self.model_fields_set

    @property
    def is_postgres(self) -> bool:
        """Whether the database is PostgreSQL, otherwise SQLite."""
        return self.database_url.get_backend_name() == "postgresql"


def _is_platform() -> bool:
    """Return whether the process seems to run where a platform started it, and not a person."""
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    return not is_terminal and bool({"PORT", "DYNO"} & os.environ.keys())
