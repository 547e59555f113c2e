"""Compares lines of the audit trail with what was sealed and signed of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, and_, bindparam, select

from bot.database.schema import audit, expenses
from bot.database.trail.chain import NOTHING, Entry, Root, commitment, line_hash
from bot.database.trail.schema import audit_seals
from bot.database.trail.values import CLAIM, CLAIMED, claimed_values, personal_values
from bot.domain.audit_events import Erased

# A bot seals within seconds; what takes longer was written while no bot of this version ran.
LATE = timedelta(minutes=10)

# The lines that some roots name, each with its seal and, if it is the first one, with its expense.
SEALED = (
    select(
        *(column.label(f"seal_{column.name}") for column in audit_seals.c),
        *audit.c,
        expenses.c.id.label("claim_id"),
        *(expenses.c[name].label(f"claim_{name}") for name in CLAIMED),
    )
    .select_from(
        audit_seals.outerjoin(audit, audit.c.number == audit_seals.c.number).outerjoin(
            expenses, and_(expenses.c.id == audit_seals.c.expense_id, audit_seals.c.line == 1)
        )
    )
    .where(
        audit_seals.c.root > bindparam("after", type_=Integer),
        audit_seals.c.root <= bindparam("until", type_=Integer),
    )
    .order_by(audit_seals.c.root, audit_seals.c.number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is not as it was sealed."""

    expense: str | None = None
    line: int | None = None  # counted from 1 in the expense's trail
    root: int | None = None
    what: str

    def __str__(self) -> str:
        if self.expense is None:
            return self.what if self.root is None else f"root {self.root} {self.what}"
        line = "" if self.line is None else f", line {self.line},"
        return f"expense {self.expense}{line} {self.what}"


@dataclass(slots=True)
class SealedLines:
    """Goes through lines in the order in which they were sealed.

    Attributes:
        heads: the last line of each expense, and its hash, as far as was read.
        late: how many lines were sealed late.
    """

    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    lines: int = 0
    late: int = 0
    # Fields of lines that cannot be looked at any more, and those whose erasure was recorded.
    _blank: dict[str, set[str]] = field(default_factory=dict)
    _erased: dict[str, set[str]] = field(default_factory=dict)

    def follow(self, root: Root | None, rows: Sequence[Any]) -> Iterator[Finding]:
        """Compare the lines of a root with what it says of them.

        Args:
            root: None if it was removed, or cannot be read.
            rows: of `SEALED`.
        """
        found = {(row.seal_expense_id, row.seal_line): row for row in rows}
        entries = root.entries if root else [*map(_entry, rows)]
        for entry in entries:
            self.lines += 1
            row = found.pop((entry.expense, entry.line), None)
            if row and row.at and root and root.at - row.at > LATE:
                self.late += 1
            last, previous = self.heads.get(entry.expense, (0, NOTHING))
            if entry.line <= last:
                what = "was sealed a second time"
                yield Finding(expense=entry.expense, line=entry.line, what=what)
            elif entry.line != last + 1:
                what = "was removed, with its seal and the root that signs for it"
                yield Finding(expense=entry.expense, line=last + 1, what=what)
            elif row is None:
                what = "was removed, or its seal was"
                yield Finding(expense=entry.expense, line=entry.line, what=what)
            elif what := self._difference(row, entry, previous):
                yield Finding(expense=entry.expense, line=entry.line, what=what)
            self.heads[entry.expense] = (entry.line, entry.hash)
        for expense, line in found:
            what = "has a seal that no root signs for"
            yield Finding(expense=expense, line=line, what=what)

    def _difference(self, row: Any, entry: Entry, previous: str) -> str:
        """Say how a line differs from what was sealed; nothing if it does not."""
        if row.number is None:
            return "was removed"
        if row.expense_id != entry.expense:
            return f"was moved to expense {row.expense_id}"
        if entry.line == 1 and row.claim_id is None:
            return "was sealed, and the expense itself was removed"
        values = personal_values(row)
        salts = json.loads(row.seal_salts)
        erased = json.loads(row.seal_erased) if row.seal_erased else {}
        if entry.line == 1:
            covered = [
                name.removeprefix(CLAIM) for name in (*salts, *erased) if name.startswith(CLAIM)
            ]
            values |= claimed_values(row, covered, "claim_")
        commitments = {
            name: commitment(salts[name], value) for name, value in values.items() if name in salts
        } | erased
        hash = line_hash(
            previous,
            expense=entry.expense,
            line=entry.line,
            number=row.number,
            at=row.at,
            event=row.event,
            state=row.state,
            commitments=commitments,
        )
        if hash != entry.hash:
            also = ", or the claim that it seals was" if entry.line == 1 else ""
            return f"was changed{also}"
        if row.seal_hash != hash:
            return "has a seal that was changed"
        if erased:
            names = {f"{entry.line}.{name}" for name in erased}
            self._blank.setdefault(entry.expense, set()).update(names)
        self._note_erasure(row)
        return ""

    def _note_erasure(self, row: Any) -> None:
        if row.event == Erased.stored_as:
            self._erased.setdefault(row.expense_id, set()).update((row.detail or "").split())

    def erasures(self, rows: Sequence[Any]) -> Iterator[Finding]:
        """Name what was erased without a line that says so; after all lines.

        Args:
            rows: of lines that are not sealed yet.
        """
        for row in rows:
            self._note_erasure(row)
        for expense, names in self._blank.items():
            for name in sorted(names - self._erased.get(expense, set())):
                line, _, what = name.partition(".")
                said = f"lost its {what.removeprefix(CLAIM)}, and no line says that it was erased"
                yield Finding(expense=expense, line=int(line), what=said)


def _entry(row: Any) -> Entry:
    return Entry(expense=row.seal_expense_id, line=row.seal_line, hash=row.seal_hash)
