"""Forwarding and reassigning: who is asked then, and who may do it, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from babel import Locale
from sqlalchemy import update

from bot.block_kit.message_blocks import APPROVE_ACTION, approval_message
from bot.block_kit.stuck import why_stuck
from bot.database.assignments import open_expenses
from bot.database.audit import InForce
from bot.database.schema import expenses
from bot.domain.approval_plan import Stage
from bot.domain.audit_events import write_detail
from bot.domain.errors import (
    AlreadyDecided,
    InvalidId,
    InvalidInput,
    InvalidState,
    NotAllowed,
    TryAgain,
)
from bot.domain.expense import Decision, Expense, State
from bot.domain.health.stuck import repair
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.people.audience import approvers
from bot.domain.people.role import Role
from bot.policy.awaited import WhoIsAwaited
from bot.services.handovers import MOST_FORWARDED
from bot.services.reminders import Reminders
from bot.slack.recipients import Recipients
from tests.support.plans import asking, lunch, planned
from tests.support.rooms import (
    MANAGER,
    OTHER_MANAGER,
    REQUESTER,
    STRANGER,
    Rooms,
    caller,
    rooms,
)

KIM, FAY, FIN, LEA = "U0KIM", "U0FAY", "U0FIN", "U0LEA"
TOMORROW = timedelta(days=1)
GROUPS = {"S0FINANCE": frozenset({FAY, FIN}), "S0LEADS": frozenset({LEA})}
ONE = Stage(asked=(MANAGER,), remind_after=timedelta(hours=1))
BOTH_OF_FINANCE = Stage(asked=("S0FINANCE",), needed=2)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, groups=GROUPS) as opened:
        yield opened


async def homes(here: Rooms, *people: str) -> list[str]:
    """List those of these people whose Home shows something."""
    pages = [await here.inbox.for_approver(person) for person in people]
    return [one for one, page in zip(people, pages, strict=True) if page and page.items]


async def details(here: Rooms, expense: Expense, event: str = "forward") -> list[str | None]:
    history = await here.expenses.history(expense.id)
    return [write_detail(entry.event) for entry in history if entry.event.stored_as == event]


async def approve(here: Rooms, expense: Expense, person: str) -> State:
    return (await here.decisions.decide(expense.id, Decision.APPROVED, person)).state


async def waits(here: Rooms, has_plan: bool) -> Expense:
    return await planned(here, ONE) if has_plan else await here.waiting()


@pytest.mark.parametrize("has_plan", [True, False])
async def test_who_is_asked_hands_it_to_a_colleague(here: Rooms, has_plan: bool) -> None:
    expense = await waits(here, has_plan)
    after = await here.handovers.forward(expense.id, MANAGER, KIM, "Yours, I think")
    assert after.version == expense.version + 1
    assert await details(here, expense) == [f"{MANAGER} {KIM} Yours, I think"]
    with pytest.raises(NotAllowed, match="A colleague has this now in your place"):
        await approve(here, expense, MANAGER)
    others = [] if has_plan else [OTHER_MANAGER]
    assert await homes(here, MANAGER, KIM, OTHER_MANAGER) == [KIM, *others]
    awaited, _ = await WhoIsAwaited(here.policy.plan_of, here.company, here.delegations).of(after)
    found = {line.person: line.at for line in awaited}
    assert found.keys() == {KIM, *others, *([] if has_plan else [REQUESTER])}
    # Nobody is reminded of it as if they had had it all the time.
    assert found[KIM] == after.progress.handovers[0].at
    assert await here.policy.may_see(KIM, after)
    assert await approve(here, expense, KIM) is State.APPROVED
    assert await homes(here, MANAGER, KIM, OTHER_MANAGER) == []


async def test_what_was_handed_over_without_a_policy_looks_like_none(here: Rooms) -> None:
    expense = await here.waiting()
    await here.handovers.forward(expense.id, MANAGER, KIM)
    assert not (await InForce.read(here.database)).has_rules
    await here.handovers.forward((await planned(here, ONE)).id, MANAGER, KIM)
    assert (await InForce.read(here.database)).has_rules


@pytest.mark.parametrize(
    ("whom", "why"),
    [
        (REQUESTER, "They asked for this themselves"),
        (MANAGER, "somebody other than yourself"),
        (FAY, "They have approved this already"),
        ("U0DEL", "They stand in for the requester"),
        ("U0GUEST", "Guests, bots and former members"),
    ],
)
async def test_it_goes_to_nobody_who_could_not_decide_it(here: Rooms, whom: str, why: str) -> None:
    here.company.former = {"U0GUEST"}
    await here.delegations.begin(REQUESTER, "U0DEL", datetime.now(UTC) + TOMORROW)
    expense = await planned(here, Stage(asked=(FAY,)), ONE)
    await approve(here, expense, FAY)
    before = await here.expenses.get(expense.id)
    with pytest.raises(InvalidInput, match=why) as refusal:
        await here.handovers.forward(expense.id, MANAGER, whom)
    assert refusal.value.field == "colleague"
    assert await here.expenses.get(expense.id) == before


async def test_while_slack_does_not_tell_nothing_is_handed_over(here: Rooms) -> None:
    here.company.silent = {KIM}
    expense = await planned(here, ONE)
    with pytest.raises(TryAgain):
        await here.handovers.forward(expense.id, MANAGER, KIM)
    assert (await here.expenses.get(expense.id)).version == expense.version


async def test_only_who_may_decide_it_forwards_it(here: Rooms) -> None:
    expense = await planned(here, ONE)
    for person in (STRANGER, REQUESTER):
        with pytest.raises(NotAllowed):
            await here.handovers.forward(expense.id, person, KIM)
    with pytest.raises(InvalidId):
        await here.handovers.forward("unknown", MANAGER, KIM)
    await here.submissions.withdraw(expense.id, REQUESTER)
    with pytest.raises(AlreadyDecided):
        await here.handovers.forward(expense.id, MANAGER, KIM)
    assert await details(here, expense) == []


async def test_it_is_forwarded_five_times_at_most_also_back(here: Rooms) -> None:
    expense = await planned(here, ONE)
    people = [MANAGER, KIM]
    for turn in range(MOST_FORWARDED):
        await here.handovers.forward(expense.id, people[turn % 2], people[1 - turn % 2])
    assert (await here.expenses.get(expense.id)).progress.released() == {MANAGER}
    with pytest.raises(InvalidState, match="forwarded 5 times"):
        await here.handovers.forward(expense.id, KIM, MANAGER)
    assert await approve(here, expense, KIM) is State.APPROVED


async def test_the_same_form_twice_is_one_handover(here: Rooms) -> None:
    expense = await planned(here, ONE)
    same = (here.handovers.forward(expense.id, MANAGER, KIM, "Please") for _ in range(6))
    assert {found.id for found in await asyncio.gather(*same)} == {expense.id}
    assert len(await details(here, expense)) == 1


async def test_of_two_handovers_at_once_one_counts(here: Rooms) -> None:
    expense = await planned(here, ONE)
    found = await asyncio.gather(
        *(here.handovers.forward(expense.id, MANAGER, whom) for whom in (KIM, LEA)),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, NotAllowed) for one in found) == [False, True]
    assert len(await details(here, expense)) == 1


async def test_a_handover_against_an_approval_and_a_withdrawal(here: Rooms) -> None:
    for _ in range(5):
        expense = await planned(here, ONE)
        forwarded, approved, _ = await asyncio.gather(
            here.handovers.forward(expense.id, MANAGER, KIM),
            here.decisions.decide(expense.id, Decision.APPROVED, MANAGER),
            here.submissions.withdraw(expense.id, REQUESTER),
            return_exceptions=True,
        )
        for outcome in (forwarded, approved):
            assert isinstance(outcome, Expense | NotAllowed | AlreadyDecided), outcome
        after = await here.expenses.get(expense.id)
        by_manager = after.decided_by == MANAGER
        # A manager who was not asked any more has decided nothing.
        history = [entry.event.stored_as for entry in await here.expenses.history(expense.id)]
        assert not (by_manager and "forward" in history[: history.index("decide")])
        assert after.state in (State.APPROVED, State.WITHDRAWN)


async def test_a_member_of_a_group_hands_over_their_own_part(here: Rooms) -> None:
    here.policy.rulebook = asking(BOTH_OF_FINANCE)
    expense = await planned(here, BOTH_OF_FINANCE)
    await here.handovers.forward(expense.id, FAY, KIM)
    assert await homes(here, FAY, FIN, KIM) == [FIN, KIM]
    with pytest.raises(NotAllowed):
        await approve(here, expense, FAY)
    assert await approve(here, expense, FIN) is State.CREATED
    assert await approve(here, expense, KIM) is State.APPROVED


async def test_nobody_hands_it_to_who_would_have_to_approve_twice(here: Rooms) -> None:
    expense = await planned(here, BOTH_OF_FINANCE, Stage(asked=("S0LEADS",)))
    for whom in (FIN, LEA):
        with pytest.raises(InvalidInput, match="Too few people could approve it then"):
            await here.handovers.forward(expense.id, FAY, whom)


async def test_a_delegate_hands_over_in_place_of_their_colleague(here: Rooms) -> None:
    await here.delegations.begin(MANAGER, "U0DEL", datetime.now(UTC) + TOMORROW)
    expense = await planned(here, ONE)
    await here.handovers.forward(expense.id, "U0DEL", KIM)
    assert await details(here, expense) == [f"{MANAGER} {KIM}"]
    for person in (MANAGER, "U0DEL"):
        with pytest.raises(NotAllowed):
            await approve(here, expense, person)
    # And the colleague's delegate decides for them.
    await here.delegations.begin(KIM, "U0SUB", datetime.now(UTC) + TOMORROW)
    decided = await here.decisions.decide(expense.id, Decision.APPROVED, "U0SUB")
    assert decided.decided_for == KIM


async def test_a_delegate_s_home_forgets_what_their_colleague_handed_over(here: Rooms) -> None:
    await here.delegations.begin(MANAGER, "U0DEL", datetime.now(UTC) + TOMORROW)
    expense = await here.waiting()
    assert await homes(here, MANAGER, "U0DEL") == [MANAGER, "U0DEL"]
    await here.handovers.forward(expense.id, MANAGER, KIM)
    assert await homes(here, MANAGER, "U0DEL") == []


async def test_a_delegate_s_message_says_that_their_colleague_handed_it_over(here: Rooms) -> None:
    later = datetime.now(UTC) + TOMORROW
    await here.delegations.begin(MANAGER, "U0DEL", later)
    expense = await planned(here, replace(ONE, asked=(MANAGER, FAY)))
    recipients = Recipients("C0ALL", here.policy, here.company, here.delegations)
    assert await recipients.relieved(expense) == {}
    after = await here.handovers.forward(expense.id, MANAGER, KIM)
    assert await recipients.relieved(after) == {"U0DEL": KIM}
    audience, locale = approvers(0, "U0DEL"), Locale("en")
    _, shown = approval_message(after, locale, audience, KIM)
    text = str([block.to_dict() for block in shown])
    assert f"<@{KIM}> has this now" in text
    assert APPROVE_ACTION not in text
    # Who stands in for somebody else who is asked still has it.
    await here.delegations.begin(FAY, "U0DEL", later)
    assert await recipients.relieved(after) == {}


async def test_a_later_stage_asks_whom_it_asked_before(here: Rooms) -> None:
    expense = await planned(here, ONE, Stage(asked=(FIN, FAY)))
    await here.handovers.forward(expense.id, MANAGER, KIM)
    assert await approve(here, expense, KIM) is State.CREATED
    after = await here.expenses.get(expense.id)
    assert after.progress.handovers_in() == []
    assert [line.to for line in after.progress.handovers] == [KIM]
    assert await homes(here, KIM, MANAGER, FIN) == [FIN]


async def test_a_colleague_who_leaves_makes_it_stuck(here: Rooms) -> None:
    expense = await planned(here, ONE)
    after = await here.handovers.forward(expense.id, MANAGER, KIM)
    assert (await here.watch.look(after, None)).obstacle is None
    here.company.former = {KIM}
    assert (await here.watch.look(after, None)).obstacle


# Reassigning

ADMIN, HELPER = "U0ADM", "U0HLP"


@pytest.fixture
def _admins(here: Rooms) -> None:
    here.policy.roles = {Role.ADMIN: (ADMIN, "S0HELPERS", REQUESTER)}
    here.company.groups = GROUPS | {"S0HELPERS": frozenset({HELPER})}


async def stuck_for(here: Rooms, person: str) -> list[str] | None:
    found = await here.inbox.for_admin(person)
    return None if found is None else [one.expense.id for one in found]


@pytest.mark.usefixtures("_admins")
@pytest.mark.parametrize("has_plan", [True, False])
@pytest.mark.parametrize("admin", [ADMIN, HELPER])
async def test_an_admin_gives_it_to_somebody_and_decides_nothing(
    here: Rooms, has_plan: bool, admin: str
) -> None:
    expense = await waits(here, has_plan)
    for _ in range(2):  # the form came twice
        await here.handovers.reassign(expense.id, admin, KIM, MANAGER, "Please")
    assert await details(here, expense, "reassign") == [f"{MANAGER} {KIM} Please"]
    for person in (MANAGER, admin):
        with pytest.raises(NotAllowed):
            await approve(here, expense, person)
    assert await approve(here, expense, KIM) is State.APPROVED


@pytest.mark.usefixtures("_admins")
async def test_what_is_stuck_goes_on_with_somebody_more(here: Rooms) -> None:
    expense = await planned(here, BOTH_OF_FINANCE)
    here.company.former = {FIN}
    await here.watch.look(expense, None)
    assert await stuck_for(here, ADMIN) == [expense.id]
    given = await here.handovers.reassign(expense.id, ADMIN, KIM)
    assert await details(here, expense, "reassign") == [f"- {KIM}"]
    assert (await here.watch.look(given, None)).obstacle is None
    assert await stuck_for(here, ADMIN) == []
    assert await approve(here, expense, FAY) is State.CREATED
    assert await approve(here, expense, KIM) is State.APPROVED


@pytest.mark.usefixtures("_admins")
async def test_an_admin_helps_a_later_stage_that_is_stuck(here: Rooms) -> None:
    expense = await planned(here, ONE, Stage(asked=(FIN,)))
    here.company.former = {FIN}
    await here.watch.look(expense, None)
    for _ in range(2):  # the form came twice
        given = await here.handovers.reassign(expense.id, ADMIN, KIM, FIN)
    assert await details(here, expense, "reassign") == [f"{FIN} {KIM}"]
    assert (await here.watch.look(given, None)).obstacle is None
    assert await homes(here, MANAGER, KIM) == [MANAGER]
    assert await approve(here, expense, MANAGER) is State.CREATED
    assert await approve(here, expense, KIM) is State.APPROVED


@pytest.mark.usefixtures("_admins")
async def test_nobody_else_reassigns_and_nobody_their_own(here: Rooms) -> None:
    expense = await planned(here, ONE)
    here.company.former = {HELPER}
    for person, why in (
        (STRANGER, "Only admins"),
        (MANAGER, "Only admins"),
        (HELPER, "Only admins"),
        (REQUESTER, "your own expense"),
    ):
        with pytest.raises(NotAllowed, match=why):
            await here.handovers.reassign(expense.id, person, KIM)
        assert await details(here, expense, "refuse")
    with pytest.raises(InvalidId):
        await here.handovers.reassign("unknown", ADMIN, KIM)
    with pytest.raises(NotAllowed):  # whether an id exists is nobody else's business
        await here.handovers.reassign("unknown", STRANGER, KIM)
    await here.submissions.withdraw(expense.id, REQUESTER)
    with pytest.raises(AlreadyDecided):
        await here.handovers.reassign(expense.id, ADMIN, KIM)


@pytest.mark.usefixtures("_admins")
@pytest.mark.parametrize(
    ("colleague", "instead_of", "field"),
    [
        (REQUESTER, None, "colleague"),
        (MANAGER, None, "colleague"),
        ("U0GUEST", MANAGER, "colleague"),
        (ADMIN, MANAGER, "colleague"),  # and then they would decide it themselves
        (KIM, FAY, "instead_of"),
    ],
)
async def test_it_is_given_to_nobody_who_cannot_decide_and_for_nobody_who_does_not(
    here: Rooms, colleague: str, instead_of: str | None, field: str
) -> None:
    here.company.former = {"U0GUEST"}
    expense = await planned(here, ONE)
    with pytest.raises(InvalidInput) as refusal:
        await here.handovers.reassign(expense.id, ADMIN, colleague, instead_of)
    assert refusal.value.field == field
    assert await details(here, expense, "reassign") == []


@pytest.mark.usefixtures("_admins")
async def test_admins_find_what_is_stuck_and_what_is_old(here: Rooms) -> None:
    old, young, done = [await planned(here, ONE) for _ in range(3)]
    stuck = await planned(here, Stage(asked=("S0NOBODY",)))
    await here.watch.look(stuck, None)
    await approve(here, done, MANAGER)
    before = datetime.now(UTC) - timedelta(days=8)
    for expense in (old, done):
        change = update(expenses).where(expenses.c.id == expense.id).values(created_at=before)
        await here.database.execute(change)
    assert await stuck_for(here, ADMIN) == [stuck.id, old.id]
    assert await stuck_for(here, STRANGER) is None
    [first, second] = await here.inbox.for_admin(HELPER) or ()
    assert (first.asked, second.asked) == (("S0NOBODY",), (MANAGER,))
    assert young.id not in {first.expense.id, second.expense.id}


# By the operator


@pytest.mark.parametrize("has_plan", [True, False])
async def test_who_has_left_is_replaced_wherever_they_are_named(
    here: Rooms, has_plan: bool
) -> None:
    here.company.former = {MANAGER}
    expense = await waits(here, has_plan)
    assert await here.handovers.replace(expense, MANAGER, KIM)
    assert await details(here, expense, "reassign") == [f"{MANAGER} {KIM}"]
    after = await here.expenses.get(expense.id)
    assert not await here.handovers.replace(after, MANAGER, KIM)
    assert await approve(here, expense, KIM) is State.APPROVED


async def test_nobody_is_replaced_by_themselves(here: Rooms) -> None:
    expense = await planned(here, ONE)
    with pytest.raises(InvalidInput, match="two different people"):
        await here.handovers.replace(expense, MANAGER, MANAGER)
    assert await details(here, expense, "reassign") == []


async def test_later_stages_and_what_no_workflow_has_taken_yet_are_reassigned_too(
    here: Rooms,
) -> None:
    here.policy.rulebook = asking(ONE, Stage(asked=(FIN, FAY)), Stage(asked=("S0LEADS", FIN)))
    submitted = await here.submissions.submit(REQUESTER, lunch(), "view 1")
    assert await here.handovers.replace(submitted, FIN, KIM)
    assert await details(here, submitted, "reassign") == [f"{FIN} {KIM}"] * 2
    plan, progress = submitted.plan, (await here.expenses.get(submitted.id)).progress
    assert plan
    asked = [progress.asked_in(plan, number, is_escalated=False) for number in range(3)]
    assert asked == [(MANAGER,), (FAY, KIM), ("S0LEADS", KIM)]
    await here.workflow_calls.create(submitted.id, caller(submitted.id))
    await here.workflow_calls.register_callback(submitted.id, b"token", caller(submitted.id))
    for person in (MANAGER, FAY):
        assert await approve(here, submitted, person) is State.CREATED
    assert await approve(here, submitted, KIM) is State.APPROVED


async def test_members_of_groups_and_other_people_s_are_left_alone(here: Rooms) -> None:
    group, others = await planned(here, BOTH_OF_FINANCE), await planned(here, ONE)
    done = await planned(here, ONE)
    await approve(here, done, MANAGER)
    for expense in (group, others):
        assert not await here.handovers.replace(expense, FAY, KIM)
    assert {one.id for one in await open_expenses(here.database)} == {group.id, others.id}
    with pytest.raises(InvalidInput):
        await here.handovers.replace(others, MANAGER, REQUESTER)


LATER = Stage(asked=(MANAGER,), escalate_after=timedelta(hours=1), escalate_to=(LEA, "S0FINANCE"))


async def test_who_would_be_asked_after_an_escalation_is_replaced_and_nobody_is_asked_before(
    here: Rooms,
) -> None:
    expense = await planned(here, LATER)
    assert await here.handovers.replace(expense, LEA, KIM)
    before = await here.expenses.get(expense.id)
    who = WhoIsAwaited(here.policy.plan_of, here.company, here.delegations)
    assert [line.person for line in (await who.of(before))[0]] == [MANAGER]
    assert await homes(here, KIM, LEA, MANAGER) == [MANAGER]
    with pytest.raises(NotAllowed):
        await approve(here, expense, KIM)
    recipients = Recipients("C0ALL", here.policy, here.company, here.delegations)
    assert [whom for _, whom in (await recipients.of(before))[0]] == [MANAGER]

    assert before.plan
    assert before.progress.escalated_to(before.plan) == ("S0FINANCE", KIM)
    escalated = replace(before, progress=replace(before.progress, escalated=True))
    assert {whom for _, whom in (await recipients.of(escalated))[0]} == {MANAGER, KIM, FAY, FIN}
    found = {line.person: line.at for line in (await who.of(escalated))[0]}
    assert found.keys() == {MANAGER, KIM, FAY, FIN}
    assert found[KIM] == found[FAY]  # and not since they were named


async def test_who_has_been_replaced_is_not_named_by_the_escalation(here: Rooms) -> None:
    stage = replace(LATER, escalate_after=timedelta(microseconds=1), escalate_to=(LEA,))
    expense = await planned(here, stage)
    await here.handovers.replace(expense, LEA, KIM)
    reminders = Reminders(here.expenses, here.company, here.policy, here.delegations)  # type: ignore[arg-type]
    await reminders.follow_up(await here.expenses.get(expense.id))
    assert await details(here, expense, "escalate") == [KIM]
    stuck = Obstacle(kind=Kind.NOBODY)
    assert LEA not in why_stuck(await here.expenses.get(expense.id), stuck)
    assert KIM in repair(await here.expenses.get((await replaced(here)).id), stuck)


async def replaced(here: Rooms) -> Expense:
    expense = await planned(here, ONE)
    await here.handovers.replace(expense, MANAGER, KIM)
    return expense
