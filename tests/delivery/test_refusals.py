"""What Slack refuses or does not tell is tried ever more seldom, or goes on without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from bot.database.encryption import Cipher
from bot.delivery.deliverer import Deliverer
from bot.delivery.following import Following
from bot.delivery.temporal_sync import TemporalSync
from bot.delivery.timing import Timing
from bot.domain.approval_plan import Stage
from bot.domain.expense import Decision
from bot.services.reminders import Reminders
from bot.slack.directory import SlackDirectory
from bot.slack.message_links import MessageLinks
from bot.slack.message_sync import MessageSync
from bot.slack.messenger import Messenger
from bot.slack.recipients import Recipients
from bot.slack.web_client import make_session, make_slack_client
from bot.web.foreground import Foreground
from sandbox import Sandbox
from sandbox.slack.config import APPROVALS
from tests.support.databases import make_sqlite
from tests.support.keeping import keeper
from tests.support.plans import planned
from tests.support.rooms import MANAGER, SECRET, Rooms, SmallCompany, rooms

DAY = timedelta(days=1)
LEASE = timedelta(seconds=30)
FAY = "U0FAY"
FINANCE = {"S0FINANCE": frozenset({FAY})}


@asynccontextmanager
async def delivering(
    temporal: Client, task_queue: str, folder: Path, reminding: SmallCompany
) -> AsyncIterator[tuple[Sandbox, Rooms, Deliverer]]:
    database = folder / "expenses.db"
    await make_sqlite(str(database))
    timing = Timing()
    async with (
        Sandbox.start() as slack,
        make_session() as session,
        rooms(f"sqlite:///{database}", groups=FINANCE) as r,
    ):
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        recipients = Recipients(APPROVALS.id, r.policy, r.company, r.delegations)
        people = SlackDirectory(client)
        messenger = Messenger(client, r.messages, timing.pictures)
        links = MessageLinks(r.messages, lambda: None)
        following = Following.of(r.database, Cipher([SECRET]), r.expenses, temporal, task_queue)
        deliverer = Deliverer(
            r.outbox,
            r.expenses,
            TemporalSync(following, r.reimbursement, timing),
            MessageSync(messenger, recipients, people, r.expenses, r.messages, r.watch, links),
            Reminders(r.expenses, reminding, r.policy, r.delegations),
            keeper(r, client),
            lambda _: None,
            Foreground(),
            timing,
        )
        yield slack, r, deliverer


async def test_pauses_grow_to_five_minutes_while_nobody_can_be_asked_and_to_a_day_afterwards(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    people = SmallCompany(FINANCE)
    async with delivering(temporal_client, task_queue, tmp_path, people) as (slack, r, deliverer):

        async def pauses(expense_id: str) -> list[timedelta]:
            found = []
            for _ in range(20):
                assert not await deliverer.deliver(expense_id, due=False, has_changed=bool)
                due = await r.outbox.claim(expense_id, LEASE)
                assert due
                assert due.due_at
                assert "Slack says restricted_action" in str(due.trouble)
                found.append(due.due_at - datetime.now(UTC))
                await r.outbox.release(due, due.due_at, due.redraw_at)
            return found

        slack.admin.restrict_posting(APPROVALS)
        expense = await r.waiting()
        open_for = await pauses(expense.id)
        assert open_for[0] < timedelta(minutes=1)
        assert timedelta(minutes=4) < open_for[-1] < timedelta(minutes=5)
        slack.admin.restrict_posting(APPROVALS, None)
        assert await deliverer.deliver(expense.id, due=False, has_changed=bool)
        mended = await r.outbox.read(expense.id)
        assert mended
        assert mended.trouble is None

        slack.faults.add("chat.update", "error", error="restricted_action")
        await r.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
        await r.deliver(await r.expenses.get(expense.id))
        closed_for = await pauses(expense.id)
        assert closed_for[0] < timedelta(minutes=1)
        assert timedelta(hours=23) < closed_for[-1] < DAY


async def test_while_slack_hides_who_is_to_be_reminded_the_bot_looks_every_five_minutes(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    reminding = SmallCompany(FINANCE)
    async with delivering(temporal_client, task_queue, tmp_path, reminding) as (_, r, deliverer):
        stage = Stage(asked=("S0FINANCE",), channel=APPROVALS.id, remind_after=timedelta(seconds=1))
        expense = await planned(r, stage)
        assert await deliverer.deliver(expense.id, due=False, has_changed=bool)
        due = await r.outbox.read(expense.id)
        assert due
        assert due.due_at
        assert due.expense.progress.since
        assert due.due_at == due.expense.progress.since + timedelta(seconds=1)
        await asyncio.sleep(1)

        reminding.silent = {"S0FINANCE"}
        assert await deliverer.deliver(expense.id, due=False, has_changed=bool)
        hidden = await r.outbox.read(expense.id)
        assert hidden
        assert hidden.due_at
        assert hidden.due_at - datetime.now(UTC) < timedelta(minutes=5)
        assert (hidden.expense.progress.reminded, hidden.trouble) == ((), None)

        reminding.silent = set()
        assert await deliverer.deliver(expense.id, due=False, has_changed=bool)
        told = (await r.expenses.get(expense.id)).progress.reminded
        assert [line.person for line in told] == [FAY]


async def test_what_was_amiss_is_over_while_only_slack_s_rate_is_waited_for(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    people = SmallCompany(FINANCE)
    async with delivering(temporal_client, task_queue, tmp_path, people) as (slack, r, deliverer):
        expense = await r.waiting()
        slack.faults.add("chat.postMessage", "ratelimited", seconds=60)
        before = "Slack says restricted_action; Temporal does not answer"
        for trouble, left in (
            (before, "Slack says restricted_action"),
            ("Temporal does not answer", None),
        ):
            due = await r.outbox.claim(expense.id, LEASE)
            assert due
            await r.outbox.release(replace(due, trouble=trouble), None)
            assert not await deliverer.deliver(expense.id, due=False, has_changed=bool)
            after = await r.outbox.read(expense.id)
            assert after
            assert after.trouble == left
