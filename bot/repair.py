"""The operator's repairs: `python -m bot settle`, `reconcile` and `expenses reassign`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from bot.database.assignments import open_expenses
from bot.database.audit import InForce
from bot.database.connection import Database
from bot.database.delegations import Delegations
from bot.database.encryption import Cipher
from bot.database.expenses import ExpenseStore
from bot.database.migrate import check_usable, migrate
from bot.database.sqlite import check_file
from bot.delivery import reconciliation
from bot.delivery.following import Following
from bot.delivery.temporal import connect_temporal
from bot.domain.errors import InvalidId, InvalidInput, InvalidState, SettingsError, TryAgain
from bot.payment_system import host_of
from bot.policy.approvers import Policy
from bot.services.decisions import Decisions
from bot.services.handovers import Handovers
from bot.services.recovery import Recovery
from bot.settings import Settings
from bot.slack.directory import SlackDirectory
from bot.slack.web_client import make_session, make_slack_client

logger = logging.getLogger(__name__)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Lend a command of the operator's the database that the bots use.

    Raises:
        SettingsError: there is none, or it cannot be used; the message says why, in a line.
    """
    url = settings.database_url
    if settings.is_postgres:
        await check_usable(url)
    else:
        await check_file(url)
        await migrate(url)
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


async def settle(settings: Settings, expense_id: str, outcome: str) -> None:
    """Record what the operator found out about an expense.

    Args:
        settings: name the database and the payment system.
        expense_id: which one.
        outcome: paid, unpaid or ask-again.

    Raises:
        SettingsError: no expense has this id, or its state does not allow that; or a setting is
            missing that was in force.
    """
    try:
        async with opened(settings) as database:
            cipher = Cipher(settings.encryption_secrets())
            recovery = Recovery(ExpenseStore(database, cipher, _leave_to_bots))
            if outcome == "ask-again":
                # Somebody's shell may lack the setting, and this would record that there is none.
                settings.check(await InForce.read(database))
                place = host_of(settings.expense_payment_url)
                settled = await recovery.ask_again(expense_id, place)
            else:
                settled = await recovery.settle(expense_id, is_paid=outcome == "paid")
    except (InvalidId, InvalidState) as error:
        raise SettingsError(str(error)) from error
    logger.info("expense %s is %s now; the bot goes on with it", settled.id, settled.state)


async def reconcile(settings: Settings, back: timedelta, *, is_lost: bool) -> None:
    """Make database and Temporal agree, and say what is left to the operator.

    Args:
        back: how old the expenses are at most that are looked at.
        is_lost: whether Temporal has lost what it does not know.

    Raises:
        SettingsError: one is missing that was in force, such as the key that reads proofs.
    """
    client, left = await connect_temporal(settings.expense_payload_codec), 0
    async with opened(settings) as database:
        settings.check(await InForce.read(database))
        cipher, queue = Cipher(settings.encryption_secrets()), settings.expense_task_queue
        expenses = ExpenseStore(database, cipher, _leave_to_bots)
        following = Following.of(database, cipher, expenses, client, queue, is_lost=is_lost)
        since = datetime.now(UTC) - back
        async for line in reconciliation.reconcile(database, following, since):
            left += 1
            logger.warning("%s", line)
    logger.info("database and Temporal agree%s", ", but for what is said above" if left else "")


async def reassign(
    settings: Settings, person: str, colleague: str, *, is_dry_run: bool = False
) -> int:
    """Have a colleague asked wherever open expenses name a person, who has left.

    Args:
        settings: name the database, and Slack, which says who can be asked.
        person: Slack user id.
        colleague: Slack user id.
        is_dry_run: whether to name these expenses only.

    Returns:
        How many expenses could not be reassigned.
    """
    done = left = 0
    async with opened(settings) as database, make_session() as session:
        expenses = ExpenseStore(database, Cipher(settings.encryption_secrets()), _leave_to_bots)
        token = settings.slack_bot_token.get_secret_value()
        people = SlackDirectory(make_slack_client(token, settings.slack_api_url, session))
        approvers, delegations = settings.expense_approvers, Delegations(database)
        policy = Policy(approvers, people, delegations, settings.rulebook)
        handovers = Handovers(expenses, Decisions(expenses, policy), policy)
        for expense in await open_expenses(database):
            if policy.next_to_ask(person, expense) is None:
                continue
            try:
                if is_dry_run:
                    logger.info("expense %s would be reassigned", expense.id)
                else:
                    done += await handovers.replace(expense, person, colleague)
            except (InvalidInput, TryAgain) as error:
                left += 1
                logger.error("expense %s is not reassigned: %s", expense.id, error)
    if not is_dry_run:
        logger.info("%s reassigned to %s; the bot tells people", done, colleague)
    if person in policy.named:
        logger.warning(
            "EXPENSE_APPROVERS or EXPENSE_POLICY still names %s: take them out of it, or new "
            "expenses will ask them",
            person,
        )
    return left


def _leave_to_bots(_: str) -> None:
    """Leave what follows a change to the bots, which find it due."""
