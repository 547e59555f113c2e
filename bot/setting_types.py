"""What single settings may look like, and what they mean."""

import base64
import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.policy.approvers import Approvers

# What the workflow takes, too.
_LONGEST = timedelta(days=3650)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
MIN_SECRET = 32
# What asyncpg understands of the parameters that libpq knows.
_POSTGRES_PARAMETERS = {"host", "port", "ssl", "target_session_attrs"}
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


def parse_duration(text: object) -> object:
    """Read a duration such as 90s, 30m, 72h or 14d.

    Raises:
        ValueError: it is not of that form, or shorter than a second, or longer than ten years.
    """
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip())
    if not match or int(match[1]) == 0:
        raise ValueError("write a whole number and s, m, h or d, such as 72h")
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if duration > _LONGEST:
        raise ValueError(f"at most {_LONGEST.days}d")
    return duration


def _parse_approvers(text: object) -> object:
    return Approvers.parse(text) if isinstance(text, str) else text


def parse_database_url(text: object) -> object:
    """Read an address of SQLite or PostgreSQL as platforms write it.

    Raises:
        ValueError: it is none; the message repeats no part of it.
    """
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
            if url.query:
                raise ValueError("an address of SQLite takes no parameters; leave them out")
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
    if not isinstance(text, str):
        return text
    return [key.strip() for key in text.split(",") if key.strip()]


def _are_long_enough(keys: list[SecretStr]) -> list[SecretStr]:
    if any(len(key.get_secret_value()) < MIN_SECRET for key in keys):
        raise ValueError(f"each key needs at least {MIN_SECRET} random characters")
    return keys


def _fit_into_a_header(keys: list[SecretStr]) -> list[SecretStr]:
    values = [key.get_secret_value() for key in keys]
    if not all(value.isascii() and value.isprintable() for value in values):
        raise ValueError("use printable ASCII characters only")
    return keys


def _can_sign(keys: list[SecretStr]) -> list[SecretStr]:
    for key in keys:
        value = key.get_secret_value()
        try:
            # As lenient about padding as the library that signs with it.
            usable = not value.startswith("whsec_") or bool(base64.b64decode(f"{value[6:]}=="))
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("what follows whsec_ must be base64")
    return keys


def _is_http_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise ValueError("write a whole address that begins with https:// or http://")
    return value


def _is_channel_id(value: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9]{2,}", value):
        raise ValueError("give the channel's id, such as C0123456789, not its name")
    return value


def _is_bot_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xoxb-"):
        raise ValueError("copy the Bot User OAuth Token, which begins with xoxb-")
    return value


def _is_app_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xapp-"):
        raise ValueError("copy the app-level token, which begins with xapp-")
    return value


ApproversValue = Annotated[Approvers, NoDecode, BeforeValidator(_parse_approvers)]
AppToken = Annotated[SecretStr, AfterValidator(_is_app_token)]
BotToken = Annotated[SecretStr, AfterValidator(_is_bot_token)]
ChannelId = Annotated[str, AfterValidator(_is_channel_id)]
DatabaseUrl = Annotated[URL, NoDecode, BeforeValidator(parse_database_url)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
HttpUrl = Annotated[str, AfterValidator(_is_http_url)]
# Several, the newest first, while one takes the place of another.
Keys = Annotated[list[SecretStr], NoDecode, BeforeValidator(_parse_keys)]
EncryptionKeys = Annotated[Keys, AfterValidator(_are_long_enough)]
HeaderKeys = Annotated[Keys, AfterValidator(_fit_into_a_header)]
SigningKeys = Annotated[Keys, AfterValidator(_can_sign)]
