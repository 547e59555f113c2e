"""How what is measured gets out: pulled from /metrics, pushed as OTLP, or both."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    MetricReader,
    MetricsData,
    PeriodicExportingMetricReader,
)
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bot.telemetry.instruments import Instruments
from bot.telemetry.setup import is_pushed, resource
from bot.web.server import serving

logger = logging.getLogger(__name__)

# A receiver that is away holds the end of the process up no longer.
FAREWELL_SECONDS = 0.5


class _Pull(PrometheusMetricReader):
    def __init__(self, instruments: Instruments, registry: CollectorRegistry) -> None:
        super().__init__(scope_info_enabled=False, registry=registry)
        self._instruments = instruments

    def _receive_metrics(self, metrics_data: MetricsData, *given: Any, **named: Any) -> None:
        super()._receive_metrics(self._instruments.added_to(metrics_data), *given, **named)


class _Push(PeriodicExportingMetricReader):
    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        super().__init__(OTLPMetricExporter())

    def _receive_metrics(self, metrics_data: MetricsData, *given: Any, **named: Any) -> None:
        super()._receive_metrics(self._instruments.added_to(metrics_data), *given, **named)


@asynccontextmanager
async def exporting(
    instruments: Instruments, host: str, port: int | None
) -> AsyncIterator[MeterProvider]:
    """Serve /metrics and push, whichever is on, until the end; then push once more.

    Args:
        host: the address to listen on.
        port: the port of /metrics; 0 takes a free one, None serves none.

    Yields:
        For what is counted seldom enough to be counted by the SDK itself.

    Raises:
        SettingsError: another program listens there, or a variable of OTEL_* is wrong.
    """
    readers: list[MetricReader] = []
    registry = CollectorRegistry()
    if port is not None:
        readers.append(_Pull(instruments, registry))
    if is_pushed("metrics"):
        # Of each try that fails; the error that follows the last one is enough.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
        readers.append(_Push(instruments))
    provider = MeterProvider(readers, resource(), shutdown_on_exit=False)
    try:
        if port is None:
            yield provider
            return
        served = serving(
            _app(registry), host, port, shutdown_timeout=1, name="EXPENSE_METRICS_PORT"
        )
        async with served as (at, bound):
            place = f"[{at}]" if ":" in at else at
            logger.info("metrics on http://%s:%s/metrics", place, bound)
            yield provider
    finally:
        await asyncio.to_thread(provider.shutdown, FAREWELL_SECONDS * 1000)


def _app(registry: CollectorRegistry) -> web.Application:
    async def metrics(_: web.Request) -> web.Response:
        # It takes some 10 ms, in which clicks go on.
        text = await asyncio.to_thread(generate_latest, registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app
