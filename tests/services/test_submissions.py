"""What requesters do: submitting, automatic approval and withdrawing, on both databases."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.database.schema import allowances
from bot.domain import audit_events
from bot.domain.approval_plan import Allowance, Plan, Stage
from bot.domain.errors import (
    AlreadyDecided,
    AlreadySubmitted,
    InvalidId,
    InvalidInput,
    InvalidState,
)
from bot.domain.expense import Claim, Decision, Expense, Money, Receipt, State
from bot.domain.form import Chosen
from bot.policy.rules import Rule, Rulebook
from bot.services.submissions import Submissions
from tests.support.plans import lunch, planned
from tests.support.rooms import MANAGER, REQUESTER, STRANGER, WINDOW, Rooms, caller, rooms
from tests.support.stopwatch import PATIENCE

pytestmark = pytest.mark.usefixtures("same_day")

SMALL = Rule(name="small", up_to=Decimal(50), monthly_ceiling=Decimal(100))
REST = Rule(name="rest", stages=(Stage(asked=("U0FIN",)),))


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, rulebook=Rulebook(rules=(SMALL, REST))) as opened:
        yield opened


async def submit(here: Rooms, key: str, claim: Claim | None = None) -> Expense:
    return await here.submissions.submit(REQUESTER, claim or lunch(), key)


async def rule_of(here: Rooms, key: str, amount: str = "42.50") -> str | None:
    plan = (await submit(here, key, lunch(amount))).plan
    return plan.rule if plan else None


async def used(here: Rooms) -> dict[date, int]:
    rows = await here.database.execute(select(allowances))
    return {row.month: row.used for row in rows}


async def test_small_expenses_ask_nobody_until_the_ceiling(here: Rooms) -> None:
    assert [await rule_of(here, f"view {n}") for n in range(4)] == [
        "small",
        "small",
        "rest",
        "rest",
    ]
    # What is left of the ceiling is left for smaller ones.
    assert await rule_of(here, "view 5", "15.00") == "small"
    assert await rule_of(here, "view 6", "0.01") == "rest"
    assert list((await used(here)).values()) == [1_000_000]


async def test_another_person_has_a_ceiling_of_their_own(here: Rooms) -> None:
    await submit(here, "view 1", lunch("50.00"))
    await submit(here, "view 2", lunch("50.00"))
    other = await here.submissions.submit(STRANGER, lunch("50.00"), "view 1")
    assert other.plan
    assert other.plan.rule == "small"


async def test_a_repeated_submission_counts_once_and_keeps_its_plan(here: Rooms) -> None:
    first = await submit(here, "view 1", lunch("30.00"))
    await submit(here, "view 2", lunch("40.00"))
    again = await asyncio.gather(*(submit(here, "view 1", lunch("30.00")) for _ in range(5)))
    assert {expense.id for expense in again} == {first.id}
    assert all(expense.plan == first.plan for expense in again)
    assert list((await used(here)).values()) == [700_000]
    asked = await submit(here, "view 3", lunch("40.00"))
    assert asked.plan
    assert asked.plan.rule == "rest"
    await here.submissions.withdraw(first.id, REQUESTER)
    assert (await submit(here, "view 3", lunch("40.00"))).plan == asked.plan
    assert list((await used(here)).values()) == [400_000]


async def test_a_repeated_submission_at_the_same_instant_counts_once(here: Rooms) -> None:
    made = await asyncio.gather(*(submit(here, "view 1") for _ in range(10)))
    assert len({expense.id for expense in made}) == 1
    assert list((await used(here)).values()) == [425_000]
    assert (await here.events(made[0].id)) == ["submit"]


async def test_a_submission_with_other_content_is_not_the_first_one_once_more(
    here: Rooms,
) -> None:
    receipt = Receipt(id="F01", name="a.png", permalink="https://x/a")
    first = await submit(here, "view 1", lunch("30.00", receipts=(receipt,)))
    # Slack knows a moment later that the file is a picture.
    seen = replace(receipt, is_picture=True)
    assert await submit(here, "view 1", lunch("30.00", receipts=(seen,))) == first
    for changes in (
        {"money": Money(Decimal("3.00"), "EUR")},
        {"money": Money(Decimal("30.00"), "USD")},
        {"description": "Dinner"},
        {"manager": MANAGER},
        {"receipts": ()},
    ):
        assert first.claim
        with pytest.raises(AlreadySubmitted) as told:
            await submit(here, "view 1", replace(first.claim, **changes))  # type: ignore[arg-type]
        assert told.value.expense == first
    assert await here.events(first.id) == ["submit"]
    assert list((await used(here)).values()) == [300_000]


async def test_of_two_contents_at_the_same_instant_one_counts(here: Rooms) -> None:
    amounts = ("10.00", "20.00", "30.00", "40.00")
    results = await asyncio.gather(
        *(submit(here, "view 1", lunch(amount)) for amount in amounts), return_exceptions=True
    )
    [counted] = [one for one in results if isinstance(one, Expense)]
    told = [one for one in results if isinstance(one, AlreadySubmitted)]
    assert len(told) == 3
    assert {one.expense.claim for one in told} == {counted.claim}


async def test_a_repeated_submission_is_not_asked_of_a_stricter_policy(here: Rooms) -> None:
    first = await submit(here, "view 1")
    policy = here.policy
    policy.rulebook = Rulebook(rules=(Rule(name="r", receipt_over=Decimal(1), stages=REST.stages),))
    stricter = Submissions(here.expenses, WINDOW, policy, here.submissions._flagging)
    assert (await stricter.submit(REQUESTER, lunch(), "view 1")) == first
    with pytest.raises(InvalidInput):
        await stricter.submit(REQUESTER, lunch(), "view 2")


async def test_the_ceiling_is_never_passed_by_many_at_once(here: Rooms) -> None:
    plans = await asyncio.gather(*(rule_of(here, f"view {n}", "12.50") for n in range(20)))
    assert Counter(plans) == {"small": 8, "rest": 12}
    assert list((await used(here)).values()) == [1_000_000]


async def test_without_a_rule_that_asks_the_approvers_of_the_settings_do(
    database_url: str,
) -> None:
    async with rooms(database_url, rulebook=Rulebook(rules=(SMALL,))) as here:
        plans = await asyncio.gather(*(rule_of(here, f"view {n}", "50.00") for n in range(20)))
        assert Counter(plans) == {"small": 2, None: 18}


async def test_a_second_ceiling_is_tried_before_anybody_is_asked(database_url: str) -> None:
    larger = Rule(name="larger", monthly_ceiling=Decimal(1000))
    async with rooms(database_url, rulebook=Rulebook(rules=(SMALL, larger, REST))) as here:
        assert await rule_of(here, "view 1", "50.00") == "small"
        assert await rule_of(here, "view 2", "50.00") == "small"
        # Both ceilings are one account: 100 of it is used.
        assert await rule_of(here, "view 3", "50.00") == "larger"
        assert await rule_of(here, "view 4", "900.00") == "rest"
        assert await rule_of(here, "view 5", "850.00") == "larger"


async def test_every_month_has_a_ceiling_of_its_own(here: Rooms) -> None:
    plan = Plan(
        rule="small",
        allowance=Allowance(amount=Decimal(60), ceiling=Decimal(100), currency="EUR"),
    )
    for name, created_at in (
        ("last of January", datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)),
        ("first of February", datetime(2026, 2, 1, tzinfo=UTC)),
    ):
        expense = Expense(
            id=name,
            state=State.SUBMITTED,
            version=1,
            created_at=created_at,
            requester=REQUESTER,
            claim=lunch("60.00"),
            plan=plan,
        )
        assert await here.expenses.add(expense, event=audit_events.Submitted(), actor=REQUESTER)
    assert await used(here) == {date(2026, 1, 1): 600_000, date(2026, 2, 1): 600_000}


@pytest.mark.parametrize("end", ["withdraw", "cancel", "expire"])
async def test_what_is_not_paid_after_all_is_given_back(here: Rooms, end: str) -> None:
    expense = await submit(here, "view 1", lunch("50.00"))
    await submit(here, "view 2", lunch("50.00"))
    await here.workflow_calls.create(expense.id, caller(expense.id))
    expense = await here.expenses.get(expense.id)
    for _ in range(2):
        if end == "withdraw":
            await here.submissions.withdraw(expense.id, REQUESTER)
        elif end == "cancel":
            await here.workflow_calls.cancel(expense, "terminated")
        else:
            await here.workflow_calls.expire(expense)
    assert list((await used(here)).values()) == [500_000]
    assert await rule_of(here, "view 3", "50.00") == "small"


async def test_amounts_in_other_currencies_count_in_the_base_currency(database_url: str) -> None:
    book = Rulebook(rates={"USD": Decimal("0.925")}, rules=(SMALL, REST))
    async with rooms(database_url, rulebook=book) as here:
        dollars = lunch(money=Money(Decimal("33.33"), "USD"))
        assert (await submit(here, "view 1", dollars)).plan
        assert list((await used(here)).values()) == [308_302]  # 30.83025, to the ten-thousandth


async def test_an_automatic_approval_needs_nobody(here: Rooms) -> None:
    expense = await submit(here, "view 1")
    await here.workflow_calls.create(expense.id, caller(expense.id))
    with pytest.raises(AlreadyDecided, match="automatically"):
        await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
    for _ in range(2):
        await here.workflow_calls.approve_automatically(await here.expenses.get(expense.id))
    approved = await here.expenses.get(expense.id)
    assert (approved.state, approved.decision) == (State.APPROVED, Decision.APPROVED)
    assert approved.decided_by is None
    assert (await here.events(expense.id)).count("decide") == 1


async def test_automatic_approval_against_withdrawal(here: Rooms) -> None:
    for number in range(5):
        expense = await submit(here, f"view {number}", lunch("1.00"))
        await here.workflow_calls.create(expense.id, caller(expense.id))
        await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
        expense = await here.expenses.get(expense.id)

        async def withdraw(id: str = expense.id) -> None:
            await asyncio.sleep(random.random() / 500)
            await here.submissions.withdraw(id, REQUESTER)

        _, refused = await asyncio.gather(
            here.workflow_calls.approve_automatically(expense), withdraw(), return_exceptions=True
        )
        state = (await here.expenses.get(expense.id)).state
        assert state is (State.APPROVED if refused else State.WITHDRAWN)


async def test_withdrawing_before_the_workflow_comes(here: Rooms) -> None:
    expense = await submit(here, "view 1")
    withdrawn = await here.submissions.withdraw(expense.id, REQUESTER)
    assert (withdrawn.state, withdrawn.decision) == (State.WITHDRAWN, Decision.CANCELLED)
    assert withdrawn.is_undelivered
    # The workflow goes its way all the same, and again if an answer was lost.
    for _ in range(2):
        await here.workflow_calls.create(expense.id, caller(expense.id))
        await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
    now = await here.expenses.get(expense.id)
    assert now.state is State.WITHDRAWN
    assert now.is_undelivered
    for stranger in (caller(expense.id, "run-2"), caller("another", "run-3")):
        with pytest.raises(Exception, match=r"in charge|belongs"):
            await here.workflow_calls.create(expense.id, stranger)


async def test_withdrawing_what_is_asked_about(here: Rooms) -> None:
    expense = await planned(here, *REST.stages)
    withdrawn = await here.submissions.withdraw(expense.id, REQUESTER)
    assert withdrawn.state is State.WITHDRAWN
    with pytest.raises(AlreadyDecided):
        await here.decisions.decide(expense.id, Decision.APPROVED, "U0FIN")
    with pytest.raises(InvalidState):
        await here.reimbursement.pay(expense.id)


async def test_withdrawing_twice_is_no_mistake(here: Rooms) -> None:
    expense = await submit(here, "view 1")
    first, *others = await asyncio.gather(
        *(here.submissions.withdraw(expense.id, REQUESTER) for _ in range(5))
    )
    assert all(other == first for other in others)
    assert (await here.events(expense.id)) == ["submit", "withdraw"]


async def test_nobody_withdraws_what_is_not_theirs(here: Rooms) -> None:
    expense = await planned(here, *REST.stages)
    workflows = await here.waiting()
    for expense_id in (expense.id, workflows.id, "unknown"):
        for person in (MANAGER, "U0FIN", STRANGER):
            with pytest.raises(InvalidId):
                await here.submissions.withdraw(expense_id, person)
    assert (await here.expenses.get(expense.id)).is_open


async def test_what_is_decided_is_not_withdrawn(here: Rooms) -> None:
    expense = await planned(here, *REST.stages)
    await here.decisions.decide(expense.id, Decision.REJECTED, "U0FIN")
    with pytest.raises(AlreadyDecided) as refusal:
        await here.submissions.withdraw(expense.id, REQUESTER)
    assert refusal.value.expense.state is State.REJECTED


async def test_an_expense_is_made_from_one_of_their_own_only(here: Rooms) -> None:
    mine = await submit(here, "view 1")
    await here.submissions.withdraw(mine.id, REQUESTER)
    again = await here.submissions.submit(REQUESTER, lunch(), "view 2", mine.id)
    assert (await here.expenses.get(again.id)).previous_id == mine.id
    for previous, person in ((mine.id, STRANGER), ("unknown", REQUESTER)):
        with pytest.raises(InvalidId):
            await here.submissions.submit(person, lunch(), "view 3", previous)


async def closed(here: Rooms, end: State) -> Expense:
    """Make an expense that ended like that."""
    expense = await planned(here, Stage(asked=("U0FIN",)))
    match end:
        case State.EXPIRED:
            await here.workflow_calls.expire(expense)
        case State.CANCELLED:
            await here.workflow_calls.cancel(expense, "terminated")
        case State.WITHDRAWN:
            await here.submissions.withdraw(expense.id, REQUESTER)
        case State.REJECTED:
            await here.decisions.decide(expense.id, Decision.REJECTED, "U0FIN")
        case State.APPROVED | State.COMPLETED | State.PAYMENT_FAILED:
            await here.decisions.decide(expense.id, Decision.APPROVED, "U0FIN")
    if end in (State.COMPLETED, State.PAYMENT_FAILED):
        expense = await here.expenses.get(expense.id)
        events = {State.COMPLETED: audit_events.Paid(), State.PAYMENT_FAILED: NO_MONEY}
        assert await here.expenses.change(expense, to=end, event=events[end], actor="payment")
    found = await here.expenses.get(expense.id)
    assert found.state is end
    return found


NO_MONEY = audit_events.PaymentRefused("INSUFFICIENT_FUNDS")


@pytest.mark.parametrize("end", [State.EXPIRED, State.CANCELLED])
async def test_what_nobody_decided_is_asked_again_once(here: Rooms, end: State) -> None:
    old = await closed(here, end)
    asked = [here.submissions.ask_again(old.id, REQUESTER) for _ in range(10)]
    [new] = {expense.id for expense in await asyncio.gather(*asked)}
    found = await here.expenses.get(new)
    assert found.claim
    assert old.claim
    assert found.claim.is_same_as(old.claim)
    assert found.previous_id == old.id
    assert found.state is State.SUBMITTED
    # Days later, and whatever became of it, it is the same one.
    await here.submissions.withdraw(new, REQUESTER)
    assert (await here.submissions.ask_again(old.id, REQUESTER)).id == new
    with pytest.raises(InvalidId):
        await here.submissions.ask_again(old.id, STRANGER)


async def test_what_was_asked_again_and_expired_is_asked_once_more(here: Rooms) -> None:
    old = await closed(here, State.EXPIRED)
    again = await here.submissions.ask_again(old.id, REQUESTER)
    await here.workflow_calls.create(again.id, caller(again.id))
    await here.workflow_calls.expire(await here.expenses.get(again.id))
    third = await here.submissions.ask_again(again.id, REQUESTER)
    assert third.previous_id == again.id != old.id


@pytest.mark.parametrize("end", [*State])
async def test_only_what_is_closed_and_not_paid_is_submitted_again(here: Rooms, end: State) -> None:
    if end in (State.SUBMITTED, State.CREATED):
        old = await submit(here, "view 0")
    else:
        old = await closed(here, end)
    is_undecided = end in (State.EXPIRED, State.CANCELLED)
    may = is_undecided or end in (State.REJECTED, State.WITHDRAWN, State.PAYMENT_FAILED)
    if may:
        new = await here.submissions.submit(REQUESTER, lunch("9.00"), "view 1", old.id)
        assert (new.previous_id, new.id != old.id) == (old.id, True)
    else:
        with pytest.raises(InvalidState, match="cannot be submitted again"):
            await here.submissions.submit(REQUESTER, lunch("9.00"), "view 1", old.id)
    if not is_undecided:
        with pytest.raises(InvalidState):
            await here.submissions.ask_again(old.id, REQUESTER)


async def test_what_is_paid_after_all_is_not_submitted_again(here: Rooms) -> None:
    old = await closed(here, State.PAYMENT_FAILED)
    first = await here.submissions.submit(REQUESTER, lunch("9.00"), "view 1", old.id)
    assert await here.expenses.change(
        old, to=State.COMPLETED, event=audit_events.Paid(), actor="payment system"
    )
    with pytest.raises(InvalidState, match="This expense is paid"):
        await here.submissions.submit(REQUESTER, lunch("8.00"), "view 2", old.id)
    # What was recorded before is still the answer to a form that comes again.
    again = await here.submissions.submit(REQUESTER, lunch("9.00"), "view 1", old.id)
    assert again.id == first.id


async def test_what_somebody_chose_last_is_remembered(here: Rooms) -> None:
    assert await here.submissions.chosen_before(REQUESTER, within=PATIENCE) == Chosen()
    used = (("U0OLD", "USD"), ("U0NEW", "EUR"), (None, "SEK"), ("U0OLD", "EUR"))
    for number, (manager, currency) in enumerate(used):
        money = Money(Decimal(1000 + number), currency)
        made = lunch(money=money, manager=manager)
        row = Expense(
            id=f"e-{number}",
            state=State.SUBMITTED,
            version=1,
            created_at=datetime(2026, 1, 1 + number, tzinfo=UTC),
            requester=REQUESTER,
            claim=made,
        )
        assert await here.expenses.add(row, audit_events.Submitted(None), REQUESTER)
    chosen = await here.submissions.chosen_before(REQUESTER, within=PATIENCE)
    assert chosen == Chosen(managers=("U0OLD", "U0NEW"), currencies=("EUR", "SEK", "USD"))
    assert await here.submissions.chosen_before(STRANGER, within=PATIENCE) == Chosen()
    # A form does not wait for it.
    assert await here.submissions.chosen_before(REQUESTER, within=0) == Chosen()
    await here.database.close()
    assert await here.submissions.chosen_before(REQUESTER, within=PATIENCE) == Chosen()
