"""What finance and auditors read; nobody decides or changes anything by reading."""

from datetime import UTC, datetime, timedelta

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.database.payment_runs import PaymentRuns
from bot.database.queries.finance_queries import FinanceQueries
from bot.database.queries.home_queries import HomeQueries
from bot.domain.audit_events import AuditEntry
from bot.domain.errors import InvalidId, NotAllowed
from bot.domain.expense import Expense
from bot.domain.finance import MOST_LISTED, Desk, Found, Search
from bot.domain.inbox import PAGE_LENGTH
from bot.domain.payment_runs import MOST_RUNS
from bot.domain.people.role import Role
from bot.policy.approvers import READERS, Policy
from bot.services.decisions import note_refusal
from bot.services.roles import check_reader


class Finance:
    """Shows every expense to people who are finance or auditors when they ask.

    Args:
        runs: what was marked as paid by hand.
        stuck_after: how long what is undecided is left to its approvers.
    """

    def __init__(
        self,
        queries: FinanceQueries,
        home_queries: HomeQueries,
        expenses: ExpenseStore,
        policy: Policy,
        runs: PaymentRuns,
        stuck_after: timedelta,
    ) -> None:
        self._queries = queries
        self._home_queries = home_queries
        self._expenses = expenses
        self._policy = policy
        self._runs = runs
        self._stuck_after = stuck_after

    async def is_reader(self, person: str) -> bool:
        """Return whether a person may read every expense.

        Raises:
            TryAgain: Slack does not say whether they have the role.
        """
        return await self._policy.has_role(person, *READERS)

    async def desk_of(self, person: str) -> Desk | None:
        """Return what a person finds on their Home; None for somebody who has no such role.

        Raises:
            TryAgain: Slack does not say whether they have the role.
        """
        is_finance = await self._policy.has_role(person, Role.FINANCE)
        if not (is_finance or await self._policy.has_role(person, Role.AUDITOR)):
            return None
        before, most = datetime.now(UTC) - self._stuck_after, MOST_LISTED + 1
        return Desk(
            is_finance=is_finance,
            to_pay=await self._queries.to_pay(),
            waiting=tuple(await self._queries.waiting_for_payment(MOST_LISTED)),
            refused=tuple(await self._home_queries.refused(most)),
            stuck=tuple(await self._home_queries.stuck(before, most)),
            can_mark=is_finance and bool(await self._runs.to_pay(person, 1)),
            unconfirmed=tuple(await self._runs.unconfirmed())[:MOST_RUNS],
        )

    async def find(self, person: str, search: Search, before_id: str | None = None) -> Found:
        """Return a page of the expenses that somebody looks for.

        Args:
            before_id: the id of the last one on the page before; None for the first page.

        Raises:
            NotAllowed: they have no such role any more.
            TryAgain: Slack does not say whether they have it.
        """
        await check_reader(self._policy, person)
        if search.ids:
            ids = [await self._expenses.id_of(named) for named in search.ids]
            found = [await self._expenses.find(expense_id) for expense_id in ids]
            first = next((one for one in found if one), None)
            return Found((first,) if first and search.matches(first) else ())
        before = await self._expenses.get(before_id) if before_id else None
        rows = await self._queries.find(search, PAGE_LENGTH + 1, before)
        return Found(tuple(rows[:PAGE_LENGTH]), len(rows) > PAGE_LENGTH)

    async def history_for(self, person: str, expense_id: str) -> tuple[Expense, list[AuditEntry]]:
        """Return an expense and its history, oldest first.

        Raises:
            NotAllowed: they have no such role any more; the attempt is written into its history.
            InvalidId: no expense has this id.
            TryAgain: Slack does not say whether they have it.
        """
        expense = await self._expenses.find(expense_id)
        if not await self.is_reader(person):
            refusal = NotAllowed(say("no-expense-to-see"))
            if expense:
                await note_refusal(self._expenses, expense, person, refusal)
            raise refusal
        if expense is None:
            raise InvalidId(say("no-such-expense"))
        return expense, await self._expenses.history(expense_id)
