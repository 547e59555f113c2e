"""Refused payments: admins, finance and the operator have one asked for again, by a new key."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import Conflict, InvalidState, TryAgain
from bot.domain.expense import PAID_BEFORE, RESUBMITTABLE, Expense, State
from bot.domain.people.role import Role
from bot.domain.receipts import NOT_KEPT
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
        policy: says who is an admin, and who is finance.
        place: the host of the payment system; None where finance pays.
    """

    def __init__(self, expenses: ExpenseStore, policy: Policy, place: str | None) -> None:
        self._expenses = expenses
        self._policy = policy
        self._place = place

    async def ask_again(self, expense_id: str, person: str) -> None:
        """Have a refused payment asked for again for an admin or somebody in finance.

        Args:
            expense_id: which expense.
            person: Slack user id.

        Raises:
            NotAllowed, InvalidId, TryAgain: as in `get_for_role`.
            InvalidState: as in `ask_again`.
        """

        async def get() -> Expense:
            roles, only = (Role.ADMIN, Role.FINANCE), say("pay-again-admins-only")
            return await get_for_role(self._expenses, self._policy, expense_id, person, roles, only)

        await ask_again(self._expenses, get, person, self._place)


async def ask_again(
    expenses: ExpenseStore, get: Callable[[], Awaitable[Expense]], actor: str, place: str | None
) -> None:
    """Have a refused payment asked for again, once, however many people want it.

    Who asks once more has done so already.

    Args:
        expenses: where expenses are recorded.
        get: reads the expense, if the actor may do this to it.
        actor: Slack user id, or "operator".
        place: the host of the payment system.

    Raises:
        InvalidState: its payment is not refused, or something else was paid for the same.
    """
    for _ in range(_TRIES):
        expense = await get()
        history = await expenses.history(expense.id)
        asked = [line for line in history if isinstance(line.event, audit_events.PaymentAsked)]
        if expense.state is not State.PAYMENT_FAILED:
            if asked and asked[-1].actor == actor:
                return
            raise InvalidState(say("pay-again-not-refused"))
        chain = await _check_nothing_else_is_paid(expenses, expense)
        now = await expenses.now()
        refused = (
            line.at for line in history if isinstance(line.event, audit_events.PaymentRefused)
        )
        if now < max(refused, default=expense.created_at) + DEFINITE_AFTER:
            raise InvalidState(say("pay-again-too-soon"))
        if await expenses.change(
            expense,
            audit_events.PaymentAsked(place),
            actor,
            to=State.APPROVED,
            expected={State.PAYMENT_FAILED},
            seen=expense.version,
            unpaid=chain,
            payment_asked_at=now,
        ):
            return
    raise Conflict("Much happens to this expense at the same time.")


async def _check_nothing_else_is_paid(expenses: ExpenseStore, expense: Expense) -> set[str]:
    """Refuse to have paid what is, or may be, paid by another expense.

    Returns:
        The ids of all that ask for the same; others may ask for another one just now.

    Raises:
        InvalidState: what it was made from, or what was made from it, is open or paid.
    """
    before = {one.id: one.state for one in await made_from(expenses, expense)}
    if expense.payment_refusal == PAID_BEFORE or not RESUBMITTABLE.issuperset(before.values()):
        raise InvalidState(say("pay-again-first-is-paid"))
    made = {expense.id}
    for one in reversed(await expenses.of_requester(expense.requester or "", _LATEST)):
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
    times, is_refused = 1, False
    for line in await expenses.history(expense.id):
        if isinstance(line.event, audit_events.PaymentRefused):
            is_refused = True
        elif isinstance(line.event, audit_events.PaymentAsked) and is_refused:
            times, is_refused = times + 1, False
    return times


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
