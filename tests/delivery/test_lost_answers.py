"""Calls to Slack that nobody heard the end of: in the end, messages show what is."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from temporalio.client import Client

from bot.database.messages import Message
from bot.database.outbox import Outbox
from bot.domain.expense import Decision
from bot.domain.people.audience import approvers
from bot.web.server import serving
from sandbox import Sandbox, WorkspaceConfig
from tests.support.house import ADA, APPROVALS, MINA, House, house
from tests.support.rooms import LUNCH, MANAGER, Rooms, rooms
from tests.support.ruled import APPROVE, QUICK
from tests.support.stopwatch import PATIENCE

pytestmark = pytest.mark.long

DOUBT = timedelta(seconds=0.5)
IN_DOUBT = replace(QUICK, doubt=DOUBT)
REASON = "Tuesday"


@asynccontextmanager
async def opened(temporal_client: Client, task_queue: str, folder: Path) -> AsyncIterator[House]:
    async with (
        Sandbox.start(WorkspaceConfig(ack_seconds=20, trigger_seconds=20)) as slack,
        house(temporal_client, task_queue, folder, slack=slack, timing=IN_DOUBT) as running,
    ):
        yield running


class Relay:
    """Stands between the bot and Slack, and can hold back the next update of one message.

    Of the message's updates that give the reason, one overtakes it; the others come after it.
    """

    def __init__(self, slack: Sandbox) -> None:
        self.message = ""  # its ts
        self.holds_next = False
        self.let_go, self.has_arrived = asyncio.Event(), asyncio.Event()
        self._slack = slack
        self._held: asyncio.Task[web.Response] | None = None
        self._is_overtaken = False

    async def forward(self, request: web.Request) -> web.Response:
        """Pass a call on; the one that is held back gets no answer."""
        body = await request.read()
        call = self._pass_on(request, body)
        is_about_it = request.path.endswith("chat.update") and self.message.encode() in body
        if self.holds_next and is_about_it:
            self.holds_next = False
            self._held = asyncio.create_task(self._late(call))
            assert request.transport
            request.transport.abort()
            return web.Response()
        if is_about_it and REASON.encode() in body:
            if self._is_overtaken:
                await self.has_arrived.wait()
            self._is_overtaken = True
        return await call

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        names = ("Authorization", "Content-Type")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        url = f"{self._slack.base_url}{request.path_qs}"
        async with (
            aiohttp.ClientSession() as http,
            http.request(request.method, url, data=body, headers=headers) as answer,
        ):
            return web.json_response(await answer.json(), status=answer.status)

    async def _late(self, call: Coroutine[Any, Any, web.Response]) -> web.Response:
        await self.let_go.wait()
        answer = await call
        self.has_arrived.set()
        return answer


async def test_an_update_that_arrives_after_newer_ones_does_not_stay(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with Sandbox.start() as slack:
        relay, between = Relay(slack), web.Application()
        between.router.add_route("*", "/api/{method}", relay.forward)
        # Enough for the newer update to be made while the older one may still arrive.
        timing = replace(QUICK, doubt=timedelta(seconds=6))
        async with (
            serving(between, "127.0.0.1", 0, shutdown_timeout=1) as (host, port),
            house(
                temporal_client,
                task_queue,
                tmp_path,
                slack=slack,
                timing=timing,
                SLACK_API_URL=f"http://{host}:{port}/api/",
            ) as here,
            rooms(f"sqlite:///{tmp_path}/expenses.db") as elsewhere,
        ):
            # Clicks name the address of Slack itself, so people here do without it.
            expense_id = (await elsewhere.submissions.submit(ADA.id, LUNCH, "view 1")).id
            await slack.until(lambda: len(slack.direct_messages(ADA)) == 2)
            await slack.until(lambda: slack.messages(APPROVALS))
            decisions, shown = elsewhere.decisions, here.message
            relay.message, relay.holds_next = shown(expense_id)["ts"], True
            await decisions.decide(expense_id, Decision.REJECTED, MANAGER)
            await slack.until(lambda: not relay.holds_next)
            await decisions.decide(expense_id, Decision.REJECTED, MANAGER, REASON)
            await slack.until(lambda: REASON in shown(expense_id)["text"])
            relay.let_go.set()
            await relay.has_arrived.wait()
            assert REASON not in shown(expense_id)["text"]
            await slack.until(lambda: REASON in shown(expense_id)["text"])
            # And then it is good.
            async with asyncio.timeout(PATIENCE):
                while not (due := await elsewhere.outbox.claim(expense_id, DOUBT)):
                    await asyncio.sleep(0.05)
            assert due.redraw_at is None


@pytest.mark.parametrize("fault", ["lost", "hang"])
async def test_answers_that_do_not_come(
    temporal_client: Client, task_queue: str, tmp_path: Path, fault: str
) -> None:
    async with opened(temporal_client, task_queue, tmp_path) as here:
        expense_id = await here.submit()
        here.slack.faults.add("chat.update", fault, times=1)  # type: ignore[arg-type]
        assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
        await here.slack.until(lambda: "finance pays" in here.message(expense_id)["text"])
        await asyncio.sleep(2 * DOUBT.total_seconds())
        assert "finance pays" in here.message(expense_id)["text"]
        drawn = len(here.slack.calls_of("chat.update"))
        await asyncio.sleep(2 * DOUBT.total_seconds())
        assert len(here.slack.calls_of("chat.update")) == drawn


async def test_patience_that_slack_asks_for_is_no_doubt(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with opened(temporal_client, task_queue, tmp_path) as here:
        expense_id = await here.submit()
        here.slack.faults.add("chat.update", "ratelimited", seconds=1, times=1)
        assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
        await here.slack.until(lambda: "finance pays" in here.message(expense_id)["text"])
        assert await here.workflow(expense_id).result() == "COMPLETED"
        await asyncio.sleep(1)
        drawn = len(here.slack.calls_of("chat.update"))
        await asyncio.sleep(2 * DOUBT.total_seconds())
        assert len(here.slack.calls_of("chat.update")) == drawn


async def test_a_click_on_old_news_does_not_draw_old_news(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with opened(temporal_client, task_queue, tmp_path) as here:
        for _ in range(3):
            expense_id = await here.submit()
            message = here.message(expense_id)
            await asyncio.gather(*(here.slack.click(MINA, message, APPROVE) for _ in range(8)))
            assert await here.workflow(expense_id).result() == "COMPLETED"
            await here.slack.until(
                lambda id=expense_id: "finance pays" in here.message(id)["text"]  # type: ignore[misc]
            )
        await asyncio.sleep(1)
        assert all("finance pays" in m["text"] for m in here.slack.messages(APPROVALS))


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def test_whoever_finds_a_lease_that_was_left_draws_again(here: Rooms) -> None:
    expense, outbox = await here.waiting(), here.outbox
    short = timedelta(seconds=0)
    first = await outbox.claim(expense.id, short, DOUBT)
    assert first
    assert first.redraw_at is None
    second = await outbox.claim(expense.id, timedelta(seconds=30), DOUBT)
    assert second
    assert second.redraw_at
    assert abs(second.redraw_at - datetime.now(UTC) - DOUBT) < timedelta(seconds=5)
    await outbox.release(second, None, second.redraw_at)
    third = await outbox.claim(expense.id, timedelta(seconds=30), DOUBT)
    assert third
    assert third.redraw_at == second.redraw_at  # a lease that was given back adds no doubt
    await outbox.release(third, None, None)
    assert await redraw_at(outbox, expense.id) is None


async def redraw_at(outbox: Outbox, expense_id: str) -> datetime | None:
    due = await outbox.claim(expense_id, timedelta(seconds=30), DOUBT)
    assert due
    return due.redraw_at


async def test_a_message_that_is_to_be_drawn_anew_is_not_forgotten_meanwhile(here: Rooms) -> None:
    """Whoever has the expense just then has read its messages already."""
    expense, outbox = await here.waiting(), here.outbox
    due = await outbox.claim(expense.id, timedelta(seconds=30))
    assert due
    message = Message(
        expense_id=expense.id, audience=approvers(0), channel="C0", ts="1.0", shown_version=0
    )
    assert await here.messages.add(replace(message, shown_version=expense.version))
    assert await here.messages.outdate(message)
    await outbox.release(due, None)
    assert await outbox.due(10) == [expense.id]
    remembered = await here.messages.find(expense.id, approvers(0))
    assert remembered
    assert remembered.shown_version == 0
    assert not await here.messages.outdate(replace(message, ts="9.9"))
    assert not await here.messages.adopt(replace(message, ts="9.9"))
