"""Brings task tokens under the newest key, so that the older ones can be taken away."""

import asyncio
import logging

from sqlalchemy import and_, or_, select, update

from bot.database.connection import Database
from bot.database.encryption import Cipher
from bot.database.schema import expenses
from bot.domain.errors import TryAgain
from bot.domain.expense import State

logger = logging.getLogger(__name__)

# A bot that has the older keys only may still be running, and write under them.
AGAIN_SECONDS = 30.0
BATCH = 200

_IS_NEEDED = and_(
    expenses.c.task_token.is_not(None),
    or_(
        expenses.c.state == State.CREATED,
        and_(
            expenses.c.state.in_([State.APPROVED, State.REJECTED]),
            expenses.c.delivered_at.is_(None),
        ),
    ),
)


class Rotation:
    """Encrypts anew what is still needed and stands under an older key.

    Args:
        database: where the tokens are.
        cipher: has more than one key.
    """

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def run(self) -> None:
        """Rotate until cancelled."""
        is_told = False
        while True:
            try:
                if count := await self.rotate():
                    logger.info("encrypted %s task tokens anew, under the first key", count)
                elif not is_told:
                    logger.info("EXPENSE_ENCRYPTION_KEY: every task token is under the first key")
                is_told = not count
            except TryAgain as away:
                logger.warning("%s", away)
            await asyncio.sleep(AGAIN_SECONDS)

    async def rotate(self) -> int:
        """Go through all tokens once, and say how many were encrypted anew.

        Raises:
            TryAgain: the database does not answer.
        """
        count, last = 0, ""
        while True:
            query = (
                select(expenses.c.id, expenses.c.task_token)
                .where(_IS_NEEDED, expenses.c.id > last)
                .order_by(expenses.c.id)
                .limit(BATCH)
            )
            async with self._database.reading() as connection:
                rows = (await connection.execute(query)).all()
            if not rows:
                return count
            for row in rows:
                if new := self._cipher.renew(row.task_token):
                    count += await self._replace(row.id, row.task_token, new)
            last = rows[-1].id

    async def _replace(self, expense_id: str, old: bytes, new: bytes) -> int:
        """Replace a token, unless a worker has registered another one meanwhile."""
        change = (
            update(expenses)
            .where(expenses.c.id == expense_id, expenses.c.task_token == old)
            .values(task_token=new)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(change)).rowcount
