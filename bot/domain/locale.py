"""How a person is used to reading amounts and times."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError


@dataclass(frozen=True, slots=True)
class Reader:
    """The language and the time zone somebody reads in."""

    locale: Locale
    timezone: tzinfo


# For readers nobody knows, such as everybody in a channel.
ANYBODY = Reader(Locale("en", "US"), UTC)


def make_reader(locale: str | None, timezone: str | None) -> Reader:
    """Make a reader from what Slack says of a person; what it does not say is as for anybody.

    Args:
        locale: such as en-GB.
        timezone: such as Europe/Berlin.
    """
    return Reader(_locale(locale), _timezone(timezone))


def _locale(name: str | None) -> Locale:
    try:
        return Locale.parse(name or "", sep="-")
    except (ValueError, UnknownLocaleError):
        return ANYBODY.locale


def _timezone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name or "")
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return ANYBODY.timezone
