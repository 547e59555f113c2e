"""What the bot finds out about a real Temporal server before an expense waits for it."""

import grpc
import pytest
from temporalio.client import Client

from bot.delivery.temporal_probe import look_at_temporal
from bot.domain.findings import Level
from expense_workflow.worker import running_worker


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
