"""Follows Temporal where its record knows more than the database, and starts what it has lost."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import Client

from bot.database.encryption import Cipher
from bot.database.engine.connection import Database
from bot.database.expenses import ExpenseStore
from bot.database.outbox import Outbox
from bot.delivery.activity_outcome import Closed, Decided, Expired, Lost, Outcome, Payment, Waiting
from bot.delivery.proof import Proofs
from bot.delivery.temporal import Temporal
from bot.delivery.temporal_place import TemporalPlace
from bot.delivery.temporal_record import TemporalRecord
from bot.domain.callback import Due
from bot.domain.errors import Unproven
from bot.domain.expense import OPEN, Expense, State
from bot.services.recovery import Recovery
from bot.services.workflow_calls import WorkflowCalls

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Following:
    """The records of the database and of Temporal, and what brings them in line."""

    outbox: Outbox
    workflow_calls: WorkflowCalls
    recovery: Recovery
    temporal: Temporal
    record: TemporalRecord

    @classmethod
    def of(
        cls,
        database: Database,
        cipher: Cipher,
        expenses: ExpenseStore,
        client: Client,
        task_queue: str,
        *,
        is_lost: bool = False,
        finance_pays: bool = False,
    ) -> "Following":
        """Put together all that reads and changes the two records.

        Args:
            is_lost: see `TemporalPlace`.
            finance_pays: see `Recovery`.
        """
        proofs = Proofs(cipher)
        record = TemporalRecord(client, proofs, TemporalPlace(client, is_lost=is_lost))
        return cls(
            Outbox(database, cipher),
            WorkflowCalls(expenses, record),
            Recovery(expenses, finance_pays=finance_pays),
            Temporal(client, task_queue, proofs),
            record,
        )

    async def look(self, due: Due) -> Outcome:
        """Find out what became of the waiting activity."""
        return await self.record.look(due.expense.id, due.callback)

    async def start(self, expense: Expense, *, again: bool = False) -> None:
        """Start the workflow of an expense, and note where."""
        here = await self.record.place.here()
        await self.temporal.start(expense, again=again)
        await self.outbox.mark_started(expense.id, here)

    async def start_again(self, expense: Expense) -> None:
        """Start the workflow of an expense once more, which Temporal has lost."""
        if not expense.is_of_slack:
            return  # who started it may do so again
        logger.warning("expense %s: Temporal has lost its workflow; the bot starts it", expense.id)
        await self.recovery.begin_again(expense)
        await self.start(expense, again=True)

    async def follow(self, due: Due) -> None:
        """Do what Temporal's record says of an expense that nobody has decided, for all we know."""
        await self.follow_as(due, await self.look(due))

    async def follow_as(self, due: Due, found: Outcome) -> None:
        """Do what was found about an expense that nobody has decided, for all we know."""
        expense = due.expense
        if isinstance(found, Waiting | Decided | Expired):
            # It may have been created after the backup was made that this database comes from.
            expense = await self.recovery.take_charge(expense)
        match found:
            case Waiting(decide_by=datetime() as decide_by) if decide_by > datetime.now(UTC):
                await self.workflow_calls.ask_unregistered(expense, decide_by)
            case Expired():
                await self.workflow_calls.expire(expense)
            case Decided():
                await self.take_over(expense, found)
            case Closed(why=why):
                await self.workflow_calls.cancel(expense, why)
            case Lost():
                await self.start_again(expense)

    async def take_over(self, expense: Expense, found: Decided) -> None:
        """Record what Temporal has and the database lacks."""
        if found.payment is Payment.DONE:
            logger.warning("expense %s: paid or left to finance, as Temporal says", expense.id)
            await self.recovery.pay(expense, found.proof)
        elif found.proof and expense.state is State.CREATED:
            logger.warning("expense %s: decided, as Temporal's record says", expense.id)
            await self.recovery.decide(expense, found.proof)
        else:
            # Completed past us, as from Temporal's own web page: nobody here decided it.
            why = f"completed in Temporal with {found.decision!r}"
            await self.workflow_calls.cancel(expense, why)

    def doubt(self, expense: Expense) -> None:
        """Tell the operator of an expense that was decided twice, as the database was restored."""
        logger.error(
            "expense %s is %s; before the database was restored it had been approved, and may have "
            "been paid: if the payment system has paid it, say python -m bot settle %s paid",
            *(expense.id, expense.state, expense.id),
        )

    async def catch_up(self, expense_id: str) -> bool:
        """Take over a decision that the database lacks, and return whether Temporal has one."""
        due = await self.outbox.read(expense_id)
        if due is None or due.expense.state not in OPEN or not due.callback.names_workflow:
            return False
        try:
            found = await self.look(due)
        except Unproven:
            return False
        if not (isinstance(found, Decided) and found.proof):
            return False
        await self.take_over(await self.recovery.take_charge(due.expense), found)
        return True
