"""The worker's spans, made by temporalio's interceptor and pushed; imported only if that is on."""

import logging
import threading
from collections.abc import Mapping, Sequence

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio.contrib.opentelemetry import TracingInterceptor

from expense_workflow.telemetry import FAREWELL_SECONDS, described

_TRACEPARENT = "traceparent"
# All that is told of an error.
_KIND = "exception.type"
_propagator = TraceContextTextMapPropagator()


class Spans:
    """Makes the spans of one worker.

    Attributes:
        interceptor: makes them, for Temporal's client.
    """

    def __init__(self) -> None:
        # Of each try that fails; the error that follows the last one is enough.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
        self._provider = TracerProvider(resource=described(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(_Exporter()))
        self.interceptor = TracingInterceptor(self._provider.get_tracer("expense_workflow"))
        self._handlers = logging.getLogger().handlers[:]
        for handler in self._handlers:
            handler.addFilter(_name_trace)

    def headers(self) -> dict[str, str]:
        """Return the header that tells where in a trace we are, if we are in one."""
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier

    def follow(self, metadata: Mapping[str, bytes]) -> None:
        """Let what this task does from now on belong to the trace that a payload names, if any."""
        told = metadata.get(_TRACEPARENT, b"").decode(errors="replace")
        context.attach(_propagator.extract({_TRACEPARENT: told}, context.Context()))

    def end(self) -> None:
        """Push what is left."""
        for handler in self._handlers:
            handler.removeFilter(_name_trace)
        # A receiver that is away holds the end of the process up no longer.
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(FAREWELL_SECONDS)


class _Exporter(OTLPSpanExporter):
    """Keeps back the words of errors, which may have come from anywhere; the log has them."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export([_without_words(span) for span in spans])


def _without_words(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        span.name,
        span.context,
        span.parent,
        span.resource,
        span.attributes,
        [
            Event(event.name, {_KIND: (event.attributes or {}).get(_KIND, "")}, event.timestamp)
            for event in span.events
        ],
        span.links,
        span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _name_trace(record: logging.LogRecord) -> bool:
    """Have a line of the log name the trace to which it belongs."""
    here = trace.get_current_span().get_span_context()
    if here.is_valid:
        record.trace_id = trace.format_trace_id(here.trace_id)
    return True
