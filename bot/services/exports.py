"""Writes exports for people who may read every expense."""

import asyncio
from pathlib import Path

from bot.database.engine.connection import Database
from bot.database.queries.exports import read_pages
from bot.domain.export.columns import Period
from bot.domain.export.formats import Format, write
from bot.policy.approvers import Policy
from bot.services.roles import check_reader


class Exports:
    """Writes the expenses of a period into a file."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    async def check(self, person: str) -> None:
        """Check that a person may have an export now, as `check_reader` does."""
        await check_reader(self._policy, person)

    async def write(self, period: Period, format: Format, file: Path) -> int:
        """Write an export, and return how many expenses it has.

        Raises:
            TryAgain: the database does not answer, or this version cannot read an expense.
        """
        count = 0
        with await asyncio.to_thread(file.open, "w", encoding="utf-8", newline="") as opened:
            opened.write(write(format, (), is_first=True))
            async for lines in read_pages(self._database, period):
                await asyncio.to_thread(opened.write, write(format, lines, is_first=False))
                count += len(lines)
        return count
