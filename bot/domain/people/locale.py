"""In which language and time zone a person reads."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError


@dataclass(frozen=True, slots=True)
class Reader:
    """A person's language and time zone, for writing amounts and times."""

    locale: Locale
    timezone: tzinfo
    # The locale by which to read the amounts they write; None if Slack does not tell.
    writes: Locale | None = None


# A channel has many readers, and Slack may know nothing of one person.
ANYBODY = Reader(Locale("en", "US"), UTC)
# Slack's name for the Spanish of Latin America; to everybody else, LA is Laos.
_OF_SLACK = {"es-LA": "es-419"}


def make_reader(locale: str | None, timezone: str | None) -> Reader:
    """Make a reader from a Slack profile; what is missing or unknown there comes from `ANYBODY`.

    Args:
        locale: IETF language tag, such as en-GB.
        timezone: IANA name, such as Europe/Berlin.
    """
    known = _locale(locale)
    return Reader(known or ANYBODY.locale, _timezone(timezone), known)


def _locale(name: str | None) -> Locale | None:
    name = name or ""
    try:
        return Locale.parse(_OF_SLACK.get(name, name), sep="-")
    except (ValueError, UnknownLocaleError):
        return None


def _timezone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name or "")
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return ANYBODY.timezone
