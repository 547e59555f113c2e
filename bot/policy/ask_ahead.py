"""Asks about several user groups at the same time, before the turn of each comes."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from bot.domain.errors import TryAgain
from bot.domain.slack_ids import is_group
from bot.policy.directory import Directory

# Slack takes 20 questions about groups a minute.
MOST = 8


@asynccontextmanager
async def asked_ahead(ids: Iterable[str], directory: Directory) -> AsyncIterator[None]:
    """Have the first groups asked about while they are needed one after the other.

    Slack does not wait for one question after the other: a person who submits gets three seconds.
    """

    async def ask(group: str) -> None:
        with suppress(TryAgain):  # the person who needs to know hears of it
            await directory.group_members(group)

    groups = [*dict.fromkeys(filter(is_group, ids))][:MOST]
    asked = [asyncio.create_task(ask(group)) for group in groups] if len(groups) > 1 else []
    try:
        yield
    finally:
        for task in asked:
            task.cancel()
