"""Payments by hand: finance marks what it has paid, and a second person of finance confirms it."""

from collections.abc import Sequence
from datetime import date

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.database.payment_runs import PaymentRuns
from bot.domain.errors import InvalidInput, InvalidState, NotAllowed
from bot.domain.expense import Expense
from bot.domain.form import MAX_AGE
from bot.domain.payment_runs import MOST_MARKED, PaymentRun
from bot.domain.payments.payment import PaidOn, Problem, read_reference
from bot.domain.people.role import Role
from bot.policy.approvers import Policy
from bot.services.decisions import note_refusal


def read_paid_on(day: date, today: date) -> date:
    """Return a day on which something may have been paid.

    Args:
        day: what somebody says.
        today: where they are.

    Raises:
        InvalidInput: it is to come, or too long ago.
    """
    if day > today:
        raise InvalidInput("paid_on", say("paid-form.to-come"))
    if day < today - MAX_AGE:
        raise InvalidInput("paid_on", say("paid-form.too-old"))
    return day


def read_typed_reference(text: str) -> str | None:
    """Return a reference as it is kept; None for an empty one.

    Raises:
        InvalidInput: it is too long, or the number of a bank account.
    """
    try:
        return read_reference(text)
    except ValueError as error:
        name = "paid-form.account" if str(error) == "account" else "paid-form.too-long"
        raise InvalidInput("reference", say(name)) from error


class HandPayments:
    """Marks and confirms payments for people who are finance when they do it."""

    def __init__(self, expenses: ExpenseStore, runs: PaymentRuns, policy: Policy) -> None:
        self._expenses = expenses
        self._runs = runs
        self._policy = policy

    async def to_pay(self, person: str) -> list[Expense]:
        """Return what a person may mark as paid, the longest waiting first.

        Raises:
            NotAllowed: they are not finance.
            TryAgain: Slack does not say whether they are.
        """
        await self._check(person, ())
        return await self._runs.to_pay(person, MOST_MARKED)

    async def mark(
        self, person: str, ids: Sequence[str], paid: PaidOn, run: str
    ) -> tuple[int, dict[str, Problem]]:
        """Mark expenses as paid, in one run; see `PaymentRuns.mark`.

        Raises:
            NotAllowed: they are not finance; the attempt is written into the histories.
            TryAgain: Slack does not say whether they are.
        """
        ids = ids[:MOST_MARKED]
        await self._check(person, ids)
        return await self._runs.mark(run, dict.fromkeys(ids, paid), person)

    async def unconfirmed(self) -> list[PaymentRun]:
        """Return what waits to be confirmed, the oldest first."""
        return await self._runs.unconfirmed()

    async def run(self, person: str, run: str) -> tuple[PaymentRun, list[Expense]]:
        """Return what a person may confirm: a run, and the first of its expenses.

        Raises:
            NotAllowed: they are not finance, or have marked it themselves.
            InvalidState: it was confirmed or taken back meanwhile.
            TryAgain: Slack does not say whether they are finance.
        """
        expenses = await self._check_other(person, run)
        found = next((one for one in await self._runs.unconfirmed() if one.id == run), None)
        if found is None:
            raise InvalidState(say("run-is-over"))
        return found, expenses

    async def confirm(self, person: str, run: str) -> int:
        """Confirm a run, once, and return how many of it this person has confirmed.

        Raises:
            NotAllowed, InvalidState, TryAgain: as in `run`.
        """
        expenses = await self._check_other(person, run)
        count = await self._runs.confirm(run, person)
        if not count:
            raise InvalidState(say("run-has-own-only" if expenses else "run-is-over"))
        return count

    async def take_back(self, person: str, run: str) -> int:
        """Say that a run is not right, and return how many are to be paid again.

        Also who has marked it may say so.

        Raises:
            NotAllowed: they are not finance.
            InvalidState: it was confirmed or taken back meanwhile.
            TryAgain: Slack does not say whether they are finance.
        """
        expenses = await self._runs.of_run(run, MOST_MARKED)
        await self._check(person, [expense.id for expense in expenses])
        count = await self._runs.take_back(run, person)
        if not count:
            raise InvalidState(say("run-is-over"))
        return count

    async def _check_other(self, person: str, run: str) -> list[Expense]:
        """Return the first expenses of a run to a person who may confirm it."""
        expenses = await self._runs.of_run(run, MOST_MARKED)
        ids = [expense.id for expense in expenses]
        await self._check(person, ids)
        if any(one.payment and one.payment.marked_by == person for one in expenses):
            refusal = NotAllowed(say("run-is-own"))
            await self._note(person, ids, refusal)
            raise refusal
        return expenses

    async def _check(self, person: str, ids: Sequence[str]) -> None:
        if not await self._policy.has_role(person, Role.FINANCE):
            refusal = NotAllowed(say("finance-pays-only"))
            await self._note(person, ids, refusal)
            raise refusal

    async def _note(self, person: str, ids: Sequence[str], refusal: NotAllowed) -> None:
        for expense_id in ids:
            if expense := await self._expenses.find(expense_id):
                await note_refusal(self._expenses, expense, person, refusal)
