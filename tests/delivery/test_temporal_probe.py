"""What the bot finds out about a real Temporal server before an expense waits for it."""

import asyncio

import grpc
import pytest
from cryptography.fernet import Fernet
from temporalio.api.common.v1 import ActivityType
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure, ServerFailureInfo
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client

from bot.delivery.activity_outcome import CREATE_ACTIVITY, PAYMENT_ACTIVITY, WAIT_ACTIVITY
from bot.delivery.payload_codec import load_converter
from bot.delivery.temporal import WORKFLOW
from bot.delivery.temporal_probe import look_at_temporal
from bot.delivery.workflow_probe import is_failing, words_of
from bot.domain.health.findings import Level
from expense_workflow.worker import running_worker
from tests.support.stopwatch import PATIENCE


async def test_a_worker_that_polls_is_seen_and_one_that_does_not_is_missed(
    temporal_client: Client, task_queue: str
) -> None:
    [missing] = await look_at_temporal(temporal_client, task_queue)
    assert (missing.level, missing.comes_later) == (Level.ERROR, True)
    assert f"no worker polls the task queue {task_queue}" in missing.what
    assert "EXPENSE_TASK_QUEUE" in missing.do
    async with running_worker(temporal_client, task_queue):
        found = await look_at_temporal(temporal_client, task_queue)
        while found[0].level is Level.ERROR:
            found = await look_at_temporal(temporal_client, task_queue)
    assert [finding.level for finding in found] == [Level.OK]


async def test_a_namespace_that_is_not_there_is_named(
    temporal_address: str, task_queue: str
) -> None:
    client = await Client.connect(temporal_address, namespace="nowhere", lazy=True)
    [finding] = await look_at_temporal(client, task_queue)
    assert finding.level is Level.ERROR
    assert "has no namespace nowhere (NOT_FOUND: Namespace nowhere is not found.)" in finding.what
    assert "TEMPORAL_NAMESPACE" in finding.do


async def test_a_server_that_is_not_there_is_named(closed_port: int, task_queue: str) -> None:
    client = await Client.connect(f"127.0.0.1:{closed_port}", lazy=True)
    [finding] = await look_at_temporal(client, task_queue)
    assert finding.level is Level.ERROR
    assert f"127.0.0.1:{closed_port} does not answer (" in finding.what
    assert "TEMPORAL_ADDRESS" in finding.do


async def test_tls_that_fails_is_told_from_a_server_that_is_away(
    temporal_address: str, task_queue: str
) -> None:
    client = await Client.connect(temporal_address, tls=True, lazy=True)
    [finding] = await look_at_temporal(client, task_queue)
    assert "does not answer (TLS: InvalidMessage(InvalidContentType))" in finding.what
    assert "TEMPORAL_TLS_*" in finding.do


@pytest.mark.parametrize(
    ("has_bot", "has_worker", "words"),
    [
        (True, False, "the worker cannot go on with {} ("),
        (False, True, "what the worker records of {} cannot be decoded ("),
        (True, True, ""),
    ],
)
async def test_a_codec_that_only_one_of_bot_and_worker_has_is_noticed(
    temporal_client: Client,
    task_queue: str,
    monkeypatch: pytest.MonkeyPatch,
    closed_port: int,
    *,
    has_bot: bool,
    has_worker: bool,
    words: str,
) -> None:
    monkeypatch.setenv("PAYLOAD_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("EXPENSE_SERVER_URL", f"http://127.0.0.1:{closed_port}")

    def client(*, has_codec: bool) -> Client:
        converter = load_converter("docs.payload_codec:EncryptedPayloads" if has_codec else None)
        service = temporal_client.service_client
        return Client(service, namespace=temporal_client.namespace, data_converter=converter)

    bot, name = client(has_codec=has_bot), f"expense_{task_queue}"
    async with running_worker(client(has_codec=has_worker), task_queue):
        handle = await bot.start_workflow(WORKFLOW, "e-1", id=name, task_queue=task_queue)
        async with asyncio.timeout(PATIENCE):
            # It has one look by the worker behind it, and is listed a moment later.
            while [event async for event in handle.fetch_history_events()][-1].event_id < 4:
                await asyncio.sleep(0.05)
            found = await look_at_temporal(bot, task_queue)
            while words and len(found) < 2:
                await asyncio.sleep(0.05)
                found = await look_at_temporal(bot, task_queue)
    await handle.terminate()
    assert [finding.what.partition("(")[0] + "(" for finding in found[1:]] == (
        [words.format(name)] if words else []
    )
    for finding in found[1:]:
        assert "the same EXPENSE_PAYLOAD_CODEC with the same keys" in finding.do
        assert finding.comes_later


@pytest.mark.parametrize(
    ("kind", "attempt", "fails"),
    [
        (CREATE_ACTIVITY, 4, True),
        (WAIT_ACTIVITY, 9, True),
        (WAIT_ACTIVITY, 2, False),
        (PAYMENT_ACTIVITY, 9, False),  # there are findings about payments
    ],
)
def test_a_worker_that_does_not_reach_the_bot_for_a_while_is_told_from_a_restart(
    kind: str, attempt: int, *, fails: bool
) -> None:
    activity = PendingActivityInfo(activity_type=ActivityType(name=kind), attempt=attempt)
    assert not is_failing(activity)  # it has only waited
    activity.last_failure.message = "401"
    assert is_failing(activity) is fails


async def test_a_failure_that_temporal_has_cut_is_told_in_the_worker_s_words(
    temporal_client: Client,
) -> None:
    kept = Failure(message="no bot answers", application_failure_info=ApplicationFailureInfo())
    cut = Failure(
        message="Failure exceeds size limit.",
        server_failure_info=ServerFailureInfo(),
        cause=kept,
    )
    assert await words_of(temporal_client, cut) == "no bot answers"


class Gatekeeper(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Lets nobody in, from some call on, as Temporal Cloud does with a key that has expired."""

    def __init__(self, code: grpc.StatusCode, *, at_once: bool) -> None:
        self._code = code
        self._at_once = at_once

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        is_greeting = details.method.endswith("/GetSystemInfo")
        call = self._greet if is_greeting and not self._at_once else self._refuse
        return grpc.unary_unary_rpc_method_handler(call)

    async def _greet(self, request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        return b""

    async def _refuse(self, request: bytes, context: grpc.aio.ServicerContext) -> None:
        await context.abort(self._code, "Jwt is expired")


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("code", ["UNAUTHENTICATED", "PERMISSION_DENIED"])
async def test_a_key_that_has_expired_is_told_from_a_server_that_is_away(
    task_queue: str, code: str, *, at_once: bool
) -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Gatekeeper(grpc.StatusCode[code], at_once=at_once),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    client = await Client.connect(f"127.0.0.1:{port}", lazy=True)
    [finding] = await look_at_temporal(client, task_queue)
    await server.stop(None)
    assert "does not let the bot into namespace default" in finding.what
    assert "Jwt is expired)" in finding.what
    assert "TEMPORAL_API_KEY" in finding.do
