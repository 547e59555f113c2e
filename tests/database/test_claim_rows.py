"""What requesters ask for, in the company's own words: stored, and read again."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.database.schema import expenses
from bot.domain.audit_events import Submitted
from bot.domain.coding import Coding, Detail
from bot.domain.errors import AlreadySubmitted, InvalidInput
from bot.domain.expense import Category, Claim, Expense, State
from bot.domain.words import Dimension, ListedPerson, OwnCategory, Words
from bot.policy.rules import Rulebook
from tests.support.claims import NOW
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


BOOK = Rulebook(
    words=Words(
        categories={"taxi": OwnCategory(label="Taxi", account="6673", asks=("attendees",))},
        dimensions={
            "cost_center": Dimension(label="Cost center", values={"4711": "Marketing", "4712": ""})
        },
        people={REQUESTER: ListedPerson(manager=MANAGER, employee_number="17")},
    )
)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        opened.policy.rulebook = BOOK
        yield opened


async def stored(here: Rooms, claim: Claim) -> tuple[Claim | None, str, str | None]:
    """Store a claim as an expense; return it as it is read again, and its two columns."""
    expense = Expense(
        id="E1", state=State.SUBMITTED, version=1, created_at=NOW, requester=REQUESTER, claim=claim
    )
    assert await here.expenses.add(expense, Submitted(None), REQUESTER)
    [row] = await here.database.execute(select(expenses).where(expenses.c.id == "E1"))
    return (await here.expenses.get("E1")).claim, row.category, row.coding


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


async def test_an_expense_keeps_the_words_of_the_day_it_was_submitted_on(here: Rooms) -> None:
    bare = Coding(
        dimensions=(Detail(key="cost_center", value="4711"),),
        answers=(Detail(key="attendees", value="Ada"),),
    )
    claim = replace(lunch(), category="taxi", coding=bare, manager=None)
    first = await here.submissions.submit(REQUESTER, claim, "view V1")
    assert first.claim == replace(claim, coding=WORDS, manager=MANAGER)

    # The same form once more is the same expense, whatever the policy says by now.
    here.policy.rulebook = Rulebook()
    assert await here.submissions.submit(REQUESTER, claim, "view V1") == first
    other = replace(bare, dimensions=(Detail(key="cost_center", value="4712"),))
    with pytest.raises(AlreadySubmitted):
        await here.submissions.submit(REQUESTER, replace(claim, coding=other), "view V1")

    # Submitted anew, it is judged by the words of now.
    await here.submissions.withdraw(first.id, REQUESTER)
    with pytest.raises(InvalidInput, match="choose a category"):
        await here.submissions.submit(REQUESTER, claim, "view V2", first.id)
