"""The operator's repairs: `python -m bot settle`, `reconcile` and `expenses reassign`."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from bot.commands.console import Done, Exit, print_json
from bot.commands.opening import NO_CIPHER, following, leave_to_bots, opened, paying
from bot.database.assignments import open_expenses
from bot.database.audit import InForce
from bot.database.delegations import Delegations
from bot.database.engine.connection import Database
from bot.database.expenses import ExpenseStore
from bot.delivery import reconciliation
from bot.domain.errors import InvalidInput, TryAgain
from bot.payment_system import host_of
from bot.services.decisions import Decisions
from bot.services.handovers import Handovers
from bot.services.recovery import Recovery
from bot.setting_groups import PaymentSettings, ReassignSettings, ReconcileSettings
from bot.settings import load
from bot.slack.directory import SlackDirectory
from bot.slack.web_client import make_session, make_slack_client


async def settle(database: Database, expense_id: str, outcome: str, *, is_dry: bool) -> str:
    """Record what the operator found out about an expense; say what it is then.

    Args:
        database: the bots' record.
        expense_id: which one.
        outcome: paid, unpaid or ask-again.
        is_dry: whether to say only what would be done.

    Raises:
        InvalidId, InvalidState, TryAgain: it is not recorded.
        SettingsError: the payment system that was in force is missing.
    """
    expenses = ExpenseStore(database, NO_CIPHER, leave_to_bots)
    recovery = Recovery(expenses)
    if is_dry:
        expense = await expenses.get(expense_id)
        return f"it is {expense.state}, and would be recorded as {outcome}"
    if outcome == "ask-again":
        # Somebody's shell may lack the setting, and this would record that there is none.
        settings = load(PaymentSettings)
        settings.check_payments(await InForce.read(database))
        settled = await recovery.ask_again(expense_id, host_of(settings.expense_payment_url))
    else:
        settled = await recovery.settle(expense_id, is_paid=outcome == "paid")
    return f"it is {settled.state} now; the bot goes on with it"


async def reconcile(
    settings: ReconcileSettings,
    back: timedelta,
    *,
    is_lost: bool,
    mend: bool,
    as_json: bool = False,
) -> Exit:
    """Compare database, Temporal and payment system, and print each difference.

    Args:
        settings: name all three.
        back: how old the expenses are at most that are looked at.
        is_lost: whether Temporal has lost what it does not know.
        mend: whether to make them agree where it is proven what is true.
        as_json: print for programs.

    Returns:
        FOUND if a difference is left.

    Raises:
        SettingsError: one is missing that was in force, such as the key that reads proofs.
    """
    found: list[reconciliation.Difference] = []
    finance_pays = settings.expense_payment_url is None
    found_in = following(settings, is_lost=is_lost, finance_pays=finance_pays)
    async with found_in as (database, records):
        settings.check_payments(await InForce.read(database))
        async with paying(database, settings) as reimbursement:
            pay = reimbursement.pay if mend else None
            since = datetime.now(UTC) - back
            async for difference in reconciliation.reconcile(database, records, since, pay):
                found.append(difference)
                if not as_json:
                    click.echo(f"{difference.said}{'; mended' if difference.is_mended else ''}")
    left = [difference for difference in found if not difference.is_mended]
    if as_json:
        print_json([asdict(difference) for difference in found])
    elif not left:
        click.echo("database, Temporal and payment system agree")
    elif not mend:
        click.echo("with --fix, this mends what is proven")
    return Exit.FOUND if left else Exit.DONE


async def reassign(
    settings: ReassignSettings, person: str, colleague: str, *, is_dry: bool
) -> AsyncIterator[Done]:
    """Have a colleague asked wherever open expenses name a person, who has left.

    Args:
        settings: name the database, and Slack, which says who can be asked.
        person: Slack user id.
        colleague: Slack user id.
        is_dry: whether to name these expenses only.
    """
    async with opened(settings) as database, make_session() as session:
        expenses = ExpenseStore(database, NO_CIPHER, leave_to_bots)
        token = settings.slack_bot_token.get_secret_value()
        people = SlackDirectory(make_slack_client(token, settings.slack_api_url, session))
        policy = settings.policy(people, Delegations(database))
        handovers = Handovers(expenses, Decisions(expenses, policy), policy)
        for expense in await open_expenses(database):
            if policy.next_to_ask(person, expense) is None:
                continue
            if is_dry:
                yield Done(id=expense.id, said="would be reassigned")
                continue
            try:
                if await handovers.replace(expense, person, colleague):
                    said = f"reassigned to {colleague}; the bot tells people"
                    yield Done(id=expense.id, said=said)
            except (InvalidInput, TryAgain) as error:
                said = f"is not reassigned: {error}"
                yield Done(id=expense.id, code=Exit.FOUND, said=said)
    if person in policy.named:
        click.echo(
            f"EXPENSE_APPROVERS or EXPENSE_POLICY still names {person}: take them out of it, or "
            "new expenses will ask them",
            err=True,
        )
