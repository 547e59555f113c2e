"""What a receiver sees of a bot whose workers send nothing, and what never leaves the bot."""

from pathlib import Path

import aiohttp
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import Client

from bot.telemetry.traces import Traces
from tests.delivery.test_scheduler import APPROVE, QUICK
from tests.support.claims import expense
from tests.support.house import KEY, MINA, house
from tests.support.plain_worker import plain_worker
from tests.support.spans import receiving

STEP = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_with_a_worker_that_sends_nothing_each_call_names_the_step_before(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with receiving() as receiver:
        settings = {**receiver.variables, "EXPENSE_PAYMENT_URL": f"{receiver.url}/pay?key=hidden"}
        settings["EXPENSE_PAYMENT_KEY"] = "the payment system's"
        async with (
            house(
                temporal_client, task_queue, tmp_path, worker=False, timing=QUICK, **settings
            ) as h,
            plain_worker(h.temporal, h.task_queue, h.bot_url, KEY),
            aiohttp.ClientSession() as stranger,
        ):
            async with stranger.get(f"{h.bot_url}/status", params={"id": "a stranger's"}) as no:
                assert no.status == 401
            expense_id = await h.submit()
            assert (await h.slack.click(MINA, h.message(expense_id), APPROVE)).ok
            assert await h.workflow(expense_id).result() == "COMPLETED"
            submission = await receiver.one("command /expense")
            click = await receiver.one("block_actions approve_expense")
            created = await receiver.one("GET /create", **{"expense.id": expense_id})
            paid = await receiver.one("GET /action", **{"expense.id": expense_id})
            payment = await receiver.one("POST payment system", paid.trace)
        submitted, decided = (submission.trace, submission.id), (click.trace, click.id)
        assert (created.parent, created.links) == ("", [submitted])
        assert click.links == [submitted]
        assert (paid.parent, paid.links) == ("", [decided])
        # The payment system can go on with it.
        assert receiver.paid["traceparent"].startswith(f"00-{payment.trace}-{payment.id}-")
        assert {span.service for span in receiver.spans} == {"expense-bot"}
        for secret in (b"stranger", b"hidden", KEY.encode(), MINA.id.encode(), b"Team lunch"):
            assert secret not in receiver.pushed


@pytest.fixture
def seen() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(seen: InMemorySpanExporter) -> Traces:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(seen))
    return Traces(provider.get_tracer("tests"))


@pytest.mark.parametrize("stored", [None, "", "nonsense", STEP])
def test_a_delivery_that_comes_later_names_the_step_that_it_delivers(
    traces: Traces, seen: InMemorySpanExporter, stored: str | None
) -> None:
    with traces.delivering(expense(traceparent=stored)):
        pass
    [span] = seen.get_finished_spans()
    assert span.parent is None
    linked = [f"{one.context.trace_id:032x}-{one.context.span_id:016x}" for one in span.links]
    assert linked == ([STEP[3:-3]] if stored == STEP else [])


def test_what_follows_at_once_is_a_child_and_is_not_linked_as_well(
    traces: Traces, seen: InMemorySpanExporter
) -> None:
    with traces.delivering(expense()), traces.delivering(expense()):
        pass
    inner, outer = seen.get_finished_spans()
    assert inner.parent
    assert inner.parent.span_id == outer.context.span_id


def test_the_words_of_an_error_are_not_told(traces: Traces, seen: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError), traces.delivering(expense()):  # noqa: PT011
        raise ValueError("what somebody wrote")
    [span] = seen.get_finished_spans()
    assert not span.status.is_ok
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert "wrote" not in span.to_json()
