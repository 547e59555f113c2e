"""What Slack refuses, and nobody waits for, is tried ever more seldom."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from bot.database.encryption import Cipher
from bot.delivery.deliverer import Deliverer
from bot.delivery.following import Following
from bot.delivery.temporal_sync import TemporalSync
from bot.delivery.timing import Timing
from bot.domain.expense import Decision
from bot.slack.directory import SlackDirectory
from bot.slack.message_sync import MessageSync
from bot.slack.messenger import Messenger
from bot.slack.recipients import Recipients
from bot.slack.web_client import make_session, make_slack_client
from bot.web.foreground import Foreground
from sandbox import Sandbox
from sandbox.slack.config import APPROVALS
from tests.support.databases import make_sqlite
from tests.support.rooms import MANAGER, SECRET, rooms

DAY = timedelta(days=1)
LEASE = timedelta(seconds=30)


async def test_pauses_grow_to_five_minutes_while_nobody_can_be_asked_and_to_a_day_afterwards(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    database = tmp_path / "expenses.db"
    await make_sqlite(str(database))
    timing = Timing()
    async with (
        Sandbox.start() as slack,
        make_session() as session,
        rooms(f"sqlite:///{database}") as r,
    ):
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        recipients = Recipients(APPROVALS.id, r.policy, r.company, r.delegations)
        sync = MessageSync(
            Messenger(client, r.messages, timing.pictures),
            recipients,
            SlackDirectory(client),
            r.expenses,
            r.messages,
            r.watch,
        )
        following = Following.of(
            r.database, Cipher([SECRET]), r.expenses, temporal_client, task_queue
        )
        deliverer = Deliverer(
            r.outbox,
            r.expenses,
            TemporalSync(following, r.reimbursement, timing),
            sync,
            lambda _: None,
            Foreground(),
            timing,
        )

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
