"""A receiver of traces, to which the programs push theirs as OTLP over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

from tests.support.stopwatch import PATIENCE


@dataclass
class Span:
    """A span as it was pushed; its ids are hex, as in a `traceparent`."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    links: list[tuple[str, str]]
    attributes: dict[str, str]
    events: list[str]
    failed: bool


@dataclass
class Receiver:
    """What was pushed until now."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    pushed: bytes = b""
    # The headers of a payment, as it takes those, too.
    paid: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The settings of a program that pushes its traces here, soon."""
        return {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{self.url}/v1/traces",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }

    async def until(self, look: Callable[[], list[Span]]) -> Span:
        """Wait until a look finds spans, and return the first."""
        async with asyncio.timeout(PATIENCE):
            while not (found := look()):
                await asyncio.sleep(0.05)
        return found[0]

    async def one(self, name: str, trace: str = "", **attributes: str) -> Span:
        """Wait for a span with a name, of a trace or of any."""
        return await self.until(
            lambda: [
                span
                for span in self.spans
                if span.name == name
                and trace in ("", span.trace)
                and attributes.items() <= span.attributes.items()
            ]
        )

    async def ancestry(self, span: Span) -> list[str]:
        """Return the names of a span and of what it is in, up to the root of its trace."""
        names = [span.name]
        while parent := span.parent:
            span = await self.until(lambda: [one for one in self.spans if one.id == parent])
            names.append(span.name)
        return names

    def take(self, body: bytes) -> None:
        """Read what a program pushes."""
        self.pushed += body
        for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {one.key: one.value.string_value for one in of_resource.resource.attributes}
            for scope in of_resource.scope_spans:
                self.spans += [_read(about["service.name"], span) for span in scope.spans]


def _read(service: str, span: SpanMessage) -> Span:
    return Span(
        service=service,
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        links=[(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
        attributes={
            one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes
        },
        events=[event.name for event in span.events],
        failed=span.status.code == span.status.STATUS_CODE_ERROR,
    )


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()

    async def take(request: web.Request) -> web.Response:
        receiver.take(await request.read())
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    async def pay(request: web.Request) -> web.Response:
        receiver.paid = request.headers
        return web.json_response({"status": "paid"})

    app = web.Application()
    app.router.add_post("/pay", pay)
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        receiver.url = "http://{}:{}".format(*runner.addresses[0])
        yield receiver
    finally:
        await runner.cleanup()
