"""Erases values from lines and claims: their hashes stay, and a line of the trail says so."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache

from sqlalchemy import String, Text, Update, bindparam, select, update

from bot.database import audit as entries
from bot.database.engine.connection import Connection
from bot.database.schema import audit, expenses
from bot.database.trail.chain import commitment
from bot.database.trail.schema import audit_seals
from bot.database.trail.values import CLAIM, CLAIMED, claimed_values, personal_values
from bot.domain.audit_events import Erased
from bot.domain.errors import TryAgain

_SEALS = (
    select(
        audit.c.number,
        audit.c.actor,
        audit.c.detail,
        *(getattr(audit_seals.c, name) for name in ("line", "salts", "erased")),
    )
    .outerjoin_from(audit, audit_seals, audit_seals.c.number == audit.c.number)
    .where(audit.c.expense_id == bindparam("which", type_=String))
    .order_by(audit_seals.c.line)
)
_IS_LINE = bindparam("sealed", type_=audit.c.number.type)
_SET_SEAL = (
    update(audit_seals)
    .where(audit_seals.c.number == _IS_LINE)
    .values(salts=bindparam("new_salts", type_=Text), erased=bindparam("new_erased", type_=Text))
)
_SET_LINE = (
    update(audit)
    .where(audit.c.number == _IS_LINE)
    .values(actor=bindparam("new_actor", type_=String), detail=bindparam("new_detail", type_=Text))
)
_CLAIM = select(*(expenses.c[name] for name in CLAIMED)).where(entries.IS_IT)


@lru_cache
def _set_claim(columns: Collection[str]) -> Update:
    binds = {name: bindparam(f"new_{name}", type_=expenses.c[name].type) for name in columns}
    return update(expenses).where(entries.IS_IT).values(**binds)


async def erase(
    connection: Connection,
    expense_id: str,
    lines: Mapping[int, Mapping[str, str | None]],
    claim: Mapping[str, str | None],
    actor: str,
    now: datetime,
) -> None:
    """Replace values, and write a line that says which.

    With its salt, a value is gone: its commitment, which stays, can be compared with nothing.

    Args:
        connection: in a transaction that has locked the expense.
        expense_id: which expense.
        lines: by number of the table `audit`, what its `actor` or `detail` becomes.
        claim: by column of the table `expenses`, what it becomes.
        actor: who erases, as in the trail.
        now: the instant, in UTC.

    Raises:
        TryAgain: a line is not sealed yet; nothing was changed.
    """
    rows = await connection.execute(_SEALS, {"which": expense_id})
    if any(row.salts is None for row in rows):
        raise TryAgain("The trail is not sealed yet.", after=10)
    [claimed] = await connection.execute(_CLAIM, {"which": expense_id})
    words = []
    for row in rows:
        new = dict(lines.get(row.number, {}))
        values = personal_values(row)
        if row.line == 1:
            new |= {f"{CLAIM}{name}": value for name, value in claim.items()}
            values |= claimed_values(claimed)
        salts, erased = json.loads(row.salts), json.loads(row.erased or "{}")
        changed = [name for name in new if new[name] != values[name]]
        if not changed:
            continue
        # What was erased before may change once more, and has no salt any more.
        gone = [name for name in changed if name in salts]
        erased |= {name: commitment(salts.pop(name), values[name]) for name in gone}
        words += [f"{row.line}.{name}" for name in gone]
        seal = {"new_salts": json.dumps(salts), "new_erased": json.dumps(erased)}
        await connection.execute(_SET_SEAL, seal | {"sealed": row.number})
        if not {"actor", "detail"}.isdisjoint(changed):
            of = {name: new.get(name, values[name]) for name in ("actor", "detail")}
            line = {f"new_{name}": value for name, value in of.items()}
            await connection.execute(_SET_LINE, line | {"sealed": row.number})
    if claim:
        given = {f"new_{name}": value for name, value in claim.items()}
        await connection.execute(_set_claim(tuple(claim)), given | {"which": expense_id})
    if words:
        given = entries.event_values(Erased(tuple(words)), actor)
        await connection.execute(entries.NOTE, given | {"which": expense_id, "now": now})
