"""Every metric of the bot, and what it is taken from."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
from aiohttp import web
from opentelemetry.metrics import Meter
from slack_bolt.async_app import AsyncApp
from temporalio.runtime import MetricBuffer, MetricBufferDurationFormat

from bot.database.engine.connection import Database
from bot.slack.listeners import interactions
from bot.slack.web_client import LimitedClient
from bot.telemetry.expense_metrics import Standing, Steps
from bot.telemetry.export import exporting
from bot.telemetry.instruments import Instruments
from bot.telemetry.process import watch_process
from bot.telemetry.traffic import Queries, Requests, SlackCalls

# Temporal's core drops what is more than this within half a second.
_BUFFERED = 100_000


class Metrics:
    """What is measured of one bot.

    Attributes:
        temporal: takes what Temporal's client counts.
        steps: counts what becomes of expenses.
    """

    def __init__(self, instruments: Instruments, meter: Meter) -> None:
        self._instruments = instruments
        self._meter = meter
        self.temporal = MetricBuffer(_BUFFERED, MetricBufferDurationFormat.SECONDS)
        self.steps = Steps(instruments)

    def begin(
        self,
        database: Database,
        session: aiohttp.ClientSession,
        client: LimitedClient,
        slack_app: AsyncApp,
        app: web.Application,
        pause: timedelta,
    ) -> Coroutine[Any, Any, None]:
        """Measure the parts of a bot, before the first of them is used.

        Args:
            session: the connections to Slack, which `client` uses.
            pause: between two counts of the open expenses.

        Returns:
            What has to run meanwhile.
        """
        Requests(self._instruments).watch(slack_app, app)
        SlackCalls(self._instruments, client).watch(session)
        Queries(self._instruments, database)
        standing = Standing(self._instruments, database, pause.total_seconds())

        async def watch() -> None:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(standing.watch())
                tasks.create_task(watch_process(self._meter, self._instruments, self.temporal))

        return watch()


@asynccontextmanager
async def measuring(host: str, port: int | None) -> AsyncIterator[Metrics]:
    """Measure a bot, and hand out what is measured; the arguments are those of `exporting`."""
    instruments = Instruments()
    async with exporting(instruments, host, port) as provider:
        metrics = Metrics(instruments, provider.get_meter("bot"))
        interactions.on_error.append(metrics.steps.count_error)
        try:
            yield metrics
        finally:
            interactions.on_error.remove(metrics.steps.count_error)
