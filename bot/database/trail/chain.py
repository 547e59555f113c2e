"""The chain of an audit trail: what is hashed of each line, and what a signed root says.

The hashes of an expense's lines hang together, and each root names those that were sealed since the
root before it. docs/audit.md has the formats for those who check them without the bot.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

# The hash before the first one.
NOTHING = "0" * 64
# Made once: verifying makes millions of texts.
_as_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def commitment(salt: str, value: str | None) -> str:
    """Return what stands for a value in a hash, so that the value can be erased and the hash stays.

    Args:
        salt: 32 random hexadecimal digits; without them, nobody can find the value by trying.
        value: what a column has.
    """
    return _sha256(f"{salt}{_as_json(value)}")


def instant(at: datetime) -> str:
    """Write an instant as it is hashed: in UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an expense's audit trail, as it is hashed."""

    expense: str
    line: int  # counted from 1 for each expense, in the order of sealing
    number: int  # as in the table `audit`
    at: datetime
    event: str
    state: str
    # By name: of what names people or was written by them, and, in the first line, of what was
    # claimed.
    commitments: dict[str, str]

    def hash(self, previous: str) -> str:
        """Hash it with the hash of the line before it."""
        facts = {
            "at": instant(self.at),
            "commitments": self.commitments,
            "event": self.event,
            "expense": self.expense,
            "line": self.line,
            "number": self.number,
            "previous": previous,
            "state": self.state,
        }
        return _sha256(_as_json(facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line, as a root names it."""

    expense: str
    line: int
    hash: str

    def __str__(self) -> str:
        return f"{self.hash} {self.line} {self.expense}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What is signed: the lines that were sealed since the root before, and that root's hash."""

    number: int  # from 1, without a gap
    previous: str
    at: datetime
    key: str  # the public key, in hexadecimal digits
    entries: tuple[Entry, ...]

    @property
    def lines(self) -> str:
        """The lines that it names, as a text."""
        return "\n".join(map(str, self.entries))

    @property
    def body(self) -> str:
        """The text that is signed; small, so that the chain of all roots can be handed on."""
        return (
            f"root {self.number}\nprevious {self.previous}\nat {instant(self.at)}\n"
            f"key {self.key}\nlines {_sha256(self.lines)}"
        )

    @classmethod
    def read(cls, body: str, lines: str) -> "Root":
        """Read a root from its two texts.

        Raises:
            ValueError: that is no root, or the lines are not those that it was signed for.
        """
        found = dict(line.partition(" ")[::2] for line in body.split("\n"))
        try:
            root = cls(
                number=int(found["root"]),
                previous=found["previous"],
                at=datetime.fromisoformat(found["at"]),
                key=found["key"],
                entries=tuple(_entries(lines)),
            )
        except KeyError as error:
            raise ValueError(f"{error} is missing") from error
        if root.body != body:
            raise ValueError("something else is written there")
        return root


def root_hash(body: str, signature: str) -> str:
    """Return a root's hash, which the next root has, and which is published each day."""
    return _sha256(f"{body}\n{signature}")


def _entries(lines: str) -> Iterator[Entry]:
    for text in lines.split("\n") if lines else ():
        hash, line, expense = text.split(" ", 2)
        yield Entry(expense=expense, line=int(line), hash=hash)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
