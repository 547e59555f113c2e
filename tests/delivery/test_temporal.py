"""What the bot asks of a real Temporal server."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from temporalio import activity, workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import (
    RegisterNamespaceRequest,
    ResetWorkflowExecutionRequest,
)
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RawValue
from temporalio.service import RPCError
from temporalio.worker import Worker

from bot.database.encryption import Cipher
from bot.delivery.activity_outcome import (
    PAYMENT_ACTIVITY,
    WAIT_ACTIVITY,
    Closed,
    Decided,
    Expired,
    Lost,
    NotYet,
    Outcome,
    Payment,
    Waiting,
    decide_by,
    how_it_closed,
)
from bot.delivery.proof import Proofs
from bot.delivery.task_token import read_task_token
from bot.delivery.temporal import (
    WAIT_ACTIVITY_ID,
    WINDOW_MEMO,
    WORKFLOW,
    Temporal,
    connect_temporal,
)
from bot.delivery.temporal_place import TemporalPlace
from bot.delivery.temporal_record import TemporalRecord
from bot.domain.callback import Callback, Place
from bot.domain.errors import SettingsError, TryAgain, Unproven
from bot.domain.expense import Caller, Decision, Expense, State
from bot.services.recovery import Proof
from expense_workflow import DECISION_WINDOW_MEMO
from expense_workflow import WAIT_ACTIVITY_ID as WORKERS_ID
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.support.days import by_temporal_s_clock
from tests.support.rooms import MANAGER, SECRET
from tests.support.stopwatch import PATIENCE

WINDOW = timedelta(minutes=5)
DECIDED_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def expense_id_of(callback: Callback) -> str:
    token = read_task_token(callback.task_token)
    workflow_id = callback.workflow_id or (token and token.workflow_id) or ""
    return workflow_id.removeprefix("expense_")


def decided(callback: Callback, decision: Decision) -> Expense:
    """Make an expense that somebody has decided."""
    return Expense(
        id=expense_id_of(callback),
        state=State.CREATED,
        version=2,
        created_at=DECIDED_AT,
        decision=decision,
        decided_by=MANAGER,
        decided_at=DECIDED_AT,
    )


class House:
    """A worker whose waiting activity tells the test its token, and nobody else."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self.client = client
        proofs = Proofs(Cipher([SECRET]))
        self.temporal = Temporal(client, task_queue, proofs)
        self.record = TemporalRecord(client, proofs, TemporalPlace(client))
        self.task_queue = task_queue
        self.tokens: dict[str, asyncio.Future[bytes]] = {}
        self.create_gate = asyncio.Event()
        self.create_gate.set()
        self.reaches_the_bot = True

    @activity.defn(name="create_expense_activity")
    async def create(self, expense_id: str) -> None:
        await self.create_gate.wait()

    @activity.defn(name=WAIT_ACTIVITY)
    async def wait(self, expense_id: str) -> str:
        if not self.reaches_the_bot:
            raise ConnectionError("the bot does not answer")
        self.tokens[expense_id].set_result(activity.info().task_token)
        activity.raise_complete_async()

    @activity.defn(name=PAYMENT_ACTIVITY)
    async def pay(self, expense_id: str) -> None:
        pass

    async def start(self, window: timedelta = WINDOW) -> tuple[Callback, WorkflowHandle[str, str]]:
        expense_id = str(uuid.uuid4())
        self.tokens[expense_id] = asyncio.get_running_loop().create_future()
        expense = Expense(
            id=expense_id,
            state=State.SUBMITTED,
            version=1,
            created_at=datetime.now(UTC),
            window=window,
        )
        await self.temporal.start(expense)
        workflow_id = f"expense_{expense_id}"
        handle = self.client.get_workflow_handle(workflow_id, result_type=str)
        return Callback(workflow_id=workflow_id), handle

    async def complete(self, callback: Callback, decision: Decision) -> bool:
        """Complete as the bot does with an expense that Mina decided."""
        return await self.temporal.complete(decided(callback, decision), callback, decision)

    async def outcome(self, callback: Callback) -> Outcome:
        return await self.record.look(expense_id_of(callback), callback)

    async def waiting(
        self, window: timedelta = WINDOW
    ) -> tuple[Callback, WorkflowHandle[str, str]]:
        callback, handle = await self.start(window)
        token = await self.tokens[(callback.workflow_id or "").removeprefix("expense_")]
        return Callback(task_token=token, workflow_id=callback.workflow_id), handle


@pytest.fixture
async def here(temporal_client: Client, task_queue: str) -> AsyncIterator[House]:
    house = House(temporal_client, task_queue)
    async with Worker(
        temporal_client,
        task_queue=task_queue,
        workflows=[SampleExpenseWorkflow],
        activities=[house.create, house.wait, house.pay],
    ):
        yield house


async def reset(client: Client, handle: WorkflowHandle[str, str]) -> str:
    """Reset a workflow to its first task, as an operator does, and return its new run's id."""
    history = await handle.fetch_history()
    first = next(
        event.event_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    )
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=handle.id),
        reason="a test",
        workflow_task_finish_event_id=first,
        request_id=str(uuid.uuid4()),
    )
    answer = await client.workflow_service.reset_workflow_execution(request)
    return str(answer.run_id)


def test_bot_and_worker_mean_the_same_names() -> None:
    """They share no code, only these words."""
    assert WAIT_ACTIVITY_ID == WORKERS_ID
    assert WINDOW_MEMO == DECISION_WINDOW_MEMO
    definition = workflow._Definition.must_from_class(SampleExpenseWorkflow)
    assert definition.name == WORKFLOW


async def test_a_decision_completes_the_activity_by_token(here: House) -> None:
    callback, handle = await here.waiting()
    assert await here.complete(Callback(task_token=callback.task_token), Decision.APPROVED)
    assert await handle.result() == "COMPLETED"


@pytest.mark.parametrize("token", [None, b"made up", b"\x00" * 40])
async def test_without_a_living_token_it_completes_by_id(here: House, token: bytes | None) -> None:
    callback, handle = await here.waiting()
    dead = Callback(task_token=token, workflow_id=callback.workflow_id)
    assert await here.complete(dead, Decision.REJECTED)
    assert await handle.result() == ""


async def test_a_second_completion_is_not_taken(here: House) -> None:
    callback, handle = await here.waiting()
    assert await here.complete(callback, Decision.REJECTED)
    assert not await here.complete(callback, Decision.APPROVED)
    await handle.result()
    assert not await here.complete(callback, Decision.APPROVED)
    proof = Proof(decision=Decision.REJECTED, person=MANAGER, at=DECIDED_AT)
    why = "its workflow ended: completed"
    assert await here.outcome(callback) == Decided("REJECTED", proof, Payment.NONE, why)


async def test_temporal_s_record_says_who_approved_it_and_that_it_was_paid(here: House) -> None:
    callback, handle = await here.waiting()
    assert await here.complete(callback, Decision.APPROVED)
    await handle.result()
    found = await here.outcome(callback)
    assert isinstance(found, Decided)
    assert found.proof == Proof(decision=Decision.APPROVED, person=MANAGER, at=DECIDED_AT)
    assert found.payment is Payment.DONE


@pytest.mark.parametrize("copied", [True, False])
async def test_a_decision_of_somebody_else_has_no_proof(here: House, copied: bool) -> None:
    """Also if it carries a proof, when that one is of another expense."""
    callback, handle = await here.waiting()
    [payload] = here.client.data_converter.payload_converter.to_payloads(["APPROVED"])
    if copied:
        other = decided(Callback(workflow_id="expense_another"), Decision.APPROVED)
        Proofs(Cipher([SECRET])).sign(payload, other, Decision.APPROVED)
    by_hand = here.client.get_async_activity_handle(task_token=callback.task_token or b"")
    await by_hand.complete(RawValue(payload))
    await handle.result()
    found = await here.outcome(callback)
    assert isinstance(found, Decided)
    assert (found.decision, found.proof) == ("APPROVED", None)


async def test_starting_twice_is_starting_once(here: House, temporal_client: Client) -> None:
    callback, handle = await here.waiting()
    expense_id = (callback.workflow_id or "").removeprefix("expense_")
    expense = Expense(id=expense_id, state=State.SUBMITTED, version=1, created_at=datetime.now(UTC))
    await here.temporal.start(expense)
    await here.complete(callback, Decision.REJECTED)
    await handle.result()
    await here.temporal.start(expense)
    described = await handle.describe()
    assert described.run_id == handle.first_execution_run_id or described.close_time


@by_temporal_s_clock
async def test_the_window_reaches_the_activity(here: House) -> None:
    callback, _ = await here.waiting(timedelta(hours=72))
    outcome = await here.outcome(callback)
    assert isinstance(outcome, Waiting)
    assert outcome.decide_by
    left = outcome.decide_by - datetime.now(UTC)
    assert timedelta(hours=71, minutes=59) < left < timedelta(hours=72, minutes=1)


async def test_before_it_waits_there_is_nothing_to_tell(here: House) -> None:
    here.create_gate.clear()
    callback, handle = await here.start()
    assert await here.outcome(callback) == NotYet()
    assert not await here.complete(callback, Decision.APPROVED)
    here.create_gate.set()
    await handle.terminate()


async def test_an_ended_window_is_told(here: House) -> None:
    callback, handle = await here.waiting(timedelta(seconds=1))
    with pytest.raises(Exception, match="Workflow execution failed"):
        await handle.result()
    assert await here.outcome(callback) == Expired()
    assert not await here.complete(callback, Decision.APPROVED)


async def test_a_window_that_ended_while_nobody_could_register_is_told(here: House) -> None:
    here.reaches_the_bot = False
    callback, handle = await here.start(timedelta(seconds=1))
    with pytest.raises(Exception, match="Workflow execution failed"):
        await handle.result()
    assert await here.outcome(callback) == Expired()


@pytest.mark.parametrize("end", ["terminate", "cancel"])
async def test_a_stopped_workflow_is_told(here: House, end: str) -> None:
    callback, handle = await here.waiting()
    await getattr(handle, end)()
    with pytest.raises(Exception, match="Workflow execution"):
        await handle.result()
    assert isinstance(await here.outcome(callback), Closed)


async def test_a_reset_workflow_goes_on_before_it_asks_again(
    here: House,
) -> None:
    """Its former run waited for a decision, and Temporal calls it terminated."""
    callback, handle = await here.waiting()
    registered = replace(callback, run_id=(await handle.describe()).run_id)
    here.create_gate.clear()
    await reset(here.client, handle)
    assert await here.outcome(registered) == NotYet()
    await handle.terminate()
    assert isinstance(await here.outcome(registered), Closed)


# "Not found" is no evidence


async def test_what_was_started_here_and_is_not_found_is_lost(here: House) -> None:
    place = await here.record.place.here()
    assert place.namespace_id
    unknown = Callback(
        workflow_id=f"expense_{uuid.uuid4()}", place=place, started_at=datetime.now(UTC)
    )
    assert await here.outcome(unknown) == Lost()


@pytest.mark.parametrize("place", [None, Place("default"), Place("default", "emptied since")])
async def test_what_was_started_elsewhere_is_not_lost(
    here: House, place: Place | None, caplog: pytest.LogCaptureFixture
) -> None:
    workflow_id = f"expense_{uuid.uuid4()}"
    unknown = Callback(workflow_id=workflow_id, place=place, started_at=datetime.now(UTC))
    for _ in range(3):
        with pytest.raises(Unproven):
            await here.outcome(unknown)
    [told] = [record.getMessage() for record in caplog.records if workflow_id in record.message]
    assert "TEMPORAL_NAMESPACE" in told


@pytest.mark.parametrize("age", [timedelta(days=30), None])
async def test_what_may_have_ended_long_ago_is_unknown(
    here: House, age: timedelta | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Temporal removes what has ended, after the retention period."""
    started_at = datetime.now(UTC) - age if age else None
    place, workflow_id = await here.record.place.here(), f"expense_{uuid.uuid4()}"
    with pytest.raises(Unproven):
        await here.outcome(Callback(workflow_id=workflow_id, place=place, started_at=started_at))
    assert "python -m bot settle" in caplog.text


async def test_another_namespace_says_nothing_about_any_workflow(
    temporal_client: Client, task_queue: str, here: House
) -> None:
    """Neither one that does not exist nor one that does."""
    callback, handle = await here.waiting()
    place = await here.record.place.here()
    callback = replace(callback, place=place, started_at=datetime.now(UTC))
    address = temporal_client.service_client.config.target_host
    for namespace in ("not-there", await other_namespace(temporal_client)):
        client = await Client.connect(address, namespace=namespace, lazy=True)
        record = TemporalRecord(client, Proofs(Cipher([SECRET])), TemporalPlace(client))
        with pytest.raises(TryAgain):
            await record.look(expense_id_of(callback), callback)
    await handle.terminate()


async def other_namespace(client: Client) -> str:
    """Make a namespace, and wait until every part of Temporal knows it."""
    name = f"other-{uuid.uuid4()}"
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await client.workflow_service.register_namespace(request)
    other = await Client.connect(client.service_client.config.target_host, namespace=name)
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(RPCError):
                await other.count_workflows()
                return name
            await asyncio.sleep(0.1)


def test_a_status_that_is_not_known_is_a_reason_to_try_again() -> None:
    assert how_it_closed(1) is None  # running
    assert how_it_closed(8) is None  # paused
    assert how_it_closed(5) == "its workflow ended: terminated"
    with pytest.raises(Unproven, match="status 99"):
        how_it_closed(99)


def test_an_attempt_in_a_state_that_is_not_known_has_no_end() -> None:
    activity = PendingActivityInfo(state=cast("PendingActivityState.ValueType", 99))
    assert decide_by(activity) is None


# Workers that send nothing of ours


async def test_a_token_alone_tells_what_became_of_it(here: House) -> None:
    callback, handle = await here.waiting()
    alone = Callback(task_token=callback.task_token)
    found = await here.outcome(alone)
    assert isinstance(found, Waiting)
    assert found.decide_by
    assert found.attempt
    assert found.attempt.activity_id == WAIT_ACTIVITY_ID
    assert await here.complete(alone, Decision.APPROVED)
    await handle.result()
    ended = await here.outcome(alone)
    assert isinstance(ended, Decided)
    assert ended.decision == "APPROVED"
    assert await here.outcome(Callback()) == NotYet()


async def test_what_is_no_token_belongs_to_no_workflow(here: House) -> None:
    assert isinstance(await here.outcome(Callback(task_token=b"made up")), Closed)


async def test_the_token_of_another_expense_is_not_taken_for_ones_own(here: House) -> None:
    callback, handle = await here.waiting()
    token = callback.task_token or b""
    stolen = Callback(task_token=token)
    assert isinstance(await here.record.look("an expense of my own", stolen), Closed)
    origin = await here.record.origin("an expense of my own", token, Caller(), None)
    assert origin.caller == Caller()
    await handle.terminate()


@by_temporal_s_clock
async def test_a_token_tells_its_workflow_and_its_window(here: House) -> None:
    callback, handle = await here.waiting(timedelta(hours=72))
    token, expense_id = callback.task_token or b"", expense_id_of(callback)
    origin = await here.record.origin(expense_id, token, Caller(), None)
    assert origin.caller == Caller(
        workflow_id=callback.workflow_id,
        run_id=(await handle.describe()).run_id,
    )
    assert origin.place == await here.record.place.here()
    assert origin.decide_by
    left = origin.decide_by - datetime.now(UTC)
    assert timedelta(hours=71, minutes=59) < left < timedelta(hours=72, minutes=1)
    await handle.terminate()


async def test_a_workflow_at_its_first_step_is_known(here: House) -> None:
    here.create_gate.clear()
    callback, handle = await here.start()
    workflow_id = callback.workflow_id or ""
    async with asyncio.timeout(PATIENCE):
        while not await here.record.is_creating(workflow_id):
            await asyncio.sleep(0.02)
    here.create_gate.set()
    await here.tokens[expense_id_of(callback)]
    assert not await here.record.is_creating(workflow_id)
    await handle.terminate()


async def test_an_absent_server_is_a_reason_to_try_again(closed_port: int) -> None:
    client = await Client.connect(f"127.0.0.1:{closed_port}", lazy=True)
    proofs = Proofs(Cipher([SECRET]))
    temporal = Temporal(client, "queue", proofs)
    record = TemporalRecord(client, proofs, TemporalPlace(client))
    callback = Callback(task_token=b"x")
    for call in (
        temporal.complete(decided(callback, Decision.APPROVED), callback, Decision.APPROVED),
        record.look("x", Callback(workflow_id="expense_x")),
        record.look("x", callback),
        record.place.here(),
    ):
        with pytest.raises(TryAgain):
            await call


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPORAL_ADDRESS", "https://localhost:7233"),
        ("TEMPORAL_PROFILE", "nobody-made-this"),
        ("TEMPORAL_CONFIG_FILE", __file__),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nowhere"),
    ],
)
async def test_wrong_settings_of_temporal_are_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=r"^TEMPORAL_\* or its TOML file is wrong: [^\n]+$"):
        await connect_temporal()


async def test_an_emptied_api_key_does_not_turn_tls_on(
    monkeypatch: pytest.MonkeyPatch, temporal_address: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    monkeypatch.setenv("TEMPORAL_API_KEY", "")
    client = await connect_temporal()
    await client.service_client.check_health()
