"""Verifies the audit trail: that it is as it was sealed and signed, and that nothing is missing."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Integer, bindparam, func, select

from bot.database.engine.connection import Database
from bot.database.schema import audit, expenses
from bot.database.trail.chain import NOTHING, Root, root_hash
from bot.database.trail.lines import LATE, SEALED, Finding, SealedLines
from bot.database.trail.schema import audit_roots, audit_seals
from bot.database.trail.signing import is_signed

# A bot signs at least once a day.
OLD = timedelta(days=1, hours=2)
# So many at a time; each has 100 lines at most.
_ROOTS = 50
# So many expenses are named of which each is wrong in the same way.
_MOST = 1000
_EVER = 2**31 - 1

_READ_ROOTS = (
    select(audit_roots)
    .where(audit_roots.c.number > bindparam("after", type_=Integer))
    .order_by(audit_roots.c.number)
    .limit(_ROOTS)
)
_NEWEST_ROOT = select(audit_roots).order_by(audit_roots.c.number.desc()).limit(1)
_IS_UNSEALED = ~select(audit_seals.c.number).where(audit_seals.c.number == audit.c.number).exists()
_UNSEALED = (
    select(audit.c.expense_id, audit.c.at, audit.c.event, audit.c.detail)
    .where(_IS_UNSEALED)
    .order_by(audit.c.number)
    .limit(_MOST)
)
_newer = audit.alias("newer")
_LAST_NUMBER = (
    select(func.max(_newer.c.number)).where(_newer.c.expense_id == expenses.c.id).scalar_subquery()
)
_OTHER_STATE = (
    select(expenses.c.id, expenses.c.state, audit.c.state.label("last"))
    .outerjoin_from(expenses, audit, audit.c.number == _LAST_NUMBER)
    .where(audit.c.state.is_distinct_from(expenses.c.state))
    .order_by(expenses.c.id)
    .limit(_MOST)
)


class Verification:
    """Goes through the whole trail.

    Args:
        database: has it.
        trusted: the public keys, in hexadecimal digits, with one of which the newest root has to be
            signed. That root's hash covers those before it, so that their keys may be lost.
        published: hashes of roots that were published, which the trail has to have.

    Attributes:
        lines: what was found out about lines.
        roots: how many roots were read.
        unsealed: how many lines are not sealed yet.
        newest: the newest root, and its hash.
    """

    def __init__(
        self, database: Database, trusted: Collection[str], published: Collection[str] = ()
    ) -> None:
        self._database = database
        self._trusted = frozenset(trusted)
        self._published = set(published)
        self.lines = SealedLines()
        self.roots = self.unsealed = 0
        self.newest: tuple[Root, str] | None = None

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield what is wrong: of roots and lines in their order, then of what is not sealed.

        Raises:
            TryAgain: the database does not answer.
        """
        async for finding in self._roots(await self._signed_to()):
            yield finding
        unsealed = await self._database.execute(_UNSEALED)
        for finding in self.lines.erasures(unsealed):
            yield finding
        for hash in sorted(self._published):
            yield Finding(what=f"the published root {hash} is missing")
        for row in await self._database.execute(_OTHER_STATE):
            last = f"its last line says {row.last}" if row.last else "its whole trail was removed"
            yield Finding(expense=row.id, what=f"is recorded as {row.state}, and {last}")
        now = await self._database.now()
        self.unsealed = len(unsealed)
        for row in unsealed:
            if now - row.at > LATE:
                what = f"has a line of {_said(row.at)} that is not sealed: start a bot, then look"
                yield Finding(expense=row.expense_id, what=what)
        if self.newest and now - self.newest[0].at > OLD:
            what = (
                f"is the newest, of {_said(self.newest[0].at)}: either no bot has run since then, "
                "or what came after it was cut off"
            )
            yield Finding(root=self.newest[0].number, what=what)

    async def _roots(self, signed_to: int) -> AsyncIterator[Finding]:
        number, last = 0, None
        previous: str | None = NOTHING  # None where the root before was removed or cannot be read
        while True:
            rows = await self._database.execute(_READ_ROOTS, {"after": number})
            if not rows:
                cut_off = await self._seals(number, _EVER)
                # Bots may go on sealing meanwhile.
                rows = await self._database.execute(_READ_ROOTS, {"after": number})
                if not rows:
                    break
            seals = await self._seals(number, rows[-1].number)
            for row in rows:
                for gone in range(number + 1, row.number):
                    yield Finding(root=gone, what="was removed")
                    for finding in self.lines.follow(None, seals.pop(gone, ())):
                        yield finding
                    previous = None
                root = _read(row)
                if root is None:
                    yield Finding(root=row.number, what="was changed")
                elif row.number > signed_to and not self._is_ours(row):
                    what = f"is not signed with a key of yours; {_seals_what(root)}"
                    yield Finding(root=row.number, what=what)
                elif previous not in (None, root.previous):
                    # Which of the two it was, the signature of the second one says.
                    is_intact = is_signed(row.body, row.signature, root.key)
                    changed = last if is_intact and last else root
                    what = f"was changed; {_seals_what(changed)}"
                    yield Finding(root=changed.number, what=what)
                for finding in self.lines.follow(root, seals.pop(row.number, ())):
                    yield finding
                self.roots += 1
                number, last = row.number, root
                hash = root_hash(row.body, row.signature)
                self._published.discard(hash)
                previous = hash if root else None
                if root:
                    self.newest = root, hash
        for gone, found in cut_off.items():
            yield Finding(root=gone, what="was removed")
            for finding in self.lines.follow(None, found):
                yield finding

    async def _seals(self, after: int, until: int) -> dict[int, list[Any]]:
        rows = await self._database.execute(SEALED, {"after": after, "until": until})
        return {root: [*some] for root, some in groupby(rows, lambda row: int(row.seal_root))}

    async def _signed_to(self) -> int:
        """Return the number of the newest root that has a signature of ours."""
        rows = await self._database.execute(_NEWEST_ROOT)
        if not rows or self._is_ours(rows[0]):
            return rows[0].number if rows else 0
        number = signed_to = 0
        while rows := await self._database.execute(_READ_ROOTS, {"after": number}):
            signed_to = max([signed_to, *(row.number for row in rows if self._is_ours(row))])
            number = rows[-1].number
        return signed_to

    def _is_ours(self, row: Any) -> bool:
        root = _read(row)
        is_known = root is not None and root.key in self._trusted
        return is_known and is_signed(row.body, row.signature, root.key if root else "")


def _read(row: Any) -> Root | None:
    try:
        root = Root.read(row.body, row.lines)
    except ValueError:
        return None
    return root if root.number == row.number else None


def _seals_what(root: Root) -> str:
    if not root.entries:
        return "it seals no line"
    first, *others = root.entries
    more = f" and {len(others)} more lines" if others else ""
    return f"it seals expense {first.expense}, line {first.line}{more}"


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
