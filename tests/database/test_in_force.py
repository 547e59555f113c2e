"""Which settings the record shows to have been in force, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app.application import create_app
from bot.database.audit import InForce
from bot.diagnostics.checks import look_at_what_was_in_force
from bot.domain.errors import SettingsError
from bot.domain.expense import Decision
from bot.domain.health.findings import Level
from bot.payment_system import PaymentSystem
from bot.settings import load_settings
from tests.support.house import environment
from tests.support.payments import KEY, dropping, fake_payments
from tests.support.plans import Stage, planned
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, SECRET, Rooms, rooms

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s",
    "SLACK_APPROVALS_CHANNEL": "C0APPROVALS",
    "EXPENSE_APPROVERS": MANAGER,
}


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with (
        fake_payments() as payments,
        aiohttp.ClientSession() as session,
        rooms(database_url, PaymentSystem(session, payments.url, [KEY])) as opened,
    ):
        payments.answer = dropping
        yield opened


async def shown(here: Rooms) -> InForce:
    """What the record shows besides a task token."""
    return replace(await InForce.read(here.database), task_token=None)


async def test_an_empty_record_shows_nothing(here: Rooms) -> None:
    assert await InForce.read(here.database) == InForce()


async def test_payments_that_were_asked_for_show_where(here: Rooms) -> None:
    expense = await here.waiting()
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    with pytest.raises(Exception, match="does not answer"):
        await here.reimbursement.pay(expense.id)
    assert await shown(here) == InForce(payments_at="127.0.0.1")


async def test_open_expenses_show_who_decides_them(here: Rooms) -> None:
    waiting = await here.waiting()
    assert await shown(here) == InForce(has_approvers=True)
    await here.decisions.decide(waiting.id, Decision.REJECTED, MANAGER)
    await here.waiting(datetime.now(UTC) - timedelta(days=1))
    await here.created()  # and nobody has registered it
    assert await shown(here) == InForce()
    await here.submissions.submit(REQUESTER, LUNCH, "view")
    assert await shown(here) == InForce(has_approvers=True)


async def test_plans_show_a_policy_until_expenses_are_submitted_without_one(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=(MANAGER,)))
    assert await shown(here) == InForce(has_rules=True)
    await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    assert await shown(here) == InForce(has_rules=True)
    newest = await here.submissions.submit(REQUESTER, LUNCH, "view")
    await here.submissions.withdraw(newest.id, REQUESTER)
    assert await shown(here) == InForce()


async def test_the_bot_does_not_start_without_what_was_in_force(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with rooms(sqlite_url) as here:
        await planned(here, Stage(asked=(MANAGER,)))
    variables = {"DATABASE_URL": sqlite_url, "EXPENSE_POLICY": "", "EXPENSE_ENCRYPTION_KEY": SECRET}
    with environment(NEEDED | variables):
        settings = load_settings()
        confirmed = settings.model_copy(update={"expense_policy": None})
    with pytest.raises(SettingsError, match=r"^EXPENSE_POLICY is missing"):
        await create_app(settings)
    async with rooms(sqlite_url) as here:  # and `python -m bot check` says so before
        [found] = await look_at_what_was_in_force(settings, here.database)
        assert found.level is Level.ERROR
        assert found.what.startswith("EXPENSE_POLICY is missing")
        [found] = await look_at_what_was_in_force(confirmed, here.database)
        assert found.level is Level.OK


async def test_a_key_that_does_not_decrypt_what_is_needed_is_noticed(sqlite_url: str) -> None:
    async with rooms(sqlite_url) as here:
        waiting = await here.waiting()
        with environment(NEEDED | {"DATABASE_URL": sqlite_url}):
            without, key = load_settings(), "EXPENSE_ENCRYPTION_KEY"
            with environment({key: SECRET}):
                right = load_settings()
            with environment({key: "k" * 32}):
                other = load_settings()
        # Beside the file there is none, or that of another file, so that a new one would be made.
        with pytest.raises(SettingsError, match=rf"^{key} is missing, and the key that is kept "):
            without.check(await InForce.read(here.database))
        for settings, level in ((right, Level.OK), (other, Level.WARNING)):
            settings.check(await InForce.read(here.database))
            [found] = await look_at_what_was_in_force(settings, here.database)
            assert found.level is level
        assert found.what.startswith(f"{key} does not decrypt")
        # What is delivered needs no token any more.
        await here.decisions.decide(waiting.id, Decision.REJECTED, MANAGER)
        await here.deliver(await here.expenses.get(waiting.id))
        without.check(await InForce.read(here.database))
