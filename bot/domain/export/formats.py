"""How an export is written: CSV for spreadsheets, JSON Lines for programs."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.domain.export.columns import COLUMNS, Line, cells

# Without it, Excel takes UTF-8 for the encoding of its own country.
_BOM = "\ufeff"
# A spreadsheet runs a cell that begins so, also in the wide letters of East Asia. Where it takes a
# semicolon or a tab for the separator, a cell can begin behind one, too.
# https://owasp.org/www-community/attacks/CSV_Injection
_RUN = re.compile(
    r"(^|[;\t])([^\S\t]*)(?=[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    r"\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])"
)
_CONTROL = ("\t", "\r", "\n")
# A negative number is a number: nothing runs, and sums stay right.
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class Format(StrEnum):
    """A file format."""

    CSV = "csv"
    JSONL = "jsonl"


def write(format: Format, lines: Iterable[Line], *, is_first: bool) -> str:
    """Write some lines of an export.

    Args:
        format: CSV (RFC 4180) or JSON Lines, both in UTF-8.
        lines: of a page.
        is_first: whether what stands above them is written, too: the byte order mark and the header
            of CSV.
    """
    if format is Format.JSONL:
        return "".join(f"{json.dumps(_plain(cells(line)), ensure_ascii=False)}\n" for line in lines)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    if is_first:
        text.write(_BOM)
        writer.writerow(COLUMNS)
    writer.writerows([defused(_flat(cell)) for cell in cells(line).values()] for line in lines)
    return text.getvalue()


def defused(text: str) -> str:
    """Return a text that no spreadsheet runs: behind an apostrophe, if it would."""
    is_plain = text[:1].isalnum() and ";" not in text and "\t" not in text
    if is_plain or _NUMBER.fullmatch(text):
        return text
    safe = _RUN.sub(r"\1'\2", text)
    return f"'{safe}" if safe.startswith(_CONTROL) else safe


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: amounts and instants are strings, as nothing else is exact."""
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
    return value


def _flat(value: Any) -> str:
    """Return a value as one cell; of several things, separated by semicolons."""
    value = _plain(value)
    match value:
        case None:
            return ""
        case dict():
            return "; ".join(f"{key}={one}" for key, one in value.items())
        case list():
            return "; ".join(_approval(one) if isinstance(one, dict) else str(one) for one in value)
    return str(value)


def _approval(one: dict[str, str]) -> str:
    who, whose = one["approver"], one["on_behalf_of"]
    return f"{who}{'' if whose in (None, who) else f' for {whose}'} at {one['at']}"
