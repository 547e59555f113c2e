"""Encrypts task tokens with the newest key, so that older keys can be removed."""

from sqlalchemy import String, and_, bindparam, or_, select, update

from bot.database.connection import Database
from bot.database.encryption import Cipher
from bot.database.expense_rows import is_in
from bot.database.schema import expenses
from bot.domain.expense import DECIDED, State

_BATCH = 200
IS_NEEDED = and_(
    expenses.c.task_token.is_not(None),
    or_(is_in({State.CREATED}), and_(is_in(DECIDED), expenses.c.delivered_at.is_(None))),
)
_NEXT = (
    select(expenses.c.id, expenses.c.task_token)
    .where(IS_NEEDED, expenses.c.id > bindparam("last", type_=String))
    .order_by(expenses.c.id)
    .limit(_BATCH)
)


async def rotate_keys(database: Database, cipher: Cipher) -> tuple[int, int]:
    """Encrypt every task token of an undelivered decision or open expense with the newest key.

    Returns:
        The number of encrypted tokens, and of tokens that no key decrypts.

    Raises:
        TryAgain: the database does not answer; another call does the rest.
    """
    count, unreadable, last = 0, 0, ""
    while True:
        rows = await database.execute(_NEXT, {"last": last})
        if not rows:
            return count, unreadable
        for row in rows:
            if (token := cipher.rotate(row.task_token)) is None:
                unreadable += 1
            else:
                count += await _replace(database, row.id, row.task_token, token)
        last = rows[-1].id


async def _replace(database: Database, expense_id: str, old: bytes, new: bytes) -> int:
    """Replace a token, unless a worker has registered another one since."""
    change = (
        update(expenses)
        .where(expenses.c.id == expense_id, expenses.c.task_token == old)
        .values(task_token=new)
        .returning(expenses.c.id)
    )
    return len(await database.execute(change))
