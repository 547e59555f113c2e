"""Traces: what a request of Slack's or of a worker has led to, span by span.

What follows at once is a child, also in another task, which inherits the context of who began it.
What comes later, often in another process, is linked to the last step that a person took, whose
context is in the expense's row. What comes from outside is in spans neither as a value nor in the
words of an error.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
from aiohttp import web
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Tracer
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot import logs
from bot.domain.audit_events import Event
from bot.domain.expense import Expense, State
from bot.telemetry.calls import Calls, TemporalCalls
from bot.telemetry.setup import resource
from bot.telemetry.spans import link, note_status, propagator, spanning
from bot.telemetry.traffic import Handler, respond

# A receiver that is away holds the end of the process up no longer.
FAREWELL_SECONDS = 1.0


@asynccontextmanager
async def tracing() -> AsyncIterator["Traces"]:
    """Push the spans of a bot until the end, and then those that are left."""
    # Of each try that fails; the error that follows the last one is enough.
    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
    provider = TracerProvider(resource=resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    handlers = logging.getLogger().handlers
    for handler in handlers:
        handler.addFilter(_name_trace)
    try:
        yield Traces(provider.get_tracer("bot"))
    finally:
        for handler in handlers:
            handler.removeFilter(_name_trace)
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, FAREWELL_SECONDS)


def _name_trace(record: logging.LogRecord) -> bool:
    """Have a line of the log name the trace to which it belongs."""
    here = trace.get_current_span().get_span_context()
    if here.is_valid:
        record.trace_id = trace.format_trace_id(here.trace_id)
    return True


class Traces:
    """Makes the spans of one bot.

    Attributes:
        interceptor: makes those of Temporal's client.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self.interceptor = TemporalCalls(tracer)

    @contextmanager
    def delivering(self, expense: Expense) -> Iterator[None]:
        """Make a span of a delivery, which is a child of the step that it follows at once."""
        with spanning(
            self._tracer,
            "deliver expense",
            SpanKind.INTERNAL,
            attributes={"expense.id": expense.id},
        ) as span:
            link(span, expense)
            yield

    def note(
        self, before: Expense | None, after: Expense, event: Event, actor: str, to: State | None
    ) -> None:
        """Note a committed step in its span, and link that to the step before if it is elsewhere.

        The arguments are those of `ExpenseStore`'s `on_step`.
        """
        span = trace.get_current_span()
        if span.is_recording():
            span.set_attribute("expense.id", after.id)
            span.add_event(f"expense.{event.stored_as}", {"expense.state": after.state})
            if before:
                link(span, before)

    def begin(
        self,
        to_slack: aiohttp.ClientSession,
        to_payments: aiohttp.ClientSession,
        slack_app: AsyncApp,
        app: web.Application,
        calls: set[tuple[str, str]],
    ) -> None:
        """Trace the parts of a bot, before the first of them is used.

        Args:
            to_slack: the connections to Slack.
            to_payments: the connections to the payment system.
            slack_app: answers Slack's requests.
            app: answers workers.
            calls: those of workers, each by its method and its path.
        """
        to_slack.trace_configs.append(Calls(self._tracer, "").config())
        to_payments.trace_configs.append(Calls(self._tracer, "payment system").config())
        answer = slack_app.async_dispatch

        async def dispatch(req: AsyncBoltRequest) -> BoltResponse:
            name = _name_of(req.body)
            with spanning(self._tracer, name, SpanKind.SERVER, context=Context()) as span:
                response = await answer(req)
                note_status(span, response.status, 500)
                return response

        slack_app.async_dispatch = dispatch  # type: ignore[method-assign]

        @web.middleware
        async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
            if (request.method, request.path) in calls:
                return await self._serve(request, handler)
            return await handler(request)

        app.middlewares.insert(0, serve)

    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        method, route = request.method, request.path
        span = self._tracer.start_span(
            f"{method} {route}",
            propagator.extract(request.headers, Context()),
            SpanKind.SERVER,
            {"http.request.method": method, "http.route": route},
        )

        def note(status: int) -> None:
            # The spans of strangers are not told: there may be any number of them.
            if status not in (401, 403):
                note_status(span, status, 500)
                _note_names(span)
                span.end()

        with trace.use_span(span, record_exception=False, set_status_on_exception=False):
            return await respond(request, handler, note, unanswered=500)


def _name_of(body: Mapping[str, Any]) -> str:
    """Name what Slack sends by what it is for."""
    match body:
        case {"command": str(name)}:
            return f"command {name}"
        case {"type": "block_actions", "actions": [{"action_id": str(name)}, *_]}:
            return f"block_actions {name}"
        case {"type": "view_submission", "view": {"callback_id": str(name)}}:
            return f"view_submission {name}"
        case {"type": "event_callback", "event": {"type": str(name)}}:
            return f"event_callback {name}"
    return "other"


def _note_names(span: Span) -> None:
    """Give a span the names that lines of the log have."""
    known = logs.known()
    for attribute, name in (("expense.id", "expense_id"), ("temporalWorkflowID", "workflow_id")):
        if value := known.get(name):
            span.set_attribute(attribute, value)
