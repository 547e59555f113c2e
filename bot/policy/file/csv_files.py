"""Reads the CSV files that a policy names, and names every mistake with its line."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from bot.domain.people.slack_ids import is_user_id
from bot.domain.words import Dimension, ListedPerson
from bot.policy.file.schema_types import MAX_NAME
from bot.policy.file.source import decode, one_line, read_file

Line = dict[str, str]
COLUMNS = ("person", "manager", "employee_number")
_EMAIL = re.compile(r"[^@\s<>|]+@[^@\s<>|.]+(\.[^@\s<>|.]+)+")
_MOST_OF_EMAIL = 254
_PERSON = "write a Slack user id, such as U0123456789, or an e-mail address"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A file that was read, with its mistakes as lines."""

    name: str  # as people find it
    content: bytes
    lines: Mapping[int, Line]  # what stands in each line, by its number, from 1
    mistakes: list[str] = field(default_factory=list)

    def note(self, line: int, words: str) -> None:
        """Name a mistake."""
        self.mistakes.append(f"{self.name}:{line}: {words}")


def read_csv(path: Path, needed: str, known: Collection[str]) -> CsvFile:
    """Read a file whose first line names its columns.

    Args:
        path: of the file.
        needed: the column that it must have, and that has each value once.
        known: the columns that it may have.

    Raises:
        PolicyError: it cannot be read, or is no UTF-8.
    """
    content = read_file(path)
    name = one_line(path)
    file = CsvFile(name=name, content=content, lines={})
    text = decode(name, content)
    first = text.split("\n", 1)[0]
    # Spreadsheets of half of Europe write semicolons.
    rows = csv.reader(text.split("\n"), delimiter=";" if ";" in first else ",", strict=True)
    found: dict[int, Line] = {}
    try:
        header = [column.strip() for column in next(rows, [])]
        if not _check_header(file, header, needed, known):
            return file
        for row in rows:
            if any(map(str.strip, row)):
                _take(file, found, rows.line_num, header, [cell.strip() for cell in row])
    except csv.Error as error:
        file.note(rows.line_num, f"not CSV: {one_line(error)}")
    _check_once(file, found, needed)
    return CsvFile(name=name, content=content, lines=found, mistakes=file.mistakes)


def _check_header(file: CsvFile, header: list[str], needed: str, known: Collection[str]) -> bool:
    if needed not in header:
        file.note(1, f"write a first line that names the columns: {', '.join(known)}")
    for column in header if needed in header else ():
        if column not in known:
            close = get_close_matches(column, known, 1)
            instead = f"did you mean {close[0]!r}?" if close else f"write {', '.join(known)}"
            file.note(1, f"unknown column {one_line(column)!r}; {instead}")
        elif header.count(column) > 1:
            file.note(1, f"write the column {column} once")
            break
    return not file.mistakes


def _take(
    file: CsvFile, found: dict[int, Line], number: int, header: list[str], row: list[str]
) -> None:
    if len(row) != len(header):
        file.note(
            number, f"write {len(header)} values, as the first line does; here are {len(row)}"
        )
    elif long := next((cell for cell in row if len(cell) > _most(cell)), None):
        file.note(number, f"write at most {_most(long)} characters instead of {one_line(long)!r}")
    elif odd := next((cell for cell in row if not cell.isprintable()), None):
        file.note(number, f"take out what nobody sees of {one_line(odd)!r}")
    else:
        found[number] = dict(zip(header, row, strict=True))


def _most(cell: str) -> int:
    return _MOST_OF_EMAIL if "@" in cell else MAX_NAME


def _check_once(file: CsvFile, found: Mapping[int, Line], needed: str) -> None:
    seen: dict[str, int] = {}
    for number, line in found.items():
        value = line[needed].casefold()
        if not value:
            file.note(number, f"write a {needed}, or take the line out")
        elif value in seen:
            file.note(number, f"take it out; line {seen[value]} has this {needed}, too")
        else:
            seen[value] = number


def dimension_of(file: CsvFile, label: str, *, is_required: bool) -> Dimension:
    """Read the values of a dimension."""
    values = {line["value"]: line.get("name", "") for line in file.lines.values()}
    if not values and not file.mistakes:
        file.note(1, "write at least one value below the first line")
    return Dimension(label=label, values=values, is_required=is_required)


def columns_of_people(dimensions: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that a list of people may have."""
    return (*COLUMNS, *dimensions)


def people_of(
    file: CsvFile, dimensions: Mapping[str, Dimension]
) -> Iterator[tuple[str, ListedPerson]]:
    """Read the company's list of people, each by Slack id or e-mail address."""
    for number, line in file.lines.items():
        person, manager = _address(line["person"]), _address(line.get("manager", ""))
        own = {key: line[key] for key in dimensions if line.get(key)}
        for column, one in (("person", person), ("manager", manager)):
            if one and not (is_user_id(one) or _EMAIL.fullmatch(one)):
                file.note(number, f"{column}: {_PERSON}")
        if manager and manager == person:
            file.note(number, "manager: write somebody else; nobody decides their own expenses")
        for key, value in own.items():
            if dimensions[key].values and value not in dimensions[key].values:
                file.note(number, f"{key}: {one_line(value)!r} is no value of this dimension")
        yield (
            person,
            ListedPerson(
                manager=manager, employee_number=line.get("employee_number", ""), dimensions=own
            ),
        )


def _address(written: str) -> str:
    return written.casefold() if "@" in written else written
