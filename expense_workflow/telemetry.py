"""What operators see of a worker from outside, by OpenTelemetry: its process, and Temporal's own.

Nothing of it is imported unless it is on. The bot does the same (`bot/telemetry`).
"""

import asyncio
import logging
import os
import re
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_HISTOGRAM,
    BufferedMetricUpdate,
    MetricBuffer,
    MetricBufferDurationFormat,
)

from expense_workflow import __version__
from expense_workflow.settings import Settings, SettingsError

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.resources import Resource

_log = logging.getLogger(__name__)

SERVICE_NAME = "expense-worker"
LAG_SECONDS = 0.5
# A receiver that is away holds the end of the process up no longer.
FAREWELL_SECONDS = 0.5
# Temporal's core drops what is more than this within half a second.
_BUFFERED = 100_000
_LATE_BY = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
# Temporal's are from a call of a millisecond to an activity that waits for days.
_TEMPORAL_WITHIN = (
    0.001,
    0.005,
    0.01,
    0.05,
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    60.0,
    600.0,
    3600.0,
)
_PROTOCOL = "http/protobuf"
_ADDRESS = re.compile(r"https?://[^\s/]+(/\S*)?")


def is_pushed(signal: Literal["metrics", "traces"]) -> bool:
    """Return whether a signal is pushed: off, unless the environment says where to or by what.

    Raises:
        SettingsError: a variable says what cannot be done.
    """
    if _read("OTEL_SDK_DISABLED").lower() == "true":
        return False
    name = f"OTEL_{signal.upper()}_EXPORTER"
    chosen = _read(name).lower()
    if chosen not in {"", "none", "otlp"}:
        raise SettingsError(f"{name} must be otlp or none")
    endpoint_name, endpoint = _of(signal, "ENDPOINT")
    if chosen == "none" or not (chosen or endpoint):
        return False
    if endpoint and not _ADDRESS.fullmatch(endpoint):
        raise SettingsError(f"{endpoint_name} must be an address such as http://host:4318")
    protocol_name, protocol = _of(signal, "PROTOCOL")
    if protocol not in {"", _PROTOCOL}:
        raise SettingsError(f"{protocol_name} must be {_PROTOCOL}, with the receiver's port for it")
    return True


def _of(signal: str, what: str) -> tuple[str, str]:
    """Return the variable that counts for a signal, and its value."""
    own, common = f"OTEL_EXPORTER_OTLP_{signal.upper()}_{what}", f"OTEL_EXPORTER_OTLP_{what}"
    return (own, value) if (value := _read(own)) else (common, _read(common))


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()


def described() -> "Resource":
    """Return what this process is, with what the operator says of it in OTEL_RESOURCE_ATTRIBUTES.

    OTEL_SERVICE_NAME takes the place of its name.
    """
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    # The SDK adds an id of its own for each process.
    own = {"service.name": SERVICE_NAME, "service.version": __version__}
    return Resource.create(own).merge(OTELResourceDetector().detect())


def buffer_of(settings: Settings) -> MetricBuffer | None:
    """Make what takes Temporal's own metrics; None if nobody has asked for metrics.

    Raises:
        SettingsError: a variable of OTEL_* says what cannot be done.
    """
    if settings.metrics_port is None and not is_pushed("metrics"):
        return None
    return MetricBuffer(_BUFFERED, MetricBufferDurationFormat.SECONDS)


@asynccontextmanager
async def measuring(settings: Settings, buffer: MetricBuffer | None) -> AsyncIterator[None]:
    """Measure the process until the end, and serve or push what is measured.

    Args:
        settings: where /metrics is.
        buffer: as `buffer_of` has made it, and Temporal's runtime has it.

    Raises:
        SettingsError: another program listens where /metrics should be.
    """
    if buffer is None:
        yield
        return
    async with exporting(settings) as provider:
        task = asyncio.create_task(_watch(provider.get_meter("expense_workflow"), buffer))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def exporting(settings: Settings) -> AsyncIterator["MeterProvider"]:
    """Serve /metrics and push, whichever is on, until the end; then push once more.

    Raises:
        SettingsError: another program listens there, or a variable of OTEL_* is wrong.
    """
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from prometheus_client import CollectorRegistry, start_http_server

    readers: list[MetricReader] = []
    host, port, server = settings.metrics_host, settings.metrics_port, None
    if port is not None:
        registry = CollectorRegistry()
        readers.append(PrometheusMetricReader(scope_info_enabled=False, registry=registry))
        try:
            server, _ = start_http_server(port, host, registry)
        except OSError as error:
            words = f"EXPENSE_METRICS_PORT {port} cannot be listened on: {error.strerror}"
            raise SettingsError(words) from error
        _log.info("metrics on http://%s:%s/metrics", host, server.server_port)
    if is_pushed("metrics"):
        # Of each try that fails; the error that follows the last one is enough.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
    provider = MeterProvider(readers, described(), shutdown_on_exit=False)
    try:
        yield provider
    finally:
        await asyncio.to_thread(provider.shutdown, FAREWELL_SECONDS * 1000)
        if server:
            server.shutdown()
            server.server_close()


async def _watch(meter: "Meter", buffer: MetricBuffer) -> None:
    meter.create_observable_counter(
        "process.cpu.time", [_observing(time.process_time)], "s", "Processor time it has taken"
    )
    meter.create_observable_gauge(
        "process.memory.usage", [_observing(_memory)], "By", "Memory it has, as the system counts"
    )
    lag = meter.create_histogram(
        *("event_loop.lag", "s", "How late the event loop wakes a task that sleeps"),
        explicit_bucket_boundaries_advisory=_LATE_BY,
    )
    temporal = TemporalMetrics(meter)
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        lag.record(max(0.0, loop.time() - due))
        for update in buffer.retrieve_updates():
            temporal.take(update)


def _observing(
    read: Callable[[], float],
) -> "Callable[[CallbackOptions], Iterable[Observation]]":
    from opentelemetry.metrics import Observation

    return lambda _: [Observation(read())]


def _memory() -> float:
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class TemporalMetrics:
    """Hands on what Temporal's core counts.

    temporalio's own `MetricsExporter` tells metrics and labels apart by their address in memory,
    and so mixes them up (measured, temporalio 1.35).
    """

    def __init__(self, meter: "Meter") -> None:
        self._meter = meter
        self._takers: dict[str, Callable[..., None]] = {}

    def take(self, update: BufferedMetricUpdate) -> None:
        """Count one value."""
        metric = update.metric
        if (taker := self._takers.get(metric.name)) is None:
            about = metric.name, metric.unit or "", metric.description or ""
            if metric.kind == BUFFERED_METRIC_KIND_COUNTER:
                taker = self._meter.create_counter(*about).add
            elif metric.kind == BUFFERED_METRIC_KIND_HISTOGRAM:
                taker = self._meter.create_histogram(
                    *about, explicit_bucket_boundaries_advisory=_TEMPORAL_WITHIN
                ).record
            else:
                taker = self._meter.create_gauge(*about).set
            self._takers[metric.name] = taker
        taker(update.value, dict(update.attributes))
