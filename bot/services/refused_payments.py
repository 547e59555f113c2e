"""Refused payments: an admin has one asked for again, under a new idempotency key."""

from datetime import timedelta

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import Conflict, InvalidState, TryAgain
from bot.domain.expense import PAID_BEFORE, RESUBMITTABLE, Expense, State
from bot.domain.receipts import NOT_KEPT
from bot.domain.role import Role
from bot.domain.slack_ids import is_user_id
from bot.policy.approvers import Policy
from bot.services.required_receipts import RequiredReceipts
from bot.services.roles import get_for_role

# The bot listens for an answer for 30 seconds: after this, no request with the former key is left.
DEFINITE_AFTER = timedelta(minutes=1)
_TRIES = 20
# How many of somebody's expenses are looked at for those made from a refused one.
_LATEST = 1000


class RefusedPayments:
    """Asks for payments again that the payment system refused.

    Args:
        expenses: where expenses are recorded.
        policy: says who is an admin.
        place: the host of the payment system; None where finance pays.
    """

    def __init__(self, expenses: ExpenseStore, policy: Policy, place: str | None) -> None:
        self._expenses = expenses
        self._policy = policy
        self._place = place

    async def ask_again(self, expense_id: str, admin: str) -> None:
        """Have a refused payment asked for again, once, however many admins want it.

        Who asks once more has done so already.

        Args:
            expense_id: which expense.
            admin: Slack user id.

        Raises:
            NotAllowed, InvalidId, TryAgain: as in `get_for_role`.
            InvalidState: its payment is not refused, or something else was paid for the same.
        """
        only = say("pay-again-admins-only")
        for _ in range(_TRIES):
            expense = await get_for_role(
                self._expenses, self._policy, expense_id, admin, Role.ADMIN, only
            )
            history = await self._expenses.history(expense_id)
            asked = [line for line in history if isinstance(line.event, audit_events.PaymentAsked)]
            if expense.state is not State.PAYMENT_FAILED:
                if asked and asked[-1].actor == admin:
                    return
                raise InvalidState(say("pay-again-not-refused"))
            chain = await self._check_nothing_else_is_paid(expense)
            now = await self._expenses.now()
            refused = (
                line.at for line in history if isinstance(line.event, audit_events.PaymentRefused)
            )
            if now < max(refused, default=expense.created_at) + DEFINITE_AFTER:
                raise InvalidState(say("pay-again-too-soon"))
            if await self._expenses.change(
                expense,
                audit_events.PaymentAsked(self._place),
                admin,
                to=State.APPROVED,
                expected={State.PAYMENT_FAILED},
                seen=expense.version,
                unpaid=chain,
                payment_asked_at=now,
            ):
                return
        raise Conflict("Much happens to this expense at the same time.")

    async def _check_nothing_else_is_paid(self, expense: Expense) -> set[str]:
        """Refuse to have paid what is, or may be, paid by another expense.

        Returns:
            The ids of all that ask for the same; other admins may ask for another one just now.

        Raises:
            InvalidState: what it was made from, or what was made from it, is open or paid.
        """
        before = {one.id: one.state for one in await made_from(self._expenses, expense)}
        if expense.payment_refusal == PAID_BEFORE or not RESUBMITTABLE.issuperset(before.values()):
            raise InvalidState(say("pay-again-first-is-paid"))
        made = {expense.id}
        for one in reversed(await self._expenses.of_requester(expense.requester or "", _LATEST)):
            if one.previous_id not in made:
                continue
            made.add(one.id)
            if one.state not in RESUBMITTABLE:
                raise InvalidState(say("pay-again-submitted-again", id=one.name))
        return made | before.keys()


async def made_from(expenses: ExpenseStore, expense: Expense) -> list[Expense]:
    """Return what an expense was made from, and what that was made from, newest first."""
    found: list[Expense] = []
    while expense.previous_id:
        expense = await expenses.get(expense.previous_id)
        found.append(expense)
    return found


async def why_refused(
    expenses: ExpenseStore, expense: Expense, receipts: RequiredReceipts | None
) -> str | None:
    """Return the code with which the bot itself refuses to have an expense paid, if it does.

    Raises:
        TryAgain: what it was made from may be paid yet, or a required receipt is not copied.
    """
    before = {one.state for one in await made_from(expenses, expense)}
    if State.APPROVED in before:
        raise TryAgain("What it was made from may be paid yet.", after=60)
    if State.COMPLETED in before:
        return PAID_BEFORE
    if receipts and not await receipts.are_kept(expense):
        return NOT_KEPT
    return None


async def times_asked(expenses: ExpenseStore, expense: Expense) -> int:
    """Return how often people have wanted a payment; each time has its own idempotency key."""
    if expense.payment_refusal is None:
        return 1
    history = await expenses.history(expense.id)
    events = [line.event for line in history if is_user_id(line.actor)]
    return 1 + sum(isinstance(event, audit_events.PaymentAsked) for event in events)


async def record_refusal(
    expenses: ExpenseStore, expense: Expense, code: str, actor: str, times: int = 1
) -> Expense:
    """Record that a payment was refused, unless it was asked for again since.

    Args:
        expenses: where expenses are recorded.
        expense: what was to be paid.
        code: the reason, such as INSUFFICIENT_FUNDS.
        actor: who refused it.
        times: how often it had been asked for, as `times_asked` says.
    """
    found = expense
    while found.state is State.APPROVED and await times_asked(expenses, found) == times:
        event, to = audit_events.PaymentRefused(code), State.PAYMENT_FAILED
        if changed := await expenses.change(
            found, event, actor, to=to, seen=found.version, payment_refusal=code
        ):
            return changed
        found = await expenses.get(expense.id)
    return found
