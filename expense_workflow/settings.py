"""Every setting of the worker and the starter besides TEMPORAL_*: wrong ones refused by name."""

import os
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from expense_workflow import SERVER_URL, TASK_QUEUE

# Emptied, they would send the worker to another place than the one that somebody took care to name.
PLACES = ("EXPENSE_TASK_QUEUE", "EXPENSE_SERVER_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
# Emptied, they would take a safeguard away.
SAFEGUARDS = ("EXPENSE_API_KEY", "EXPENSE_PAYLOAD_CODEC")
# What a platform tells every process of an app about the address of the app's web process.
_APP_ADDRESSES = {
    "HEROKU_APP_DEFAULT_DOMAIN_NAME": "https://{}",  # devcenter.heroku.com/articles/dyno-metadata
    "FLY_APP_NAME": "https://{}.fly.dev",  # fly.io/docs/machines/runtime-environment
}


class SettingsError(Exception):
    """A setting is wrong; the message is one line that names it."""


@dataclass(frozen=True)
class Settings:
    """What the environment says.

    Attributes:
        task_queue: Temporal task queue (EXPENSE_TASK_QUEUE).
        server_url: the bot's address without a trailing slash (EXPENSE_SERVER_URL).
        api_key: bearer key of the calls to the bot, or empty (EXPENSE_API_KEY, the first of
            several).
        payload_codec: `module:attribute` of the codec of what Temporal stores, or empty
            (EXPENSE_PAYLOAD_CODEC).
        log_format: "text" or "json" (LOG_FORMAT).
        log_level: the least level that is logged (LOG_LEVEL).
        metrics_port: the port of the worker's /metrics, 0 for a free one (EXPENSE_METRICS_PORT);
            None for no such thing.
        metrics_host: the address on which it listens (EXPENSE_METRICS_HOST).
    """

    task_queue: str = TASK_QUEUE
    server_url: str = SERVER_URL
    api_key: str = field(default="", repr=False)
    payload_codec: str = ""
    log_format: str = "text"
    log_level: str = "INFO"
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings; an empty variable is a mistake.

        Raises:
            SettingsError: a setting is wrong.
        """
        for name in (*PLACES, *SAFEGUARDS):
            if name in os.environ and not _read(name).strip(", "):
                raise SettingsError(f"{name} is empty: set it, or remove the variable")
        return cls(
            task_queue=_read("EXPENSE_TASK_QUEUE") or TASK_QUEUE,
            server_url=_server_url(_read("EXPENSE_SERVER_URL") or _app_address() or SERVER_URL),
            api_key=_api_key(_read("EXPENSE_API_KEY")),
            payload_codec=_codec_name(_read("EXPENSE_PAYLOAD_CODEC")),
            log_format=_log_format(_read("LOG_FORMAT") or "text"),
            log_level=_log_level(_read("LOG_LEVEL") or "INFO"),
            metrics_port=_port(_read("EXPENSE_METRICS_PORT")),
            metrics_host=_address(_read("EXPENSE_METRICS_HOST") or "127.0.0.1"),
        )


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()


def _app_address() -> str:
    """Return the address of the app that this process belongs to; empty if no platform tells it.

    Raises:
        SettingsError: it is a dyno of Heroku, where no bot is at the default address.
    """
    for name, address in _APP_ADDRESSES.items():
        if told := os.environ.get(name, "").strip():
            return address.format(told)
    if "DYNO" in os.environ:
        raise SettingsError(
            "EXPENSE_SERVER_URL is missing: set it to the app's own https address; or run "
            "heroku labs:enable runtime-dyno-metadata, and deploy again"
        )
    return ""


def _port(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= 65535):
        raise SettingsError("EXPENSE_METRICS_PORT must be a number from 0 to 65535")
    return int(text)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise SettingsError(
            "EXPENSE_METRICS_HOST must be an address such as 127.0.0.1, or 0.0.0.0 for all"
        ) from None


def _log_format(text: str) -> str:
    if text.lower() not in {"text", "json"}:
        raise SettingsError("LOG_FORMAT must be text or json")
    return text.lower()


def _log_level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingsError("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def _server_url(text: str) -> str:
    # The value is not repeated in the error: it may hold a password.
    try:
        url = urlsplit(text)
        usable = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:
        usable = False
    if not usable or url.username or url.query or url.fragment or not text.isprintable():
        raise SettingsError(
            "EXPENSE_SERVER_URL must be an address such as http://localhost:8099: "
            "http or https, without user, query or fragment"
        )
    return text.rstrip("/")


def _codec_name(text: str) -> str:
    if text and not re.fullmatch(r"[\w.]+:[\w.]+", text):
        raise SettingsError(
            "EXPENSE_PAYLOAD_CODEC must be written as module:attribute, such as "
            "our_company.codec:Encrypted"
        )
    return text


def _api_key(text: str) -> str:
    # Of several, the bot accepts all while one takes the place of another; the first is the new.
    text = text.strip(", ").split(",")[0].strip()
    if not text.isascii() or not text.isprintable():
        raise SettingsError("EXPENSE_API_KEY must consist of printable ASCII characters")
    return text
