"""How metrics get out, and which settings say so; the worker's are read in the same way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from bot.domain.errors import SettingsError
from bot.domain.health.findings import Level
from bot.telemetry import setup as of_bot
from bot.telemetry.export import FAREWELL_SECONDS, exporting
from bot.telemetry.instruments import Counter, Histogram, Instruments
from bot.telemetry.receivers import look_at_receivers
from expense_workflow import telemetry as of_worker
from expense_workflow.settings import Settings as WorkerSettings
from expense_workflow.settings import SettingsError as WorkerError
from tests.support.stopwatch import PATIENCE, Stopwatch

each = pytest.mark.parametrize("side", [of_bot, of_worker], ids=["bot", "worker"])
FAILED = "Failed to export metrics batch"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, asyncio.Queue[ExportMetricsServiceRequest]]]:
    """Take what is pushed, as a collector does."""
    taken: asyncio.Queue[ExportMetricsServiceRequest] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf"
        await taken.put(ExportMetricsServiceRequest.FromString(await request.read()))
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/metrics", take)
    async with TestServer(app) as server:
        yield str(server.make_url("")), taken


def read(
    pushed: ExportMetricsServiceRequest,
) -> tuple[dict[str, str], dict[str, object]]:
    """Return what the sender says of itself, and its metrics by name."""
    [sent] = pushed.resource_metrics
    about = {pair.key: pair.value.string_value for pair in sent.resource.attributes}
    metrics = {metric.name: metric for scope in sent.scope_metrics for metric in scope.metrics}
    return about, metrics


async def test_a_bot_pushes_what_it_has_and_again_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiver() as (url, taken):
        monkeypatch.setenv(ENDPOINT, url)
        monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "20")
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=trial")
        instruments = Instruments()
        counter = Counter("tea.cups", "Cups of tea", ("kind",), "{cup}")
        histogram = Histogram("tea.duration", "Time for tea", (0.5, 1.5))
        instruments += counter, histogram
        async with exporting(instruments, "127.0.0.1", None) as provider, asyncio.timeout(PATIENCE):
            provider.get_meter("tests").create_counter("of.the.sdk").add(1)
            counter.add("green")
            histogram.record(1.0)
            while "tea.cups" not in (metrics := read(await taken.get())[1]):
                pass
            counter.add("green", amount=2)
        while not taken.empty():
            about, metrics = read(taken.get_nowait())
    assert about["service.name"] == "expense-bot"
    assert about["deployment.environment.name"] == "trial"
    assert about["service.instance.id"]
    cups, duration = metrics["tea.cups"], metrics["tea.duration"]
    [point] = cups.sum.data_points
    assert (cups.unit, point.as_int, cups.sum.is_monotonic) == ("{cup}", 3, True)
    assert [(pair.key, pair.value.string_value) for pair in point.attributes] == [("kind", "green")]
    [point] = duration.histogram.data_points
    assert (point.count, point.sum, list(point.bucket_counts)) == (1, 1.0, [0, 1, 0])


async def test_a_worker_pushes_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as (url, taken):
        monkeypatch.setenv(ENDPOINT, url)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "our-worker")
        settings = WorkerSettings()
        async with of_worker.exporting(settings) as provider:
            provider.get_meter("tests").create_counter("of.the.sdk").add(1)
            await asyncio.to_thread(provider.force_flush)
        about, metrics = read(taken.get_nowait())
    assert about["service.name"] == "our-worker"
    assert set(metrics) == {"of.the.sdk"}


async def test_a_receiver_that_is_away_is_told_and_delays_no_end(
    monkeypatch: pytest.MonkeyPatch, closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "20")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    async with exporting(Instruments(), "127.0.0.1", None) as provider:
        provider.get_meter("tests").create_counter("of.the.sdk").add(1)
        async with asyncio.timeout(PATIENCE):
            # The thread that pushes may come first, and say that it is too early.
            while not (failed := [one for one in caplog.records if FAILED in one.getMessage()]):
                await asyncio.sleep(0.01)
        watch = Stopwatch()
    assert watch.seconds < FAREWELL_SECONDS + 1
    assert not failed[0].exc_info


async def test_the_check_says_whether_a_receiver_takes_what_is_pushed(
    monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    assert await look_at_receivers() == []
    async with receiver() as (url, taken):
        monkeypatch.setenv(ENDPOINT, url)
        metrics, traces = await look_at_receivers()
        assert (metrics.level, metrics.what) == (
            Level.OK,
            f"metrics are taken where {ENDPOINT} says",
        )
        assert taken.qsize() == 1
    assert (traces.level, "answers 404" in traces.what) == (Level.WARNING, True)
    monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    [away] = await look_at_receivers()
    assert (away.level, "does not answer (Connect call failed" in away.what) == (
        Level.WARNING,
        True,
    )
    assert ENDPOINT in away.do
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "prometheus")
    [nonsense] = await look_at_receivers()
    assert (nonsense.level, "write otlp or none" in nonsense.what) == (Level.ERROR, True)


async def test_a_port_that_is_taken_is_named(closed_port: int) -> None:
    words = f"^EXPENSE_METRICS_PORT {closed_port} cannot be listened on: Address already in use"
    settings = WorkerSettings(metrics_port=closed_port)
    async with exporting(Instruments(), "127.0.0.1", closed_port):
        with pytest.raises(SettingsError, match=words):
            async with exporting(Instruments(), "127.0.0.1", closed_port):
                pass
        with pytest.raises(WorkerError, match=words):
            async with of_worker.exporting(settings):
                pass


@each
@pytest.mark.parametrize(
    ("variables", "is_on"),
    [
        ({}, False),
        ({ENDPOINT: ""}, False),
        ({ENDPOINT: "https://otlp.example.com"}, True),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://localhost:4318/v1/metrics"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, False),
        ({"OTEL_METRICS_EXPORTER": "otlp"}, True),
        ({ENDPOINT: "http://localhost:4318", "OTEL_METRICS_EXPORTER": "none"}, False),
        ({ENDPOINT: "http://localhost:4318", "OTEL_SDK_DISABLED": "true"}, False),
        (
            {ENDPOINT: "http://localhost:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
            True,
        ),
    ],
)
def test_pushing_is_on_if_the_environment_says_so(
    side: ModuleType, variables: dict[str, str], is_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert side.is_pushed("metrics") is is_on


@each
@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"OTEL_METRICS_EXPORTER": "prometheus"}, "OTEL_METRICS_EXPORTER"),
        ({ENDPOINT: "localhost:4318"}, ENDPOINT),
        (
            {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "collector"},
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        ),
        (
            {ENDPOINT: "http://localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    side: ModuleType, variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises((SettingsError, WorkerError), match=f"^{named} (is wrong|must be)"):
        side.is_pushed("metrics")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPENSE_METRICS_PORT", "99999"),
        ("EXPENSE_METRICS_PORT", "nine"),
        ("EXPENSE_METRICS_HOST", "localhost"),
    ],
)
def test_the_worker_names_a_wrong_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WorkerError, match=f"^{name} must be "):
        WorkerSettings.from_environment()
