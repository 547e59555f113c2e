"""What is flagged is asked about, whatever the policy approves automatically, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain import audit_events
from bot.domain.approval_plan import Stage
from bot.domain.errors import AlreadyDecided, InvalidId
from bot.domain.expense import Claim, Decision, Expense, State
from bot.domain.flags.flag import Flag, Kind
from bot.domain.flags.judging import FlagRules
from bot.domain.words import OwnCategory, Words
from bot.policy.rules import Rule, Rulebook
from bot.services.flagging import Flagging
from tests.support.plans import lunch
from tests.support.rooms import MANAGER, REQUESTER, STRANGER, Rooms, caller, rooms

SMALL = Rule(name="small", up_to=Decimal(50))
REST = Rule(name="rest", stages=(Stage(asked=(MANAGER,)),))
FLAGS = FlagRules(duplicate=True, split_within=timedelta(days=7))
BOOK = Rulebook(rules=(SMALL, REST), flags=FLAGS)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, rulebook=BOOK) as opened:
        yield opened


async def submit(
    here: Rooms,
    key: str,
    claim: Claim | None = None,
    who: str = REQUESTER,
    again: str | None = None,
) -> Expense:
    return await here.submissions.submit(who, claim or lunch("20.00"), key, again)


def kinds(expense: Expense) -> list[Kind]:
    return [flag.kind for flag in expense.flags]


async def history(here: Rooms, expense: Expense) -> list[tuple[str, str]]:
    entries = await here.expenses.history(expense.id)
    return [(type(entry.event).__name__, entry.actor) for entry in entries]


async def test_a_flag_stops_automatic_approval_and_is_kept_and_recorded(here: Rooms) -> None:
    first = await submit(here, "view 1")
    assert first.asks_nobody
    assert first.flags == ()
    second = await submit(here, "view 2")
    assert second.flags == (Flag(kind=Kind.DUPLICATE, others=(first.id,)),)
    assert second.plan
    assert (second.plan.rule, second.plan.stages) == ("rest", REST.stages)
    assert await here.expenses.get(second.id) == second
    assert await history(here, second) == [("Submitted", REQUESTER), ("Flagged", "policy")]
    # Nobody's expenses say anything of other people's.
    assert (await submit(here, "view 3", who=STRANGER)).flags == ()


async def test_where_no_other_rule_asks_the_approvers_of_the_settings_do(database_url: str) -> None:
    book = Rulebook(rules=(SMALL,), flags=FLAGS)
    async with rooms(database_url, rulebook=book) as here:
        assert (await submit(here, "view 1")).asks_nobody
        asked = await submit(here, "view 2")
        assert (kinds(asked), asked.plan) == ([Kind.DUPLICATE], None)
        assert await history(here, asked) == [("Submitted", REQUESTER), ("Flagged", "policy")]


async def test_a_repeated_submission_is_no_duplicate_of_itself(here: Rooms) -> None:
    first = await submit(here, "view 1")
    assert await submit(here, "view 1") == first
    # Neither is what takes the place of something that was taken back.
    await here.submissions.withdraw(first.id, REQUESTER)
    assert (await submit(here, "view 2", again=first.id)).flags == ()


async def test_what_others_of_the_week_add_up_to_is_seen(here: Rooms) -> None:
    first = await submit(here, "view 1", lunch("48.00"))
    day = lunch().spent_on + timedelta(days=6)
    second = await submit(here, "view 2", lunch("46.00", spent_on=day))
    assert second.flags == (Flag(kind=Kind.SPLIT, limit="50 EUR", others=(first.id,)),)
    far = await submit(here, "view 3", lunch("47.00", spent_on=day + timedelta(days=8)))
    assert far.flags == ()


async def test_a_company_s_own_categories_are_compared_as_such(database_url: str) -> None:
    own = {
        "taxi": OwnCategory(label="Taxi", receipt_over=Decimal(30)),
        "parking": OwnCategory(label="Parking"),
    }
    book = replace(BOOK, words=Words(categories=own))
    async with rooms(database_url, rulebook=book) as here:
        first = await submit(here, "view 1", lunch("29.00", category="taxi"))
        assert (await submit(here, "view 2", lunch("28.50", category="parking"))).flags == ()
        second = await submit(here, "view 3", lunch("28.00", category="taxi"))
        assert second.flags == (Flag(kind=Kind.SPLIT, limit="30 EUR", others=(first.id,)),)


async def test_without_flags_in_the_policy_nothing_is_looked_up_or_flagged(
    database_url: str,
) -> None:
    async with rooms(database_url) as here:
        spent_on = date(2026, 1, 31) - timedelta(days=300)
        for key in ("view 1", "view 2"):
            expense = await submit(here, key, lunch(spent_on=spent_on))
            assert (expense.flags, await here.events(expense.id)) == ((), ["submit"])


async def test_the_share_of_automatic_approvals_is_asked_about_and_says_so(
    database_url: str,
) -> None:
    book = replace(BOOK, flags=FlagRules(spot_check=Decimal("0.25")))
    async with rooms(database_url, rulebook=book) as here:
        amounts = [f"{number}.00" for number in range(1, 41)]
        made = [await submit(here, f"view {one}", lunch(one)) for one in amounts]
        picked = [one for one in made if kinds(one) == [Kind.SPOT_CHECK]]
        # The lots are drawn with the secret of these rooms, so that they fall alike.
        assert 4 <= len(picked) <= 16
        assert all(one.asks_nobody is (one not in picked) for one in made)
        assert await history(here, picked[0]) == [("Submitted", REQUESTER), ("Flagged", "policy")]
        # What needs somebody anyway is not picked.
        larger = [await submit(here, f"view {n}", lunch(f"{n}.00")) for n in range(60, 80)]
        assert not any(map(kinds, larger))


async def test_a_spot_check_is_not_dodged_by_taking_it_back_and_submitting_again(
    database_url: str,
) -> None:
    book = replace(BOOK, flags=FlagRules(spot_check=Decimal("0.05")))
    async with rooms(database_url, rulebook=book) as here:
        lots = dict.fromkeys(("20", "21"), Decimal("0.99")) | {"19": Decimal("0.01")}
        draw = Flagging(
            here.submissions._flagging._spendings, here.policy, lambda text: lots[text.split()[1]]
        )
        here.submissions._flagging = draw
        picked = await submit(here, "view 1", lunch("19.00"))
        assert kinds(picked) == [Kind.SPOT_CHECK]
        await here.submissions.withdraw(picked.id, REQUESTER)
        changed = lunch("20.00", spent_on=lunch().spent_on - timedelta(days=3))
        again = await submit(here, "view 2", changed)
        assert kinds(again) == [Kind.SPOT_CHECK]
        await here.workflow_calls.create(again.id, caller(again.id))
        until = datetime.now(UTC) + timedelta(hours=1)
        await here.workflow_calls.register_callback(again.id, b"t", caller(again.id), until)
        await here.decisions.decide(again.id, Decision.APPROVED, MANAGER)
        # Only what was picked and taken back counts, and that still stands within the week.
        other = lunch("21.00", spent_on=lunch().spent_on + timedelta(days=20))
        assert kinds(await submit(here, "view 3", other)) == []


async def test_the_requester_says_why_once_and_while_it_is_open(here: Rooms) -> None:
    await submit(here, "view 1")
    flagged = await submit(here, "view 2")
    with pytest.raises(InvalidId):
        await here.submissions.explain(flagged.id, STRANGER, "Not mine")
    for _ in range(2):
        await here.submissions.explain(flagged.id, REQUESTER, "There and back")
    await here.submissions.explain(flagged.id, REQUESTER, "Something else")
    expense = await here.expenses.get(flagged.id)
    assert (expense.flag_answer, expense.version) == ("There and back", flagged.version + 1)
    entries = await here.expenses.history(flagged.id)
    assert [entry.event for entry in entries][2:] == [audit_events.Justified("There and back")]
    third = await submit(here, "view 3")
    await here.submissions.withdraw(third.id, REQUESTER)
    with pytest.raises(AlreadyDecided):
        await here.submissions.explain(third.id, REQUESTER, "Too late")
    assert (await here.expenses.get(third.id)).state is State.WITHDRAWN
