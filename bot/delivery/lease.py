"""Keeps a lease while the work takes its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from bot.domain.errors import TryAgain


@asynccontextmanager
async def kept(lease: timedelta, renew: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Keep other processes off while Temporal, Slack or the storage takes its time.

    Args:
        lease: how long the lease holds; it is renewed three times as often.
        renew: extends the lease.
    """

    async def go_on() -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            with suppress(TryAgain):
                await renew()

    keeping = asyncio.create_task(go_on())
    try:
        yield
    finally:
        keeping.cancel()
