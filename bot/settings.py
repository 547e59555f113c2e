"""Every setting of the bot: read once, wrong ones refused by name."""

import base64
import contextlib
import os
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from cryptography.fernet import Fernet
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.policy import Approvers

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MIN_SECRET = 32
# What asyncpg understands of the parameters that libpq knows.
_POSTGRES_PARAMETERS = {"host", "port", "ssl", "target_session_attrs"}
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that names it."""


def parse_duration(text: object) -> object:
    """Read a duration such as 90s, 30m, 72h or 14d.

    Raises:
        ValueError: it is not of that form, or shorter than a second.
    """
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip())
    if not match or int(match[1]) == 0:
        raise ValueError("write a whole number and s, m, h or d, such as 72h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _parse_approvers(text: object) -> object:
    return Approvers.parse(text) if isinstance(text, str) else text


def _parse_database_url(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        # Their own words repeat parts of the address, among them the password.
        raise ValueError("write it like postgres://user:password@host/name") from None
    match url.get_backend_name():
        case "postgres" | "postgresql":
            return url.set(drivername="postgresql+asyncpg", query=_postgres_query(url))
        case "sqlite":
            return url.set(drivername="sqlite+aiosqlite")
        case other:
            raise ValueError(f"{other} is not supported; use postgres:// or sqlite:///")


def _postgres_query(url: URL) -> dict[str, str | tuple[str, ...]]:
    # Platforms say sslmode, which is libpq's word; asyncpg's is ssl.
    query = {("ssl" if key == "sslmode" else key): url.query[key] for key in url.query}
    if unknown := sorted(set(query) - _POSTGRES_PARAMETERS):
        raise ValueError(f"the parameter {unknown[0]} is not supported; leave it out")
    if query.get("ssl", "disable") not in _SSL_MODES:
        raise ValueError(f"sslmode must be one of {', '.join(sorted(_SSL_MODES))}")
    return query


def _parse_keys(text: object) -> object:
    return [key for key in re.split(r"[,\s]+", text) if key] if isinstance(text, str) else text


class Settings(BaseSettings):
    """What the operator decides, from the environment; `repr` shows no secret."""

    model_config = SettingsConfigDict(
        case_sensitive=False,
        extra="ignore",
        arbitrary_types_allowed=True,
        frozen=True,
        # Platforms keep settings that were emptied, and pasted ones end in a line break.
        env_ignore_empty=True,
        str_strip_whitespace=True,
    )

    port: int = Field(default=8099, ge=0, le=65535)
    database_url: Annotated[URL, NoDecode, BeforeValidator(_parse_database_url)] = make_url(
        "sqlite+aiosqlite:///expenses.db"
    )
    slack_bot_token: SecretStr
    slack_signing_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    slack_approvals_channel: str
    expense_approvers: Annotated[Approvers, NoDecode, BeforeValidator(_parse_approvers)] = (
        Approvers()
    )
    expense_api_key: SecretStr | None = None
    expense_encryption_key: Annotated[list[SecretStr], NoDecode, BeforeValidator(_parse_keys)] = []
    expense_decision_window: Annotated[timedelta, BeforeValidator(parse_duration)] = timedelta(
        hours=72
    )
    expense_payment_url: str | None = None
    expense_payment_key: SecretStr | None = None
    expense_task_queue: str = "expense"

    @field_validator(
        "slack_signing_secret",
        "slack_app_token",
        "expense_api_key",
        "expense_payment_url",
        "expense_payment_key",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith("xoxb-"):
            raise ValueError("copy the Bot User OAuth Token, which begins with xoxb-")
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith("xapp-"):
            raise ValueError("copy the app-level token, which begins with xapp-")
        return value

    @field_validator("expense_api_key")
    @classmethod
    def _fits_into_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value() if value else ""
        if not (key.isascii() and key.isprintable()):
            raise ValueError("use printable ASCII characters only")
        return value

    @field_validator("expense_payment_key")
    @classmethod
    def _can_sign(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value() if value else ""
        try:
            # As lenient about padding as the library that signs with it.
            usable = not key.startswith("whsec_") or bool(base64.b64decode(f"{key[6:]}=="))
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("what follows whsec_ must be base64")
        return value

    @field_validator("slack_approvals_channel")
    @classmethod
    def _is_channel_id(cls, value: str) -> str:
        if not re.fullmatch(r"[CG][A-Z0-9]{2,}", value):
            raise ValueError("give the channel's id, such as C0123456789, not its name")
        return value

    @field_validator("slack_api_url", "expense_payment_url")
    @classmethod
    def _is_http_url(cls, value: str | None) -> str | None:
        if value is None or re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            return value
        raise ValueError("write a whole address that begins with https:// or http://")

    @field_validator("expense_encryption_key")
    @classmethod
    def _are_long_enough(cls, keys: list[SecretStr]) -> list[SecretStr]:
        if any(len(key.get_secret_value()) < _MIN_SECRET for key in keys):
            raise ValueError(f"each key needs at least {_MIN_SECRET} random characters")
        return keys

    def model_post_init(self, context: Any, /) -> None:
        """Refuse settings that only together are wrong."""
        if not (self.slack_signing_secret or self.slack_app_token):
            raise SettingsError(
                "SLACK_SIGNING_SECRET is missing: copy it from the Slack app's Basic Information"
            )
        if self.is_postgres and not self.expense_encryption_key:
            raise SettingsError(
                "EXPENSE_ENCRYPTION_KEY is missing: with PostgreSQL, set it to at least "
                f"{_MIN_SECRET} random characters"
            )
        if self.expense_payment_url and not self.expense_payment_key:
            raise SettingsError(
                "EXPENSE_PAYMENT_KEY is missing: with EXPENSE_PAYMENT_URL, payment requests are "
                "signed with it"
            )

    @property
    def is_postgres(self) -> bool:
        """Whether the database is PostgreSQL, otherwise SQLite."""
        return self.database_url.get_backend_name() == "postgresql"

    @property
    def host(self) -> str:
        """The address to listen on: without a key for the worker's calls, this machine only."""
        return "0.0.0.0" if self.expense_api_key else "127.0.0.1"  # noqa: S104

    def encryption_secrets(self) -> list[str]:
        """Return the secrets that protect task tokens, the newest first.

        Without EXPENSE_ENCRYPTION_KEY one is made and kept beside the SQLite file, readable by
        its owner only.
        """
        if self.expense_encryption_key:
            return [key.get_secret_value() for key in self.expense_encryption_key]
        if self.database_url.database in (None, "", ":memory:"):
            return [Fernet.generate_key().decode()]
        file = Path(f"{self.database_url.database}.key")
        if not file.exists():
            _make_key(file)
        secret = file.read_text().strip()
        if len(secret) < _MIN_SECRET:
            raise SettingsError(
                f"EXPENSE_ENCRYPTION_KEY is missing, and {file} holds no key: "
                "restore that file, or delete it to have a new key made"
            )
        return [secret]


def _make_key(file: Path) -> None:
    """Make a key that is whole from its first moment, also when two processes start at once."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "w") as new:
        new.write(Fernet.generate_key().decode())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    os.unlink(draft)


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: one is missing or wrong; the message names it and says what to write.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # pydantic-settings fills them in
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper()
        if first["type"] == "missing":
            raise SettingsError(f"{name} is missing: set it in the environment") from None
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name} is wrong: {reason}") from None
