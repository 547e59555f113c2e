"""What the process takes, how late its event loop is, and what Temporal's client counts itself.

`expense_workflow/telemetry.py` does the same for the worker.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_HISTOGRAM,
    BufferedMetric,
    BufferedMetricUpdate,
    MetricBuffer,
)

from bot.telemetry.instruments import Counter, Gauges, Histogram, Instruments, Labels

LAG_SECONDS = 0.5
_LATE_BY = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
# Temporal's are from a call of a millisecond to an activity that waits for days.
_TEMPORAL_WITHIN = (
    *(0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0),
    *(2.0, 5.0, 10.0, 60.0, 600.0, 3600.0),
)
_PAGE = resource.getpagesize()


async def watch_process(meter: Meter, instruments: Instruments, buffer: MetricBuffer) -> None:
    """Measure until cancelled.

    Args:
        meter: the SDK's, for what is counted seldom.
        instruments: for the rest.
        buffer: what Temporal's client writes to.
    """
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
    temporal = TemporalMetrics(instruments)
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        lag.record(max(0.0, loop.time() - due))
        for update in buffer.retrieve_updates():
            temporal.take(update)


def _observing(read: Callable[[], float]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: [Observation(read())]


def _memory() -> float:
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class TemporalMetrics:
    """Hands on what Temporal's core counts.

    temporalio's own `MetricsExporter` tells metrics and labels apart by their address in memory,
    and so mixes them up (measured, temporalio 1.35).
    """

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._takers: dict[str, Callable[[float, Iterable[tuple[str, str]]], None]] = {}

    def take(self, update: BufferedMetricUpdate) -> None:
        """Count one value."""
        metric = update.metric
        taker = self._takers.get(metric.name)
        if taker is None:
            taker = self._takers[metric.name] = self._taker(metric)
        taker(update.value, ((name, str(of)) for name, of in update.attributes.items()))

    def _taker(self, metric: BufferedMetric) -> Callable[[float, Iterable[tuple[str, str]]], None]:
        about, unit = metric.description or "", metric.unit or ""
        if metric.kind == BUFFERED_METRIC_KIND_COUNTER:
            counter = Counter(metric.name, about, None, unit)
            self._instruments.append(counter)
            return lambda value, labels: counter.add(*labels, amount=value)
        if metric.kind == BUFFERED_METRIC_KIND_HISTOGRAM:
            histogram = Histogram(metric.name, about, _TEMPORAL_WITHIN, None, unit)
            self._instruments.append(histogram)
            return lambda value, labels: histogram.record(value, *labels)
        points: dict[Labels, float] = {}
        self._instruments.append(
            Gauges(metric.name, about, lambda: list(points.items()), None, unit)
        )
        return lambda value, labels: points.update({tuple(labels): value})
