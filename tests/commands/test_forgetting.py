"""`python -m bot forget`: what it says, its exit codes, and that --dry-run changes nothing."""

import json

import pytest
from sqlalchemy import update

from bot.commands.console import Exit
from bot.database.schema import expenses
from tests.support.commands import Run
from tests.support.plans import lunch
from tests.support.retained import BOOK, ME, decided, everything, over
from tests.support.rooms import MANAGER, REQUESTER, SECRET, rooms


async def test_a_person_is_forgotten_where_everything_is_over(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    forget = Run(capsys, "forget", DATABASE_URL=database_url, EXPENSE_ENCRYPTION_KEY=SECRET)
    async with rooms(database_url, rulebook=BOOK) as here:
        assert await forget(REQUESTER) == (Exit.REFUSED, f"{REQUESTER} is in no expense\n")
        code, said = await forget("Ada")
        assert (code, "give a Slack user id" in said) == (Exit.MISUSED, True)
        expense = await decided(here)
        assert (await forget(REQUESTER))[0] == Exit.FOUND  # it is not delivered yet
        await here.database.execute(update(expenses).values(due_at=None))
        code, said = await forget(REQUESTER)
        assert (code, "not sealed yet: 1; try again" in said) == (Exit.TRY_AGAIN, True)
        await over(here, expense)
        await here.submissions.submit(REQUESTER, lunch(manager=MANAGER), "view open")
        before = await everything(here)
        code, said = await forget(REQUESTER, "--dry-run")
        assert (code, await everything(here)) == (Exit.FOUND, before)
        assert f"{REQUESTER} would become {ME}; expenses: 1" in said
        code, said = await forget(REQUESTER, "--json")
        assert code == Exit.FOUND
        assert json.loads(said) == {
            "person": REQUESTER,
            "pseudonym": ME,
            "forgotten": 1,
            "left": 1,
            "later": 0,
            "dry_run": False,
        }
        assert (await here.expenses.get(expense.id)).requester == ME
        assert await forget(REQUESTER) == (
            Exit.FOUND,
            f"{REQUESTER} is now {ME}; expenses: 0\nopen, unpaid, or not told to everybody yet: 1; "
            f"forget {REQUESTER} again when they are over\n",
        )
