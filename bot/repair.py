"""The operator's repairs after something was lost: `python -m bot settle` and `reconcile`."""

import logging
from datetime import UTC, datetime, timedelta

from bot.database.connection import Database
from bot.database.encryption import Cipher
from bot.database.expenses import ExpenseStore
from bot.delivery import reconciliation
from bot.delivery.following import Following
from bot.delivery.temporal import connect_temporal
from bot.domain.errors import InvalidId, InvalidState, SettingsError
from bot.payment_system import host_of
from bot.services.recovery import Recovery
from bot.settings import Settings

logger = logging.getLogger(__name__)


async def settle(settings: Settings, expense_id: str, outcome: str) -> None:
    """Record what the operator found out about an expense.

    Args:
        settings: name the database and the payment system.
        expense_id: which one.
        outcome: paid, unpaid or ask-again.

    Raises:
        SettingsError: no expense has this id, or its state does not allow that.
    """
    database = Database(settings.database_url)
    expenses = ExpenseStore(database, Cipher(settings.encryption_secrets()), _leave_to_bots)
    recovery = Recovery(expenses)
    try:
        if outcome == "ask-again":
            settled = await recovery.ask_again(expense_id, host_of(settings.expense_payment_url))
        else:
            settled = await recovery.settle(expense_id, is_paid=outcome == "paid")
    except (InvalidId, InvalidState) as error:
        raise SettingsError(str(error)) from error
    finally:
        await database.close()
    logger.info("expense %s is %s now; the bot goes on with it", settled.id, settled.state)


async def reconcile(settings: Settings, back: timedelta, *, is_lost: bool) -> None:
    """Make database and Temporal agree, and say what is left to the operator.

    Args:
        back: how old the expenses are at most that are looked at.
        is_lost: whether Temporal has lost what it does not know.
    """
    database, cipher = Database(settings.database_url), Cipher(settings.encryption_secrets())
    client = await connect_temporal(settings.expense_payload_codec)
    expenses, queue = ExpenseStore(database, cipher, _leave_to_bots), settings.expense_task_queue
    following = Following.of(database, cipher, expenses, client, queue, is_lost=is_lost)
    left = 0
    try:
        since = datetime.now(UTC) - back
        async for line in reconciliation.reconcile(database, following, since):
            left += 1
            logger.warning("%s", line)
    finally:
        await database.close()
    logger.info("database and Temporal agree, except for %s lines above", left or "no")


def _leave_to_bots(_: str) -> None:
    """Leave what follows a change to the bots, which find it due."""
