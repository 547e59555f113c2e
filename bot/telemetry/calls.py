"""Spans of what the bot calls: Slack, the payment system and Temporal."""

import re
from types import SimpleNamespace
from typing import Any

import aiohttp
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Tracer
from temporalio.client import (
    CompleteAsyncActivityInput,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
)
from temporalio.common import RawValue
from temporalio.converter import PayloadConverter

from bot.telemetry.spans import TRACEPARENT, fail, note_status, propagator, spanning, traceparent
from bot.telemetry.traffic import error_in

# What temporalio.contrib.opentelemetry reads in the worker.
_HEADER = "_tracer-data"
_API_PATH = re.compile(r"/api/[a-z]+(\.[A-Za-z]+)+$")


class Calls:
    """Makes spans of HTTP calls that are made within another span.

    Args:
        name: of whom is called, and told of the trace; "" for Slack, which is not told.
    """

    def __init__(self, tracer: Tracer, name: str) -> None:
        self._tracer = tracer
        self._name = name

    def config(self) -> aiohttp.TraceConfig:
        """Return what a session calls."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._begin)
        config.on_request_end.append(self._end)
        config.on_request_exception.append(self._fail)
        config.freeze()
        return config

    async def _begin(
        self, _: Any, call: SimpleNamespace, started: aiohttp.TraceRequestStartParams
    ) -> None:
        call.span = None
        if not trace.get_current_span().get_span_context().is_valid:
            return  # such as looking up names
        # The address of an answer to a click is a secret, and that of payments may have one.
        template = found[0] if (found := _API_PATH.search(started.url.path)) else ""
        call.span = self._tracer.start_span(
            f"{started.method} {self._name or template or 'response_url'}",
            kind=SpanKind.CLIENT,
            attributes={
                "http.request.method": started.method,
                "server.address": started.url.host or "",
            },
        )
        if template:
            call.span.set_attribute("url.template", template)
        if self._name:
            propagator.inject(started.headers, trace.set_span_in_context(call.span))

    async def _end(
        self, _: Any, call: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        if call.span is None:
            return
        note_status(call.span, ended.response.status, 400)
        try:
            if not self._name and (error := error_in(200, await ended.response.read())) != "none":
                fail(call.span, error)
        except (aiohttp.ClientError, TimeoutError) as error:
            fail(call.span, type(error).__qualname__)
            raise
        finally:
            call.span.end()

    async def _fail(
        self, _: Any, call: SimpleNamespace, failed: aiohttp.TraceRequestExceptionParams
    ) -> None:
        if call.span:
            fail(call.span, type(failed.exception).__qualname__)
            call.span.end()


class TemporalCalls(Interceptor):
    """Hands the context on to workflows: when they start, and with the decision."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Trace what a client does."""
        return _Outbound(next, self._tracer)


class _Outbound(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, tracer: Tracer) -> None:
        super().__init__(next)
        self._tracer = tracer

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        name, about = f"StartWorkflow:{input.workflow}", {"temporalWorkflowID": input.id}
        with spanning(self._tracer, name, SpanKind.CLIENT, attributes=about):
            [payload] = PayloadConverter.default.to_payloads([{TRACEPARENT: traceparent()}])
            input.headers = {**input.headers, _HEADER: payload}
            return await super().start_workflow(input)

    async def complete_async_activity(self, input: CompleteAsyncActivityInput) -> None:
        with spanning(self._tracer, "CompleteActivity", SpanKind.CLIENT):
            if isinstance(input.result, RawValue):
                here = (traceparent() or "").encode()
                input.result.payload.metadata[TRACEPARENT] = here
            await super().complete_async_activity(input)
