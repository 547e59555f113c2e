"""What requesters ask for, in the company's own words: stored, and read again."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.database.schema import expenses
from bot.domain.coding import Coding, Detail
from bot.domain.errors import AlreadySubmitted
from bot.domain.expense import Category, Claim
from tests.support.plans import lunch
from tests.support.rooms import MANAGER, REQUESTER, Rooms, rooms

WORDS = Coding(
    label="Taxi",
    account="6673",
    dimensions=(Detail(key="cost_center", value="4711", label="Cost center", name="Marketing"),),
    answers=(Detail(key="attendees", value="Ada", label="Attendees"),),
    employee_number="17",
    manager=MANAGER,
)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def stored(here: Rooms, claim: Claim) -> tuple[Claim | None, str, str | None]:
    """Store a claim as an expense; return it as it is read again, and its two columns."""
    expense = await here.submissions.submit(REQUESTER, claim, "view V1")
    [row] = await here.database.execute(select(expenses).where(expenses.c.id == expense.id))
    return (await here.expenses.get(expense.id)).claim, row.category, row.coding


@pytest.mark.parametrize(
    ("category", "column"), [("taxi", "other"), ("meals", "meals"), (Category.MEALS, "meals")]
)
async def test_the_companys_words_are_kept_and_the_version_before_reads_a_category_that_it_knows(
    here: Rooms, category: str, column: str
) -> None:
    claim = replace(lunch(), category=category, coding=WORDS)
    assert (await stored(here, claim))[:2] == (claim, column)


async def test_without_words_of_a_company_everything_is_stored_as_before(here: Rooms) -> None:
    assert await stored(here, lunch()) == (lunch(), "meals", None)


async def test_a_form_that_comes_again_is_the_same_expense_whatever_the_policy_says_by_now(
    here: Rooms,
) -> None:
    claim = replace(lunch(), category="taxi", coding=WORDS, manager=MANAGER)
    first = await here.submissions.submit(REQUESTER, claim, "view V1")
    center = replace(WORDS.dimensions[0], label="", name="")
    bare = Coding(dimensions=(center,), answers=WORDS.answers)
    again = replace(claim, coding=bare, manager=None)
    assert (await here.submissions.submit(REQUESTER, again, "view V1")).id == first.id
    other = replace(again, coding=replace(bare, dimensions=(replace(center, value="4712"),)))
    with pytest.raises(AlreadySubmitted):
        await here.submissions.submit(REQUESTER, other, "view V1")
