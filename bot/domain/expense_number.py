"""The number that people say of an expense: 2026-0042, the 42nd of its year by UTC."""

import re

# People leave zeros out, and write what stands in a sentence.
_WRITTEN = re.compile(r"([1-9]\d{3})-0*([1-9]\d{0,8})", re.ASCII)


def write_number(year: int, number: int) -> str:
    """Return a number as people read it."""
    return f"{year}-{number:04}"


def read_number(text: str) -> tuple[int, int] | None:
    """Return the year and the number in it; None if a text is no number of an expense."""
    found = _WRITTEN.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None
