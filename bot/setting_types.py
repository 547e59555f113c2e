"""What single settings may look like, and what they mean."""

import base64
import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode
from sqlalchemy import URL

from bot.database.url import parse_database_url
from bot.domain.durations import parse_duration
from bot.domain.slack_ids import check_channel_id
from bot.policy.approvers import Approvers

MIN_SECRET = 32


def _parse_approvers(text: object) -> object:
    return Approvers.parse(text) if isinstance(text, str) else text


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
ChannelId = Annotated[str, AfterValidator(check_channel_id)]
DatabaseUrl = Annotated[URL, NoDecode, BeforeValidator(parse_database_url)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
HttpUrl = Annotated[str, AfterValidator(_is_http_url)]
# Several, the newest first, while one takes the place of another.
Keys = Annotated[list[SecretStr], NoDecode, BeforeValidator(_parse_keys)]
EncryptionKeys = Annotated[Keys, AfterValidator(_are_long_enough)]
HeaderKeys = Annotated[Keys, AfterValidator(_fit_into_a_header)]
SigningKeys = Annotated[Keys, AfterValidator(_can_sign)]
