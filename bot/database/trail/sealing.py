"""Seals the lines of the audit trail some moments after they were written, and signs for them.

A change does not wait for this, and a bot of the version before knows nothing of it.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, text

from bot.database.engine.connection import Connection, Database
from bot.database.schema import Instant, audit, expenses
from bot.database.trail.chain import NOTHING, Entry, Root, commitment, line_hash, root_hash
from bot.database.trail.schema import audit_roots, audit_seals
from bot.database.trail.signing import Signer
from bot.database.trail.values import CLAIMED, claimed_values, new_salts, personal_values

logger = logging.getLogger(__name__)

# So many take a few milliseconds, in which nobody's click is looked at.
BATCH = 100
# A statement of a bot takes 5 seconds at most; what an operator does by hand may take longer, and
# is found when a process looks at all lines, as it does when it starts, and each hour.
SETTLED, LOOK_AT_ALL = timedelta(minutes=1), timedelta(hours=1)

_AFTER = bindparam("after", type_=audit.c.number.type)
_UNSEALED = (
    select(audit)
    .where(
        audit.c.number > _AFTER,
        ~select(audit_seals.c.number)
        # The second one for PostgreSQL, which does not conclude it from the first.
        .where(audit_seals.c.number == audit.c.number, audit_seals.c.number > _AFTER)
        .exists(),
    )
    .order_by(audit.c.number)
    .limit(BATCH)
)
_WRITTEN = (
    select(audit.c.number)
    .where(audit.c.at <= bindparam("by", type_=Instant))
    .order_by(audit.c.number.desc())
    .limit(1)
)
_NEWEST_ROOT = select(audit_roots).order_by(audit_roots.c.number.desc()).limit(1)
# As JSON, because a list in IN would be compiled for every number of expenses.
_IDS = {
    True: "IN (SELECT json_array_elements_text(CAST(:ids AS json)))",
    False: "IN (SELECT value FROM json_each(:ids))",
}
_later = audit_seals.alias("later")
_HEADS = {
    is_postgres: select(audit_seals.c.expense_id, audit_seals.c.line, audit_seals.c.hash).where(
        text(f"audit_seals.expense_id {ids}"),
        ~select(_later.c.line)
        .where(_later.c.expense_id == audit_seals.c.expense_id, _later.c.line > audit_seals.c.line)
        .exists(),
    )
    for is_postgres, ids in _IDS.items()
}
_CLAIMS = {
    is_postgres: select(expenses.c.id, *(expenses.c[name] for name in CLAIMED)).where(
        text(f"expenses.id {ids}")
    )
    for is_postgres, ids in _IDS.items()
}
_SIGN = text(
    "INSERT INTO audit_roots (number, body, lines, signature)"
    " VALUES (:number, :body, :lines, :signature)"
    " ON CONFLICT (number) DO NOTHING RETURNING number"
)
_SEAL = {
    True: text(
        "INSERT INTO audit_seals (number, expense_id, line, root, hash, salts) SELECT * FROM"
        " json_to_recordset(CAST(:rows AS json)) AS given (number bigint, expense_id text,"
        " line integer, root integer, hash text, salts text)"
    ),
    False: text(
        "INSERT INTO audit_seals (number, expense_id, line, root, hash, salts) SELECT"
        " value ->> 'number', value ->> 'expense_id', value ->> 'line', value ->> 'root',"
        " value ->> 'hash', value ->> 'salts' FROM json_each(:rows)"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A root that is recorded."""

    root: Root
    hash: str
    ends_day: bool  # whether it is the first one after the day of the root before


class Sealer:
    """Seals what is not sealed yet; of several bots, one at a time.

    Args:
        database: where the trail is.
        signer: has the keys.
    """

    def __init__(self, database: Database, signer: Signer) -> None:
        self._database = database
        self._signer = signer
        # Behind which line the next look begins, and behind which one the next full turn.
        self._after = self._settled = 0
        self._settled_at = self._looked_at_all = datetime.min.replace(tzinfo=UTC)
        self._signed_on: date | None = None

    async def sweep(self) -> Signed | None:
        """Seal the next lines, and sign a root for them; or one without lines if a day is over.

        Returns:
            The root; None if there was nothing to do, or another bot did it.

        Raises:
            TryAgain: the database does not answer.
        """
        now = await self._database.now()
        if self._signed_on == now.date() and not await self._unsealed():
            await self._begin_anew(now)
            return None
        # In this order: what another bot has sealed since has a root of the same number.
        newest = await self._database.execute(_NEWEST_ROOT)
        lines = await self._unsealed()
        number, previous, signed_at = 1, NOTHING, now
        for row in newest:
            number, previous = row.number + 1, root_hash(row.body, row.signature)
            signed_at = _signed_at(row) or now
        self._signed_on = signed_at.date()
        ends_day = self._signed_on < now.date()
        if not lines and not ends_day:
            return None
        seals = await self._seals(lines, number)
        root = Root(
            number=number,
            previous=previous,
            at=max(now, signed_at),  # clocks can go back, and roots do not
            key=self._signer.public_key,
            entries=tuple(
                Entry(expense=seal["expense_id"], line=seal["line"], hash=seal["hash"])
                for seal in seals
            ),
        )
        signature = self._signer.sign(root.body)
        given = {"number": number, "body": root.body, "lines": root.lines, "signature": signature}

        async def record(connection: Connection) -> bool:
            if not await connection.execute(_SIGN, given):
                return False
            await connection.execute(_SEAL[connection.is_postgres], {"rows": json.dumps(seals)})
            return True

        if not await self._database.transaction(record):
            return None
        if len(lines) == BATCH:
            self._after = lines[-1].number
        self._signed_on = root.at.date()
        return Signed(root=root, hash=root_hash(root.body, signature), ends_day=ends_day)

    async def _begin_anew(self, now: datetime) -> None:
        """Begin a new turn behind what was written so long ago that it has been looked at."""
        if now - self._settled_at > SETTLED:
            rows = await self._database.execute(_WRITTEN, {"by": now - SETTLED})
            self._settled, self._settled_at = (rows[0].number if rows else 0), now
        self._after = self._settled
        if now - self._looked_at_all > LOOK_AT_ALL:
            self._after, self._looked_at_all = 0, now

    async def _unsealed(self) -> Sequence[Any]:
        return await self._database.execute(_UNSEALED, {"after": self._after})

    async def _seals(self, lines: Sequence[Any], root: int) -> list[dict[str, Any]]:
        is_postgres = self._database.is_postgres
        ids = {"ids": json.dumps(sorted({line.expense_id for line in lines}))}
        found = await self._database.execute(_HEADS[is_postgres], ids) if lines else ()
        heads = {row.expense_id: (row.line, row.hash) for row in found}
        new = {"ids": json.dumps(sorted({line.expense_id for line in lines} - heads.keys()))}
        rows = await self._database.execute(_CLAIMS[is_postgres], new) if lines else ()
        claims = {row.id: row for row in rows}
        seals = []
        for row in lines:
            line, previous = heads.get(row.expense_id, (0, NOTHING))
            values = personal_values(row)
            if line == 0 and row.expense_id in claims:
                values |= claimed_values(claims[row.expense_id])
            salts = dict(zip(values, new_salts(len(values)), strict=True))
            hash = line_hash(
                previous,
                expense=row.expense_id,
                line=line + 1,
                number=row.number,
                at=row.at,
                event=row.event,
                state=row.state,
                commitments={
                    name: commitment(salts[name], value) for name, value in values.items()
                },
            )
            heads[row.expense_id] = (line + 1, hash)
            seals.append(
                {
                    "number": row.number,
                    "expense_id": row.expense_id,
                    "line": line + 1,
                    "root": root,
                    "hash": hash,
                    "salts": json.dumps(salts, separators=(",", ":")),
                }
            )
        return seals


def _signed_at(row: Any) -> datetime | None:
    """Say when a root was signed; None if it was changed, which stops nobody from going on."""
    try:
        return Root.read(row.body, row.lines).at
    except ValueError:
        logger.error(
            "root %s of the audit trail was changed: run python -m bot audit verify", row.number
        )
        return None
