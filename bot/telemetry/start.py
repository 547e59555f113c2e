"""Starts to measure and to trace, each if that is on; otherwise nothing of it is imported."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from temporalio.client import Interceptor
from temporalio.runtime import MetricBuffer

from bot.database.expenses import OnStep
from bot.domain.expense import Expense
from bot.telemetry.setup import is_pushed

if TYPE_CHECKING:
    from bot.telemetry.metrics import Metrics
    from bot.telemetry.traces import Traces


@dataclass
class Telemetry:
    """What is on, and what the parts of a bot need for it."""

    metrics: "Metrics | None" = None
    traces: "Traces | None" = None
    # Called after each committed step.
    on_step: list[OnStep] = field(default_factory=list)
    # What counts and traces what Temporal's client does.
    temporal: MetricBuffer | None = None
    interceptors: Sequence[Interceptor] = ()
    # Returns where we are, for the row of an expense; None if nobody is to know.
    traceparent: Callable[[], str | None] = lambda: None
    # What surrounds a delivery.
    delivering: Callable[[Expense], AbstractContextManager[object]] = nullcontext


async def start_telemetry(host: str, port: int | None, opened: AsyncExitStack) -> Telemetry:
    """Measure and trace until what is opened is closed, if somebody has asked for it.

    Args:
        host: the address on which /metrics listens.
        port: its port; 0 for a free one, None for none.
        opened: what ends with the bot.

    Raises:
        SettingsError: another program listens there, or a variable of OTEL_* is wrong.
    """
    telemetry = Telemetry()
    if port is not None or is_pushed("metrics"):
        from bot.telemetry.metrics import measuring

        telemetry.metrics = metrics = await opened.enter_async_context(measuring(host, port))
        telemetry.on_step.append(metrics.steps.count)
        telemetry.temporal = metrics.temporal
    if is_pushed("traces"):
        from bot.telemetry.spans import traceparent
        from bot.telemetry.traces import tracing

        telemetry.traces = traces = await opened.enter_async_context(tracing())
        telemetry.on_step.append(traces.note)
        telemetry.interceptors = (traces.interceptor,)
        telemetry.traceparent, telemetry.delivering = traceparent, traces.delivering
    return telemetry
