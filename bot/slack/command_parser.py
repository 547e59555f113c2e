"""What Slack makes of the text behind a command, and the way back to what people typed.

Slack turns names, channels and links into sequences between < and >, and writes the three
characters that mean something to it as entities:
https://docs.slack.dev/interactivity/implementing-slash-commands/#escaping
"""

import re
import threading
from datetime import date, datetime, time, timedelta, tzinfo

from bot.block_kit.mrkdwn import unescape
from bot.catalogue import say
from bot.domain.errors import InvalidInput
from bot.domain.people.locale import ANYBODY, Reader
from bot.domain.text import without_marks

# What people put around an id, or behind it, and what messages and workflow ids have before it.
_AROUND_ID = "`'\"´‘’‚“”„«»‹›<>()[]*_#.,;:!? "
_BEFORE_ID = re.compile(r"expense[\s_:#]+", re.IGNORECASE)

# What people type between < and > themselves arrives as entities, so these are all Slack's.
_SEQUENCE = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_PERSON = re.compile(r"(?:to\s+)?<@([UW][A-Z0-9]{2,30})(?:\|[^<>]*)?>")

_DURATION = re.compile(r"for\s+(.*)", re.IGNORECASE)
_UNTIL = re.compile(
    r"(?:until|till|to|through)?\s*(?:(?:the )?end of )?(?:the )?(.*)", re.IGNORECASE
)
_FROM = re.compile(r"from\s+(.*?)\s+((?:until|till|to|through)\s.*)", re.IGNORECASE)
# dateparser would take the letter “a” and any number for a day of some month.
_DATE = re.compile(r"[a-z]{3}|\d\W\d", re.IGNORECASE)
_LONGEST_DATE = 40
# Nobody has said how much of dateparser may run in two threads at the same time.
_one_at_a_time = threading.Lock()


def as_typed(text: str) -> str:
    """Turn the text of a command back into what the person typed."""
    found = _SEQUENCE.sub(_typed, text)
    return unescape(found)


def _typed(sequence: re.Match[str]) -> str:
    target, label = sequence[1], sequence[2]
    sign = target[:1] if target[:1] in ("@", "#") else "@" if target.startswith("!") else ""
    if label:
        return f"{sign}{label.removeprefix(sign)}"
    # Without a label a name is not known; @here and links are themselves.
    return f"{sign}{target.removeprefix('!')}" if target.startswith("!") else target


def ids_in(text: str) -> list[str]:
    """List what id a person may have meant, the likeliest first.

    Ids that the bot makes are capitals and digits. Those of other services can be anything, so what
    was typed comes first.

    Args:
        text: such as `ANML7ACBPM5W`, or anml7acbpm5w with a full stop behind it.
    """
    bare = without_marks(text)
    while (less := _bare(bare)) != bare:
        bare = less
    return [*dict.fromkeys((text, bare or text, bare.upper() or text))]


def _bare(text: str) -> str:
    kept = text.strip(_AROUND_ID)
    found = _BEFORE_ID.match(kept)
    return kept[found.end() :] if found else kept


def read_person(text: str) -> tuple[str, str]:
    """Read whom a command names at its begin, and what follows, as typed."""
    found = _PERSON.match(text)
    if not found:
        raise InvalidInput("delegate", say("delegate-form.whom"))
    return found[1], as_typed(text[found.end() :]).strip()


def get_ready() -> None:
    """Load what knows dates, which takes most of a second the first time."""
    read_until("until tomorrow", ANYBODY)


def read_period(text: str, reader: Reader) -> tuple[datetime | None, datetime]:
    """Read from when and until when something lasts; it begins now if that is None.

    It is for a thread of its own; see `get_ready`.

    Args:
        text: such as "from Monday until Friday", or what `read_until` reads.

    Raises:
        InvalidInput: one of them is no date; the message says what to write.
    """
    found = _FROM.fullmatch(text)
    if found is None:
        return None, read_until(text, reader)
    if len(found[1]) > _LONGEST_DATE or not _DATE.search(found[1]):
        raise InvalidInput("until", say("delegate-form.when"))
    with _one_at_a_time:
        since = _parse(found[1], reader, is_begin=True)
    until = read_until(found[2], reader)
    if until <= since:
        # On a Wednesday, “from Monday until Friday” does not mean the Friday of this week.
        until = read_until(found[2], reader, since - timedelta(days=1))
    return (since if since > datetime.now(since.tzinfo) else None), until


def read_until(text: str, reader: Reader, base: datetime | None = None) -> datetime:
    """Read until when something lasts: to the end of a day, unless a time is written.

    It is for a thread of its own; see `get_ready`.

    Args:
        text: such as "until Friday", "until 2026-12-24", "for 3 days".

    Raises:
        InvalidInput: it is no date; the message says what to write.
    """
    duration, until = _DURATION.fullmatch(text), _UNTIL.fullmatch(text)
    words = f"in {duration[1]}" if duration else until[1] if until else ""
    if len(words) > _LONGEST_DATE or not _DATE.search(words):
        raise InvalidInput("until", say("delegate-form.when"))
    with _one_at_a_time:
        return _parse(words, reader, base)


def begin_of(day: date, zone: tzinfo) -> datetime:
    """Return the first second of a day in a time zone."""
    return datetime.combine(day, time.min, zone)


def end_of(day: date, zone: tzinfo) -> datetime:
    """Return the last second of a day in a time zone."""
    return datetime.combine(day, time(23, 59, 59), zone)


def _parse(
    words: str, reader: Reader, base: datetime | None = None, *, is_begin: bool = False
) -> datetime:
    from dateparser.date import DateDataParser

    now = base or datetime.now(reader.timezone)
    # Only in the United States is 3/12 a day in March.
    order = "MDY" if reader.locale.territory == "US" else "DMY"
    parser = DateDataParser(
        languages=["en"],
        settings={
            "DATE_ORDER": order,
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "RETURN_TIME_AS_PERIOD": True,
        },
    )
    try:
        found = parser.get_date_data(words)
    except (OverflowError, ValueError) as error:
        raise InvalidInput("until", say("delegate-form.when")) from error
    if found.date_obj is None or found.period not in ("time", "day", "week"):
        raise InvalidInput("until", say("delegate-form.when"))
    if found.period != "time":
        edge = begin_of if is_begin else end_of
        return edge(found.date_obj.date(), reader.timezone)
    return found.date_obj.replace(tzinfo=found.date_obj.tzinfo or reader.timezone)
