"""On which line of a TOML text each of its keys stands; tomllib does not say.

Only what tomllib has read without a complaint is walked through, so nothing is checked here.
"""

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress

# From the top of the file: keys by their names, entries of arrays by their numbers from 0.
Place = tuple[str | int, ...]

# Nothing that is asked for lies deeper; a key of thousands of parts has as many places.
_DEEPEST = 10

_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL
)
_OTHER_VALUE = re.compile(r"[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?")


def line_numbers(text: str) -> dict[Place, int]:
    """Say on which line each key, table and entry of an array begins.

    Args:
        text: what tomllib has read, with its line breaks as Unix has them.
    """
    walk = _Walk(text)
    # Of values within values within values, what encloses them is known.
    with suppress(RecursionError):
        walk.document()
    return walk.lines


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """Return the line of a place, or of what encloses it most closely."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


class _Walk:
    """One way through a text, from its first character to its last."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._entries: dict[Place, int] = {}

    def document(self) -> None:
        """Walk through headers and the keys below them."""
        table: Place = ()
        self._skip(_GAP)
        while self._at < len(self._text):
            start = self._at
            if self._take("["):
                table = self._header(is_entry=self._take("["))
            else:
                self._pair(table)
            self._skip(_GAP)
            if self._at == start:
                return

    def _header(self, *, is_entry: bool) -> Place:
        parts = self._key()
        self._take("]]" if is_entry else "]")
        place: Place = ()
        for number, part in enumerate(parts, start=1):
            place = (*place, part)
            if is_entry and number == len(parts):
                self._entries[place] = self._entries.get(place, -1) + 1
                self._note(place)
            # Below an array of tables, a name means the array's last entry.
            if place in self._entries:
                place = (*place, self._entries[place])
            self._note(place)
        return place

    def _pair(self, table: Place) -> None:
        for part in self._key():
            table = (*table, part)
            self._note(table)
        self._take("=")
        self._skip(_BLANK)
        self._value(table)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_BLANK)
            if bare := _BARE_KEY.match(self._text, self._at):
                parts.append(self._pass(bare))
            elif quoted := _STRING.match(self._text, self._at):
                parts.append(tomllib.loads(f"key = {self._pass(quoted)}")["key"])
            self._skip(_BLANK)
            if not self._take("."):
                return parts

    def _value(self, place: Place) -> None:
        if self._take("["):
            number = 0
            self._skip(_GAP)
            while not self._take("]") and self._at < len(self._text):
                self._note((*place, number))
                self._value((*place, number))
                number += 1
                self._skip(_GAP)
                self._take(",")
                self._skip(_GAP)
        elif self._take("{"):
            self._skip(_BLANK)
            while not self._take("}") and self._at < len(self._text):
                self._pair(place)
                self._skip(_BLANK)
                self._take(",")
                self._skip(_BLANK)
        elif match := _STRING.match(self._text, self._at) or _OTHER_VALUE.match(
            self._text, self._at
        ):
            self._pass(match)
        else:
            self._at = len(self._text)

    def _note(self, place: Place) -> None:
        if len(place) > _DEEPEST:
            return
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self.lines.setdefault(place, self._line)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if match := pattern.match(self._text, self._at):
            self._at = match.end()

    def _pass(self, match: re.Match[str]) -> str:
        self._at = match.end()
        return match[0]

    def _take(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) * found
        return found
