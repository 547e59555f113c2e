"""What the spans of the bot have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from bot.domain.expense import Expense

TRACEPARENT = "traceparent"
propagator = TraceContextTextMapPropagator()


@contextmanager
def spanning(tracer: Tracer, name: str, kind: SpanKind, **given: Any) -> Iterator[Span]:
    """Make a span of the body; of an error it has the type, and never the words."""
    with tracer.start_as_current_span(
        name, kind=kind, record_exception=False, set_status_on_exception=False, **given
    ) as span:
        try:
            yield span
        except Exception as error:
            fail(span, type(error).__qualname__)
            raise


def fail(span: Span, kind: str) -> None:
    """Note that what a span stands for has failed."""
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def note_status(span: Span, status: int, least: int) -> None:
    """Note a status of HTTP; it is an error from the least one on."""
    span.set_attribute("http.response.status_code", status)
    if status >= least:
        fail(span, str(status))


def link(span: Span, expense: Expense) -> None:
    """Link a span to the last step that a person took, unless that is in the same trace."""
    carrier = {TRACEPARENT: expense.traceparent or ""}
    step = trace.get_current_span(propagator.extract(carrier, Context())).get_span_context()
    if not step.is_valid or step.trace_id == span.get_span_context().trace_id:
        return
    linked = span.links if isinstance(span, ReadableSpan) else ()
    if all(one.context != step for one in linked):
        span.add_link(step, {"expense.id": expense.id})


def traceparent() -> str | None:
    """Return where we are, as W3C writes it; None if that is in no span."""
    carrier: dict[str, str] = {}
    propagator.inject(carrier)
    return carrier.get(TRACEPARENT)
