"""The chain of an audit trail: what is hashed of each line, and what a signed root says.

The hashes of an expense's lines hang together, and each root names those that were sealed since the
root before it. docs/audit.md has the formats for those who check them without the bot.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

# The hash before the first one.
NOTHING = "0" * 64
_quoted = json.encoder.encode_basestring_ascii


def commitment(salt: str, value: str | None) -> str:
    """Return what stands for a value in a hash, so that the value can be erased and the hash stays.

    Args:
        salt: 32 random hexadecimal digits; without them, nobody can find the value by trying.
        value: what a column has.
    """
    return _sha256(f"{salt}null" if value is None else f"{salt}{_quoted(value)}")


def instant(at: datetime) -> str:
    """Write an instant as it is hashed: in UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def line_hash(
    previous: str,
    *,
    expense: str,
    line: int,
    number: int,
    at: datetime,
    event: str,
    state: str,
    commitments: Mapping[str, str],
) -> str:
    """Hash a line with the hash of the line before it.

    Args:
        previous: the hash of the line before.
        line: counted from 1 for each expense, in the order of sealing.
        number: as in the table `audit`.
        commitments: by name, of what names people or was written by them, and, in the first line,
            of what was claimed.
    """
    # What `json.dumps` writes with sorted keys, in a third of its time: `verify` does it for all.
    named = ",".join(f'"{name}":"{commitments[name]}"' for name in sorted(commitments))
    return _sha256(
        f'{{"at":"{instant(at)}","commitments":{{{named}}},"event":{_quoted(event)},'
        f'"expense":{_quoted(expense)},"line":{line},"number":{number},"previous":"{previous}",'
        f'"state":{_quoted(state)}}}'
    )


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
