"""Lends commands what the bots use: the database, Temporal's record, the payment system."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

from bot.database.audit import InForce
from bot.database.encryption import Cipher
from bot.database.engine.connection import PATIENCE_SECONDS, Database
from bot.database.engine.sqlite import check_file
from bot.database.expenses import ExpenseStore
from bot.database.migrate import check_usable, migrate
from bot.delivery.following import Following
from bot.delivery.temporal import connect_temporal
from bot.payment_system import make_payments
from bot.services.reimbursement import Reimbursement
from bot.services.workflow_calls import WorkflowCalls
from bot.setting_groups import PaymentSettings, TemporalSettings, plain
from bot.setting_types import DatabaseSettings
from bot.slack.web_client import make_session

# For commands that neither read nor store a task token, and so need no key of the operator's.
NO_CIPHER = Cipher([token_hex(32)])


def leave_to_bots(_: str) -> None:
    """Leave what follows a change to the bots, which find it due."""


@asynccontextmanager
async def opened(
    settings: DatabaseSettings, patience: float = PATIENCE_SECONDS
) -> AsyncIterator[Database]:
    """Lend a command of the operator's the database that the bots use.

    Args:
        settings: name it.
        patience: seconds that PostgreSQL may take for a statement.

    Raises:
        SettingsError: there is none, or it cannot be used; the message says why, in a line.
    """
    url = settings.database_url
    if settings.is_postgres:
        await check_usable(url)
    else:
        await check_file(url)
        await migrate(url)
    database = Database(url, patience)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def following(
    settings: TemporalSettings, *, is_lost: bool = False, finance_pays: bool = False
) -> AsyncIterator[tuple[Database, Following]]:
    """Lend the records of the database and of Temporal.

    Args:
        settings: name both.
        is_lost: whether Temporal has lost what it does not know.
        finance_pays: whether there is no payment system.

    Raises:
        SettingsError: one is missing that was in force, such as the key that reads proofs.
    """
    client = await connect_temporal(settings.expense_payload_codec)
    async with opened(settings) as database:
        settings.check_keys(await InForce.read(database))
        cipher, queue = Cipher(settings.encryption_secrets()), settings.expense_task_queue
        expenses = ExpenseStore(database, cipher, leave_to_bots)
        how = {"is_lost": is_lost, "finance_pays": finance_pays}
        yield database, Following.of(database, cipher, expenses, client, queue, **how)


@asynccontextmanager
async def paying(database: Database, settings: PaymentSettings) -> AsyncIterator[Reimbursement]:
    """Lend what asks the payment system, and records its answers."""
    expenses = ExpenseStore(database, NO_CIPHER, leave_to_bots)
    url, keys = settings.expense_payment_url, plain(settings.expense_payment_key)
    async with make_session() as session:
        payments = make_payments(session, url, keys)
        reimbursement = Reimbursement(expenses, payments, WorkflowCalls(expenses))
        try:
            yield reimbursement
        finally:
            await reimbursement.close()
