"""What only admins may do, and nobody about their own expense."""

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain.errors import InvalidId, NotAllowed
from bot.domain.expense import Expense
from bot.policy.approvers import Policy
from bot.services.decisions import note_refusal


async def get_for_admin(
    expenses: ExpenseStore, policy: Policy, expense_id: str, admin: str, only: str
) -> Expense:
    """Return an expense that somebody else asked for to an admin.

    Args:
        expenses: where expenses are recorded.
        policy: says who is an admin.
        expense_id: which one.
        admin: Slack user id.
        only: what anybody else is told.

    Raises:
        NotAllowed: they are no admin, or asked for it themselves; the attempt is written into its
            history.
        InvalidId: no expense has this id.
        TryAgain: Slack does not say whether they are an admin.
    """
    expense = await expenses.find(expense_id)
    refusal = None
    if not await policy.is_admin(admin):
        refusal = NotAllowed(only)
    elif expense and admin == expense.requester:
        refusal = NotAllowed(say("admins-own"))
    if expense and refusal:
        await note_refusal(expenses, expense, admin, refusal)
    if refusal:
        raise refusal
    if expense is None:
        raise InvalidId(say("no-such-expense"))
    return expense
