"""How Slack, the worker and the database are served, in numbers."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.database.engine.connection import Database, Source
from bot.database.engine.statements import Given, Rows, Statement
from bot.slack.errors import MEANING, RATE_LIMITS
from bot.slack.web_client import LimitedClient
from bot.telemetry.instruments import Gauges, Histogram, Instruments, Values
from bot.web.slack_endpoint import SLACK_EVENTS

# Slack waits for 3 s, and 1.5 s is when somebody should look.
_ANSWERED_WITHIN = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3)
_CALLED_WITHIN = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_QUERIED_WITHIN = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_KINDS = {"block_actions", "view_submission", "event_callback"}
# Others may be made up by strangers.
_METHODS = {"GET", "HEAD", "POST"}
_API_METHOD = re.compile(r"/api/([a-z]+(?:\.[A-Za-z]+)+)$")
_REFUSED = re.compile(rb'"ok":\s*false')
_WORD = re.compile(rb'"error":\s*"(\w+)"')
# An answer that is longer is none that refuses.
_LONGEST_REFUSAL = 4096

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def respond(
    request: web.Request, handler: Handler, note: Callable[[int], None], *, unanswered: int
) -> web.StreamResponse:
    """Answer a request, and note the status that its caller gets.

    Args:
        request: what is asked.
        handler: answers it.
        note: is called with the status of HTTP, also if the handler raises.
        unanswered: what is noted if there is no answer.
    """
    status = unanswered
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        note(status)


class Requests:
    """Measures what Slack and workers ask, until they have their answer."""

    def __init__(self, instruments: Instruments) -> None:
        self._slack = Histogram(
            "slack.acknowledgement.duration",
            "Time until Slack had its answer",
            _ANSWERED_WITHIN,
            ("kind", "status"),
        )
        self._http = Histogram(
            "http.server.request.duration",
            "Time to answer requests over HTTP, but for Slack's",
            _ANSWERED_WITHIN,
            ("http.request.method", "http.route", "http.response.status_code"),
        )
        self._asked_at: float | None = None
        last = Gauges(
            "slack.last_request.timestamp",
            "When Slack sent its last request",
            lambda: [((), self._asked_at)] if self._asked_at else [],
            unit="s",
        )
        instruments += self._slack, self._http, last

    def watch(self, slack_app: AsyncApp, app: web.Application) -> None:
        """Measure what comes from Slack, by HTTP or Socket Mode, and what workers ask."""
        answer = slack_app.async_dispatch

        async def dispatch(req: AsyncBoltRequest) -> BoltResponse:
            began = time.perf_counter()
            self._asked_at = time.time()
            response = await answer(req)
            kind = "command" if "command" in req.body else req.body.get("type")
            named = kind if kind == "command" or kind in _KINDS else "other"
            self._slack.record(time.perf_counter() - began, named, str(response.status))
            return response

        slack_app.async_dispatch = dispatch  # type: ignore[method-assign]
        app.middlewares.insert(0, self._measure)

    @web.middleware
    async def _measure(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == SLACK_EVENTS:
            return await handler(request)  # measured as Slack's, and a click should cost little
        began = time.perf_counter()

        def note(status: int) -> None:
            resource = request.match_info.route.resource
            self._http.record(
                time.perf_counter() - began,
                request.method if request.method in _METHODS else "_OTHER",
                resource.canonical if resource else "other",
                str(status),
            )

        # 499 if the caller hangs up before the answer.
        return await respond(request, handler, note, unanswered=499)


class SlackCalls:
    """Measures calls of Slack's Web API."""

    def __init__(self, instruments: Instruments, client: LimitedClient) -> None:
        self._duration = Histogram(
            "slack.client.request.duration",
            "Time until Slack had answered a call of its Web API",
            _CALLED_WITHIN,
            ("method", "error"),
        )
        instruments += (
            self._duration,
            Gauges(
                "slack.client.waiting",
                "Calls whose turn comes later, by Slack's rate limit",
                lambda: (((method,), count) for method, count in client.limiter.waiting().items()),
                ("method",),
                "{call}",
            ),
        )

    def watch(self, session: aiohttp.ClientSession) -> None:
        """Measure what goes over a session to Slack."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._begin)
        trace.on_request_end.append(self._end)
        trace.on_request_exception.append(self._fail)
        trace.freeze()
        session.trace_configs.append(trace)

    async def _begin(self, _: Any, call: SimpleNamespace, __: Any) -> None:
        call.began = time.perf_counter()

    async def _end(
        self, _: Any, call: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        try:
            error = error_in(ended.response.status, await ended.response.read())
        except (aiohttp.ClientError, TimeoutError):
            self._record(call, ended.url.path, "no_answer")
            raise
        self._record(call, ended.url.path, error)

    async def _fail(
        self, _: Any, call: SimpleNamespace, failed: aiohttp.TraceRequestExceptionParams
    ) -> None:
        self._record(call, failed.url.path, "no_answer")

    def _record(self, call: SimpleNamespace, path: str, error: str) -> None:
        method = found[1] if (found := _API_METHOD.search(path)) else "response_url"
        self._duration.record(time.perf_counter() - call.began, method, error)


def error_in(status: int, answer: bytes) -> str:
    """Return Slack's word for why it has refused a call, or "none"."""
    if status == 429:
        return "ratelimited"
    if status >= 400:
        return f"http_{status}"
    if len(answer) > _LONGEST_REFUSAL or not _REFUSED.search(answer):
        return "none"
    found = _WORD.search(answer)
    word = found[1].decode() if found else ""
    return word if word in MEANING or word in RATE_LIMITS else "other"


class Queries:
    """Measures what is asked of the database."""

    def __init__(self, instruments: Instruments, database: Database) -> None:
        self._duration = Histogram(
            "db.client.operation.duration",
            "Time for a statement or a transaction, with the wait for a connection",
            _QUERIED_WITHIN,
            ("operation",),
        )

        def connections() -> Values:
            used, idle, _ = database.connections()
            return [(("used",), used), (("idle",), idle)]

        instruments += (
            self._duration,
            Gauges(
                "db.client.connection.count",
                "Connections to the database",
                connections,
                ("state",),
                "{connection}",
            ),
            Gauges(
                "db.client.connection.max",
                "How many connections to the database there may be",
                lambda: [((), database.connections()[2])],
                unit="{connection}",
            ),
        )
        database.measure(lambda source: cast(Source, _Timed(source, self._duration)))


class _Timed:
    """A source of connections whose statements and transactions are timed."""

    def __init__(self, source: Source, duration: Histogram) -> None:
        self._source = source
        self._duration = duration
        self.execute_on = source.execute_on
        self.now = source.now
        self.set_clock = source.set_clock
        self.connections = source.connections
        self.close = source.close

    async def execute_each(
        self, statements: Sequence[Statement], all_given: Sequence[Given]
    ) -> Rows:
        began = time.perf_counter()
        try:
            return await self._source.execute_each(statements, all_given)
        finally:
            self._duration.record(time.perf_counter() - began, "statement")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        began = time.perf_counter()
        try:
            async with self._source.transaction() as connection:
                yield connection
        finally:
            self._duration.record(time.perf_counter() - began, "transaction")
