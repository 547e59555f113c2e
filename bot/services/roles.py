"""What only people with a role may do, and nobody about their own expense."""

from collections.abc import Sequence

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain.errors import InvalidId, NotAllowed
from bot.domain.expense import Expense
from bot.domain.people.role import Role
from bot.policy.approvers import READERS, Policy
from bot.services.decisions import note_refusal


async def check_reader(policy: Policy, person: str) -> None:
    """Check that a person may read every expense now.

    Raises:
        NotAllowed: they are neither finance nor auditor any more.
        TryAgain: Slack does not say whether they are.
    """
    if not await policy.has_role(person, *READERS):
        raise NotAllowed(say("finance-only"))


async def get_for_role(
    expenses: ExpenseStore,
    policy: Policy,
    expense_id: str,
    person: str,
    roles: Sequence[Role],
    only: str,
) -> Expense:
    """Return an expense that somebody else asked for to a person who has one of some roles now.

    Args:
        expenses: where expenses are recorded.
        policy: says who has which role.
        expense_id: which one.
        person: Slack user id of who acts.
        roles: what they need one of.
        only: what anybody else is told.

    Raises:
        NotAllowed: they have no such role, or asked for it themselves; the attempt is written
            into its history.
        InvalidId: no expense has this id.
        TryAgain: Slack does not say whether they have one.
    """
    expense = await expenses.find(expense_id)
    refusal = None
    if not await policy.has_role(person, *roles):
        refusal = NotAllowed(only)
    elif expense and person == expense.requester:
        refusal = NotAllowed(say("role-own-expense", role=roles[0]))
    if expense and refusal:
        await note_refusal(expenses, expense, person, refusal)
    if refusal:
        raise refusal
    if expense is None:
        raise InvalidId(say("no-such-expense"))
    return expense
