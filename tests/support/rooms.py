"""The bot's inner rooms on a real database, without Slack and Temporal."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bot.database.delegations import Delegations
from bot.database.encryption import Cipher
from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.database.expenses import ExpenseStore
from bot.database.messages import MessageStore
from bot.database.outbox import Outbox
from bot.database.people.spending import Spendings
from bot.database.queries.home_queries import HomeQueries
from bot.domain.errors import GroupGone, TryAgain, Unanswered
from bot.domain.expense import Caller, Category, Claim, Expense, Money
from bot.payment_system import FinancePays
from bot.policy.approvers import Policy
from bot.policy.rules import Rulebook
from bot.services.decisions import Decisions
from bot.services.flagging import Flagging
from bot.services.handovers import Handovers
from bot.services.inbox import Inbox
from bot.services.reimbursement import Payments, Reimbursement
from bot.services.submissions import Submissions
from bot.services.watch import Watch
from bot.services.workflow_calls import WorkflowCalls

REQUESTER, MANAGER, OTHER_MANAGER, STRANGER = "U0REQ", "U0MAN", "U0MAX", "U0STR"
SECRET = "a secret of thirty-two characters"
WINDOW = timedelta(hours=72)

LUNCH = Claim(
    money=Money(Decimal("42.50"), "EUR"),
    description="Team lunch",
    category=Category.MEALS,
    spent_on=date(2026, 1, 31),
)


class SmallCompany:
    """A directory in which everybody is a full member, until somebody leaves.

    Attributes:
        groups: the members of each user group.
        gone: the user groups that Slack does not have any more.
        silent: the user groups and people about whom Slack does not answer.
        former: the people who have left.
        looked_up: the people about whom Slack was asked.
        rounds: how often it was asked about people who had to wait for the answer about others.
    """

    def __init__(self, groups: dict[str, frozenset[str]]) -> None:
        self.groups = groups
        self.gone: set[str] = set()
        self.silent: set[str] = set()
        self.former: set[str] = set()
        self.looked_up: list[str] = []
        self.rounds = 0
        self._asking = 0

    async def group_members(self, group: str) -> frozenset[str]:
        if group in self.gone:
            raise GroupGone(group)
        if group in self.silent:
            raise TryAgain("Slack does not answer.")
        return self.groups.get(group, frozenset())

    async def is_full_member(self, person: str) -> bool:
        if person in self.silent:
            raise Unanswered("Slack does not answer.")
        self.looked_up.append(person)
        self.rounds += not self._asking
        self._asking += 1
        await asyncio.sleep(0)
        self._asking -= 1
        return person not in self.former


@dataclass
class Rooms:
    """What a test needs of the bot's insides."""

    database: Database
    expenses: ExpenseStore
    outbox: Outbox
    messages: MessageStore
    home_queries: HomeQueries
    inbox: Inbox
    workflow_calls: WorkflowCalls
    submissions: Submissions
    decisions: Decisions
    handovers: Handovers
    delegations: Delegations
    policy: Policy
    company: SmallCompany
    reimbursement: Reimbursement
    watch: Watch
    changed: list[str] = field(default_factory=list)

    async def created(self, expense_id: str | None = None) -> Expense:
        """Make an expense that a workflow has just created."""
        name = expense_id or f"e-{uuid.uuid4()}"
        await self.workflow_calls.create(name, caller(name))
        return await self.expenses.get(name)

    async def waiting(self, decide_by: datetime | None = None) -> Expense:
        """Make an expense that waits for a decision."""
        expense = await self.created()
        until = decide_by or datetime.now(UTC) + WINDOW
        await self.workflow_calls.register_callback(expense.id, b"token", caller(expense.id), until)
        return await self.expenses.get(expense.id)

    async def deliver(self, expense: Expense) -> None:
        """Record that Temporal took an expense's decision, as it was at some time."""
        due = await self.outbox.claim(expense.id, timedelta(seconds=1))
        assert due
        seen, now = replace(due, expense=expense), datetime.now(UTC)
        await self.outbox.release(seen, None, delivered_at=now)

    async def events(self, expense_id: str) -> list[str]:
        """List what happened to an expense."""
        return [str(entry.event.stored_as) for entry in await self.expenses.history(expense_id)]


def caller(expense_id: str, run: str = "run-1") -> Caller:
    """Name the workflow run in charge of an expense."""
    return Caller(workflow_id=f"expense_{expense_id}", run_id=run)


@asynccontextmanager
async def rooms(
    database_url: str,
    payments: Payments | None = None,
    *,
    rulebook: Rulebook | None = None,
    groups: dict[str, frozenset[str]] | None = None,
    kind: type[Database] = Database,
) -> AsyncIterator[Rooms]:
    """Open the rooms on a migrated database."""
    database = kind(parse_database_url(database_url))  # type: ignore[arg-type]
    cipher = Cipher([SECRET])
    changed: list[str] = []
    expenses = ExpenseStore(database, cipher, changed.append)
    home_queries = HomeQueries(database)
    workflow_calls, delegations = WorkflowCalls(expenses), Delegations(database)
    approvers = (MANAGER, OTHER_MANAGER, REQUESTER)
    company = SmallCompany(groups or {})
    policy = Policy(approvers, company, delegations, rulebook or Rulebook())
    decisions = Decisions(expenses, policy)
    flagging = Flagging(Spendings(database), policy, cipher.draw)
    try:
        yield Rooms(
            database=database,
            expenses=expenses,
            outbox=Outbox(database, cipher),
            messages=MessageStore(database),
            home_queries=home_queries,
            inbox=Inbox(home_queries, policy, timedelta(days=7)),
            workflow_calls=workflow_calls,
            submissions=Submissions(expenses, WINDOW, policy, flagging),
            decisions=decisions,
            handovers=Handovers(expenses, decisions, policy),
            delegations=delegations,
            policy=policy,
            company=company,
            reimbursement=Reimbursement(expenses, payments or FinancePays(), workflow_calls),
            watch=Watch(expenses, policy.prospects),
            changed=changed,
        )
    finally:
        await database.close()
