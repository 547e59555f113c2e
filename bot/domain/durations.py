"""Durations as operators write them: 90s, 30m, 72h, 14d."""

import re
from datetime import timedelta

_LONGEST = timedelta(days=3650)  # as in expense_workflow.MAX_DECISION_WINDOW
_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_A_WEEK = timedelta(days=7)


def parse_duration(text: object) -> object:
    """Return a duration such as 90s, 30m, 72h or 14d as a timedelta, and what is no text as it is.

    Raises:
        ValueError: the text has another form, or means less than a second or more than ten years.
    """
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip())
    if not match or int(match[1]) == 0:
        raise ValueError("write a whole number and s, m, h or d, such as 72h")
    duration = int(match[1]) * _UNITS[match[2]]
    if duration > _LONGEST:
        raise ValueError(f"at most {_LONGEST.days}d")
    return duration


def format_duration(duration: timedelta) -> str:
    """Return whole seconds in the largest unit that fits, such as 72h or 14d.

    Less than a week is written in hours.
    """
    for unit, length in _UNITS.items():
        if duration >= (_A_WEEK if unit == "d" else length) and not duration % length:
            return f"{duration // length}{unit}"
    return f"{duration.total_seconds():.0f}s"
