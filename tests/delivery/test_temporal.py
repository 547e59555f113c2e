"""What the bot asks of a real Temporal server."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from bot.delivery.activity_outcome import WAIT_ACTIVITY, Closed, Decided, Expired, NotYet, Waiting
from bot.delivery.temporal import (
    WAIT_ACTIVITY_ID,
    WINDOW_MEMO,
    WORKFLOW,
    Temporal,
    connect_temporal,
)
from bot.domain.errors import SettingsError, TryAgain
from bot.domain.expense import Callback, Decision, Expense, State
from expense_workflow import DECISION_WINDOW_MEMO
from expense_workflow import WAIT_ACTIVITY_ID as WORKERS_ID
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.support.days import by_temporal_s_clock

WINDOW = timedelta(minutes=5)


class House:
    """A worker whose waiting activity tells the test its token, and nobody else."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self.client = client
        self.temporal = Temporal(client, task_queue)
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

    @activity.defn(name="payment_activity")
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


def test_bot_and_worker_mean_the_same_names() -> None:
    """They share no code, only these words."""
    assert WAIT_ACTIVITY_ID == WORKERS_ID
    assert WINDOW_MEMO == DECISION_WINDOW_MEMO
    definition = workflow._Definition.must_from_class(SampleExpenseWorkflow)
    assert definition.name == WORKFLOW


async def test_a_decision_completes_the_activity_by_token(here: House) -> None:
    callback, handle = await here.waiting()
    assert await here.temporal.complete(Callback(task_token=callback.task_token), Decision.APPROVED)
    assert await handle.result() == "COMPLETED"


@pytest.mark.parametrize("token", [None, b"made up", b"\x00" * 40])
async def test_without_a_living_token_it_completes_by_id(here: House, token: bytes | None) -> None:
    callback, handle = await here.waiting()
    dead = Callback(task_token=token, workflow_id=callback.workflow_id)
    assert await here.temporal.complete(dead, Decision.REJECTED)
    assert await handle.result() == ""


async def test_a_second_completion_is_not_taken(here: House) -> None:
    callback, handle = await here.waiting()
    assert await here.temporal.complete(callback, Decision.REJECTED)
    assert not await here.temporal.complete(callback, Decision.APPROVED)
    await handle.result()
    assert not await here.temporal.complete(callback, Decision.APPROVED)
    assert await here.temporal.outcome(callback) == Decided("REJECTED")


async def test_starting_twice_is_starting_once(here: House, temporal_client: Client) -> None:
    callback, handle = await here.waiting()
    expense_id = (callback.workflow_id or "").removeprefix("expense_")
    expense = Expense(id=expense_id, state=State.SUBMITTED, version=1, created_at=datetime.now(UTC))
    await here.temporal.start(expense)
    await here.temporal.complete(callback, Decision.REJECTED)
    await handle.result()
    await here.temporal.start(expense)
    described = await handle.describe()
    assert described.run_id == handle.first_execution_run_id or described.close_time


@by_temporal_s_clock
async def test_the_window_reaches_the_activity(here: House) -> None:
    callback, _ = await here.waiting(timedelta(hours=72))
    outcome = await here.temporal.outcome(callback)
    assert isinstance(outcome, Waiting)
    assert outcome.decide_by
    left = outcome.decide_by - datetime.now(UTC)
    assert timedelta(hours=71, minutes=59) < left < timedelta(hours=72, minutes=1)


async def test_before_it_waits_there_is_nothing_to_tell(here: House) -> None:
    here.create_gate.clear()
    callback, handle = await here.start()
    assert await here.temporal.outcome(callback) == NotYet()
    assert not await here.temporal.complete(callback, Decision.APPROVED)
    here.create_gate.set()
    await handle.terminate()


async def test_an_ended_window_is_told(here: House) -> None:
    callback, handle = await here.waiting(timedelta(seconds=1))
    with pytest.raises(Exception, match="Workflow execution failed"):
        await handle.result()
    assert await here.temporal.outcome(callback) == Expired()
    assert not await here.temporal.complete(callback, Decision.APPROVED)


async def test_a_window_that_ended_while_nobody_could_register_is_told(here: House) -> None:
    here.reaches_the_bot = False
    callback, handle = await here.start(timedelta(seconds=1))
    with pytest.raises(Exception, match="Workflow execution failed"):
        await handle.result()
    assert await here.temporal.outcome(callback) == Expired()


@pytest.mark.parametrize("end", ["terminate", "cancel"])
async def test_a_stopped_workflow_is_told(here: House, end: str) -> None:
    callback, handle = await here.waiting()
    assert await here.temporal.closed(callback) is None
    await getattr(handle, end)()
    with pytest.raises(Exception, match="Workflow execution"):
        await handle.result()
    outcome = await here.temporal.outcome(callback)
    assert isinstance(outcome, Closed)
    assert await here.temporal.closed(callback)


async def test_an_unknown_workflow_is_told(here: House) -> None:
    unknown = Callback(workflow_id=f"expense_{uuid.uuid4()}")
    assert isinstance(await here.temporal.outcome(unknown), Closed)
    assert await here.temporal.closed(unknown)


async def test_an_unknown_namespace_says_nothing_about_any_workflow(
    temporal_address: str, task_queue: str
) -> None:
    """A namespace that is named wrongly must not cancel every expense."""
    client = await Client.connect(temporal_address, namespace="not-there", lazy=True)
    temporal = Temporal(client, task_queue)
    callback = Callback(workflow_id="expense_of-another-namespace", task_token=b"token")
    for ask in (temporal.outcome(callback), temporal.closed(callback)):
        with pytest.raises(TryAgain):
            await ask
    with pytest.raises(TryAgain):
        await temporal.complete(Callback(workflow_id="w"), Decision.APPROVED)


async def test_a_token_alone_tells_whether_somebody_waits(here: House) -> None:
    callback, handle = await here.waiting()
    alone = Callback(task_token=callback.task_token)
    assert await here.temporal.outcome(alone) == Waiting(None)
    await handle.terminate()
    assert await here.temporal.outcome(alone) == Expired()
    assert await here.temporal.closed(alone) is None
    assert await here.temporal.outcome(Callback()) == NotYet()


async def test_an_absent_server_is_a_reason_to_try_again(closed_port: int) -> None:
    client = await Client.connect(f"127.0.0.1:{closed_port}", lazy=True)
    temporal = Temporal(client, "queue")
    for call in (
        temporal.complete(Callback(task_token=b"x"), Decision.APPROVED),
        temporal.outcome(Callback(workflow_id="expense_x")),
        temporal.closed(Callback(workflow_id="expense_x")),
    ):
        with pytest.raises(TryAgain):
            await call


@pytest.mark.parametrize(
    ("name", "value"),
    [
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
