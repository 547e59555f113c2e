"""Stages, quorums and delegates, and their races, on both databases."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.approval_plan import Stage
from bot.domain.errors import AlreadyAgreed, AlreadyDecided, ExpenseError, NotAllowed
from bot.domain.expense import Decision, Expense, State
from tests.support.plans import planned
from tests.support.rooms import MANAGER, OTHER_MANAGER, REQUESTER, STRANGER, Rooms, caller, rooms

APPROVED, REJECTED = Decision.APPROVED, Decision.REJECTED
FINANCE = frozenset({"U0FAY", "U0FIN", "U0FOX", REQUESTER})
CROWD = frozenset(f"U0P{number:02}" for number in range(50))
GROUPS = {"S0FINANCE": FINANCE, "S0CROWD": CROWD}

TWO_OF_FINANCE = Stage(asked=("S0FINANCE",), needed=2)
BY_MANAGER = Stage(asked=(MANAGER,))


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, groups=GROUPS) as opened:
        yield opened


async def approve(here: Rooms, expense: Expense, person: str) -> Expense:
    return await here.decisions.decide(expense.id, APPROVED, person)


async def outcome(attempt: Awaitable[Any]) -> str:
    """Do it, and name what came of it."""
    try:
        result = await attempt
    except ExpenseError as error:
        return type(error).__name__
    return result.state if isinstance(result, Expense) else "done"


async def stand_in(here: Rooms, delegate: str, person: str) -> None:
    await here.delegations.begin(person, delegate, datetime.now(UTC) + timedelta(days=1))


async def test_as_many_people_as_needed_approve(here: Rooms) -> None:
    expense = await planned(here, TWO_OF_FINANCE)
    first = await approve(here, expense, "U0FAY")
    assert first.is_open
    assert first.decided_by is None
    second = await approve(here, expense, "U0FIN")
    assert (second.state, second.decided_by) == (State.APPROVED, "U0FIN")
    assert [line.person for line in second.progress.approvals] == ["U0FAY", "U0FIN"]
    with pytest.raises(AlreadyDecided):
        await approve(here, expense, "U0FOX")
    assert (await here.events(expense.id))[-2:] == ["agree", "decide"]


async def test_nobody_agrees_twice(here: Rooms) -> None:
    expense = await planned(here, TWO_OF_FINANCE)
    await approve(here, expense, "U0FAY")
    for decision in (APPROVED, REJECTED):
        with pytest.raises(AlreadyAgreed) as refusal:
            await here.decisions.decide(expense.id, decision, "U0FAY")
        assert refusal.value.expense.is_open
    assert len((await here.expenses.get(expense.id)).progress.approvals) == 1


async def test_nobody_agrees_in_two_stages(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=("U0FAY",)), TWO_OF_FINANCE)
    await approve(here, expense, "U0FAY")
    with pytest.raises(AlreadyAgreed):
        await approve(here, expense, "U0FAY")
    await approve(here, expense, "U0FIN")
    assert (await approve(here, expense, "U0FOX")).state is State.APPROVED


async def test_one_rejection_ends_it_in_any_stage(here: Rooms) -> None:
    expense = await planned(here, BY_MANAGER, TWO_OF_FINANCE)
    await approve(here, expense, MANAGER)
    await approve(here, expense, "U0FAY")
    rejected = await here.decisions.decide(expense.id, REJECTED, "U0FIN", "No money")
    assert (rejected.state, rejected.decided_by, rejected.reason) == (
        State.REJECTED,
        "U0FIN",
        "No money",
    )
    with pytest.raises(AlreadyDecided):
        await approve(here, expense, "U0FOX")


async def test_only_the_present_stage_decides(here: Rooms) -> None:
    expense = await planned(here, BY_MANAGER, TWO_OF_FINANCE, Stage(asked=(OTHER_MANAGER,)))
    for early in ("U0FAY", OTHER_MANAGER, STRANGER):
        for decision in (APPROVED, REJECTED):
            with pytest.raises(NotAllowed):
                await here.decisions.decide(expense.id, decision, early)
    await approve(here, expense, MANAGER)
    with pytest.raises(NotAllowed):
        await approve(here, expense, OTHER_MANAGER)
    with pytest.raises(AlreadyAgreed):
        await here.decisions.decide(expense.id, REJECTED, MANAGER)
    await approve(here, expense, "U0FAY")
    await approve(here, expense, "U0FOX")
    with pytest.raises(NotAllowed):
        await approve(here, expense, "U0FIN")  # finance was asked for two, and gave them
    assert (await approve(here, expense, OTHER_MANAGER)).state is State.APPROVED


async def test_requesters_decide_nothing_of_their_own(here: Rooms) -> None:
    expense = await planned(here, TWO_OF_FINANCE)
    for decision in (APPROVED, REJECTED):
        with pytest.raises(NotAllowed, match="your own"):
            await here.decisions.decide(expense.id, decision, REQUESTER)
    assert (await here.expenses.get(expense.id)).progress.approvals == ()


async def test_the_approvers_of_the_settings_decide_no_expense_with_a_plan(here: Rooms) -> None:
    expense = await planned(here, TWO_OF_FINANCE)
    with pytest.raises(NotAllowed):
        await approve(here, expense, MANAGER)


async def test_a_delegate_takes_the_seat_of_who_is_away(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=(MANAGER, OTHER_MANAGER), needed=2))
    await stand_in(here, "U0DEL", MANAGER)
    first = await approve(here, expense, "U0DEL")
    [approval] = first.progress.approvals
    assert (approval.person, approval.on_behalf_of) == ("U0DEL", MANAGER)
    for person in ("U0DEL", MANAGER):
        with pytest.raises(AlreadyAgreed):
            await approve(here, expense, person)
    last = await approve(here, expense, OTHER_MANAGER)
    assert (last.state, last.decided_by, last.decided_for) == (
        State.APPROVED,
        OTHER_MANAGER,
        None,
    )


async def test_a_delegate_of_two_is_one_person(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=(MANAGER, OTHER_MANAGER), needed=2))
    await stand_in(here, "U0DEL", MANAGER)
    await stand_in(here, "U0DEL", OTHER_MANAGER)
    await approve(here, expense, "U0DEL")
    with pytest.raises(AlreadyAgreed):
        await approve(here, expense, "U0DEL")
    progress = (await here.expenses.get(expense.id)).progress
    [open_seat] = [p for p in (MANAGER, OTHER_MANAGER) if not progress.has_approved(p)]
    assert (await approve(here, expense, open_seat)).state is State.APPROVED


async def test_a_delegate_who_is_asked_as_well_decides_for_themselves(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=(MANAGER, OTHER_MANAGER), needed=2))
    await stand_in(here, OTHER_MANAGER, MANAGER)
    first = await approve(here, expense, OTHER_MANAGER)
    assert first.progress.approvals[0].on_behalf_of == OTHER_MANAGER
    with pytest.raises(AlreadyAgreed):
        await approve(here, expense, OTHER_MANAGER)
    assert (await approve(here, expense, MANAGER)).state is State.APPROVED


async def test_a_delegate_rejects_for_who_is_away(here: Rooms) -> None:
    expense = await planned(here, BY_MANAGER)
    await stand_in(here, "U0DEL", MANAGER)
    rejected = await here.decisions.decide(expense.id, REJECTED, "U0DEL", "No")
    assert (rejected.decided_by, rejected.decided_for) == ("U0DEL", MANAGER)


async def test_whoever_stands_in_for_the_requester_decides_nothing_of_theirs(here: Rooms) -> None:
    expense = await planned(here, BY_MANAGER)
    await stand_in(here, MANAGER, REQUESTER)
    with pytest.raises(NotAllowed, match="stand in"):
        await approve(here, expense, MANAGER)


async def test_requesters_do_not_decide_as_delegates_either(here: Rooms) -> None:
    expense = await planned(here, BY_MANAGER)
    await stand_in(here, REQUESTER, MANAGER)
    with pytest.raises(NotAllowed, match="your own"):
        await approve(here, expense, REQUESTER)


async def test_a_delegation_that_has_ended_gives_no_seat(here: Rooms) -> None:
    expense = await planned(here, BY_MANAGER)
    await here.delegations.begin(MANAGER, "U0DEL", datetime.now(UTC) + timedelta(seconds=0.1))
    await asyncio.sleep(0.1)
    with pytest.raises(NotAllowed):
        await approve(here, expense, "U0DEL")


async def test_a_delegate_of_an_approver_of_the_settings(here: Rooms) -> None:
    expense = await here.waiting()
    await stand_in(here, "U0DEL", MANAGER)
    decided = await approve(here, expense, "U0DEL")
    assert (decided.state, decided.decided_by, decided.decided_for) == (
        State.APPROVED,
        "U0DEL",
        MANAGER,
    )


async def test_of_fifty_at_the_same_instant_three_count(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=("S0CROWD",), needed=3), BY_MANAGER)
    here.changed.clear()
    crowd = random.sample(sorted(CROWD), 50)
    results = Counter(
        await asyncio.gather(*(outcome(approve(here, expense, person)) for person in crowd))
    )
    # Whoever comes after the third finds another stage, which does not ask them.
    assert results == {"CREATED": 3, "NotAllowed": 47}
    now = await here.expenses.get(expense.id)
    assert now.progress.stage == 1
    assert len(now.progress.approvals) == 3
    assert len({line.person for line in now.progress.approvals}) == 3
    assert (await here.events(expense.id)).count("agree") == 3
    assert here.changed == [expense.id] * 3


async def test_of_fifty_at_the_same_instant_the_third_decides(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=("S0CROWD",), needed=3))
    results = Counter(
        await asyncio.gather(*(outcome(approve(here, expense, person)) for person in CROWD))
    )
    assert results == {"CREATED": 2, "APPROVED": 1, "AlreadyDecided": 47}
    assert len((await here.expenses.get(expense.id)).progress.approvals) == 3
    assert (await here.events(expense.id)).count("decide") == 1


async def test_fifty_who_all_have_to_agree_do_so_at_the_same_instant(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=("S0CROWD",), needed=50))
    results = Counter(
        await asyncio.gather(*(outcome(approve(here, expense, person)) for person in CROWD))
    )
    assert results == {"CREATED": 49, "APPROVED": 1}


async def test_one_person_who_clicks_ten_times_agrees_once(here: Rooms) -> None:
    expense = await planned(here, TWO_OF_FINANCE)
    results = Counter(
        await asyncio.gather(*(outcome(approve(here, expense, "U0FAY")) for _ in range(10)))
    )
    assert results == {"CREATED": 1, "AlreadyAgreed": 9}


async def test_who_is_away_and_their_delegate_at_the_same_instant(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=(MANAGER, OTHER_MANAGER), needed=2))
    await stand_in(here, "U0DEL", MANAGER)
    results = Counter(
        await asyncio.gather(
            *(outcome(approve(here, expense, person)) for person in (MANAGER, "U0DEL") * 5)
        )
    )
    assert results == {"CREATED": 1, "AlreadyAgreed": 9}


async def test_of_everything_at_the_same_instant_one_thing_happens(here: Rooms) -> None:
    for _ in range(10):
        expense = await planned(here, BY_MANAGER)
        attempts: list[Awaitable[Any]] = [
            here.decisions.decide(expense.id, APPROVED, MANAGER),
            here.decisions.decide(expense.id, REJECTED, MANAGER),
            here.submissions.withdraw(expense.id, REQUESTER),
            here.workflow_calls.expire(expense),
            here.workflow_calls.cancel(expense, "terminated"),
            here.workflow_calls.register_callback(expense.id, b"again", caller(expense.id)),
        ]
        random.shuffle(attempts)
        await asyncio.gather(*map(outcome, attempts))
        events = await here.events(expense.id)
        ends = [event for event in events if event in ("decide", "withdraw", "expire", "cancel")]
        state = (await here.expenses.get(expense.id)).state
        # A decision can be found to be too late; nothing else follows anything.
        assert len(ends) == 1 or (len(ends) == 2 and ends[0] == "decide"), events
        assert state is not State.CREATED


@pytest.mark.parametrize("needed", [1, 2])
async def test_approval_against_withdrawal(here: Rooms, needed: int) -> None:
    for _ in range(5):
        expense = await planned(here, Stage(asked=("S0FINANCE",), needed=needed))
        if needed == 2:
            await approve(here, expense, "U0FOX")
        approved, withdrawn = await asyncio.gather(
            outcome(approve(here, expense, "U0FAY")),
            outcome(here.submissions.withdraw(expense.id, REQUESTER)),
        )
        assert {approved, withdrawn} in (
            {"APPROVED", "AlreadyDecided"},
            {"AlreadyDecided", "WITHDRAWN"},
        )


async def test_nothing_is_decided_after_the_deadline(here: Rooms) -> None:
    past = datetime.now(UTC) - timedelta(milliseconds=1)
    expense = await planned(here, BY_MANAGER, decide_by=past)
    with pytest.raises(AlreadyDecided):
        await approve(here, expense, MANAGER)
    assert (await here.expenses.get(expense.id)).is_open


async def test_a_decision_at_the_last_instant_counts_or_does_not(here: Rooms) -> None:
    """Whichever comes first; the deadline may still win if Temporal closed the window."""
    expense = await planned(here, BY_MANAGER, TWO_OF_FINANCE)
    soon = datetime.now(UTC) + timedelta(seconds=0.1)
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id), soon)
    while (result := await outcome(approve(here, expense, MANAGER))) != "AlreadyDecided":
        assert result in ("CREATED", "AlreadyAgreed")
        await asyncio.sleep(0.01)
    assert datetime.now(UTC) >= soon
    now = await here.expenses.get(expense.id)
    await here.workflow_calls.expire(now)
    assert (await here.expenses.get(expense.id)).state is State.EXPIRED


async def test_registering_late_takes_nothing_back(here: Rooms) -> None:
    """A look at Temporal can take so long that somebody has agreed meanwhile."""
    expense = await planned(here, TWO_OF_FINANCE)
    stale = expense
    await approve(here, expense, "U0FAY")
    later = datetime.now(UTC) + timedelta(hours=1)
    await here.workflow_calls.ask_unregistered(stale, later)
    assert len((await here.expenses.get(expense.id)).progress.approvals) == 1


async def test_agreeing_while_a_worker_registers_again(here: Rooms) -> None:
    expense = await planned(here, Stage(asked=("S0CROWD",), needed=50))
    people = sorted(CROWD)[:10]
    await asyncio.gather(
        *(outcome(approve(here, expense, person)) for person in people),
        *(
            here.workflow_calls.register_callback(expense.id, b"again", caller(expense.id))
            for _ in range(10)
        ),
    )
    now = await here.expenses.get(expense.id)
    assert {line.person for line in now.progress.approvals} == set(people)
