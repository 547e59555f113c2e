"""Who may decide."""

from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from bot.domain.errors import NotAllowed, TryAgain
from bot.domain.expense import Expense, State
from bot.domain.people.role import Role
from bot.policy.approvers import Policy
from bot.policy.members import parse_approvers
from bot.policy.rules import Rulebook

MANAGERS = {"S0MANAGERS": frozenset({"U0MINA", "U0ADA"}), "S0EMPTY": frozenset[str]()}

FORMER = {"U0KIM"}


def expense(requester: str | None = "U0ADA") -> Expense:
    return Expense(
        id="e-1",
        state=State.CREATED,
        version=1,
        created_at=datetime.now(UTC),
        requester=requester,
    )


class FakeDirectory:
    """Slack's people and user groups, and whether Slack answers."""

    def __init__(self) -> None:
        self.answers = True
        self.asked: list[str] = []

    async def group_members(self, group: str) -> frozenset[str]:
        self.asked.append(group)
        if not self.answers:
            raise TryAgain("Slack does not answer.")
        return MANAGERS[group]

    async def is_full_member(self, person: str) -> bool:
        if not self.answers:
            raise TryAgain("Slack does not answer.")
        return person not in FORMER


class NobodyAway:
    """Delegations, of which there are none."""

    async def delegators_of(self, person: str) -> frozenset[str]:
        return frozenset()

    async def delegates_of(self, people: Collection[str]) -> dict[str, str]:
        return {}


@pytest.fixture
def groups() -> FakeDirectory:
    return FakeDirectory()


@pytest.fixture
def policy(groups: FakeDirectory) -> Policy:
    return Policy(parse_approvers("U0NOOR, U0KIM S0MANAGERS S0EMPTY"), groups, NobodyAway())


def test_ids_are_separated_by_commas_or_white_space() -> None:
    approvers = parse_approvers(" U0TWO,U0ONE\n W0THREE\tS0FOUR,, S0FIVE U0ONE")
    assert approvers == ("U0ONE", "U0TWO", "W0THREE", "S0FIVE", "S0FOUR")


@pytest.mark.parametrize("text", ["", " ", ",", " , ,\n"])
def test_no_ids_are_nobody(text: str) -> None:
    assert not parse_approvers(text)
    assert parse_approvers("U0ONE")
    assert parse_approvers("S0ONE")


@pytest.mark.parametrize(
    "wrong",
    ["mina", "@mina", "u0mina", "U", "U1", "C0CHANNEL", "<@U0MINA>", "U0MÍNA", "*", "U0ONE;"],
)
def test_what_is_no_id_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a Slack user id") as refusal:
        parse_approvers(f"U0ONE {wrong}")
    assert repr(wrong) in str(refusal.value)


async def test_a_named_person_may_decide_without_a_look_at_groups(
    policy: Policy, groups: FakeDirectory
) -> None:
    await policy.may_represent("U0NOOR", expense())
    assert groups.asked == []


async def test_a_member_of_a_named_group_may_decide(policy: Policy) -> None:
    await policy.may_represent("U0MINA", expense())


async def test_group_members_are_asked_for_at_every_decision(
    policy: Policy, groups: FakeDirectory
) -> None:
    await policy.may_represent("U0MINA", expense())
    await policy.may_represent("U0MINA", expense())
    assert groups.asked.count("S0MANAGERS") == 2


async def test_a_stranger_may_not_decide(policy: Policy) -> None:
    with pytest.raises(NotAllowed, match="You are not an approver of this expense"):
        await policy.may_represent("U0STRANGER", expense())


@pytest.mark.parametrize("person", ["U0ADA"])
async def test_the_requester_may_not_decide_even_as_an_approver(
    policy: Policy, person: str
) -> None:
    with pytest.raises(NotAllowed, match="You cannot decide your own expense"):
        await policy.may_represent(person, expense(requester=person))
    await policy.may_represent(person, expense(requester="U0BRUNO"))


async def test_an_expense_that_nobody_asked_for_in_slack_needs_an_approver_too(
    policy: Policy,
) -> None:
    await policy.may_represent("U0MINA", expense(requester=None))
    with pytest.raises(NotAllowed):
        await policy.may_represent("U0STRANGER", expense(requester=None))


async def test_of_approvers_only_full_members_count(policy: Policy, groups: FakeDirectory) -> None:
    for person in ("U0NOOR", "U0MINA"):
        assert (await policy.may_represent(person, expense()))[0] == person
    for person in ("U0KIM", "U0ZOE"):
        with pytest.raises(NotAllowed):
            await policy.may_represent(person, expense())
    groups.answers = False
    with pytest.raises(TryAgain):
        await policy.may_represent("U0MINA", expense())


async def test_without_approvers_nobody_may_decide(groups: FakeDirectory) -> None:
    policy = Policy((), groups, NobodyAway())
    with pytest.raises(NotAllowed):
        await policy.may_represent("U0MINA", expense())


@pytest.mark.parametrize("person", ["U0MINA", "U0NOOR"])
async def test_while_slack_does_not_say_who_somebody_is_they_cannot_decide(
    policy: Policy, groups: FakeDirectory, person: str
) -> None:
    groups.answers = False
    with pytest.raises(TryAgain):
        await policy.may_represent(person, expense())


async def test_people_have_the_roles_of_the_setting_and_of_the_policy_while_they_are_members(
    groups: FakeDirectory,
) -> None:
    book = Rulebook(roles={Role.FINANCE: ("S0MANAGERS",), Role.AUDITOR: ("U0KIM",)})
    policy = Policy((), groups, NobodyAway(), book, roles={Role.FINANCE: ("U0NOOR",)})
    for person in ("U0NOOR", "U0MINA"):
        assert await policy.has_role(person, Role.FINANCE)
        assert await policy.has_role(person, Role.AUDITOR, Role.FINANCE)
        assert not await policy.has_role(person, Role.AUDITOR)
        with pytest.raises(NotAllowed):  # nobody decides by it
            await policy.may_represent(person, expense())
    assert not await policy.has_role("U0KIM", *Role)  # who has left
    groups.answers = False
    with pytest.raises(TryAgain):
        await policy.has_role("U0MINA", Role.FINANCE)
    policy.rulebook = Rulebook()  # asked anew each time
    assert not await policy.has_role("U0MINA", Role.FINANCE)


async def test_requesters_and_approvers_may_see_an_expense_and_nobody_else(policy: Policy) -> None:
    mine = expense(requester="U0ADA")
    assert await policy.may_see("U0ADA", mine)
    assert await policy.may_see("U0MINA", mine)
    assert await policy.may_see("U0NOOR", mine)
    assert not await policy.may_see("U0STRANGER", mine)


async def test_an_expense_that_does_not_exist_is_looked_at_like_one_that_does(
    policy: Policy, groups: FakeDirectory
) -> None:
    groups.answers = False
    with pytest.raises(TryAgain):
        await policy.may_see("U0STRANGER", expense())
    with pytest.raises(TryAgain):
        await policy.may_see("U0STRANGER", None)


async def test_former_members_guests_and_bots_decide_nothing_although_they_are_named(
    policy: Policy,
) -> None:
    with pytest.raises(NotAllowed, match="Guests, bots and former members"):
        await policy.may_represent("U0KIM", expense())


class Away(NobodyAway):
    """Kim, who has left the company, delegated to Sam before; and Noor did."""

    async def delegators_of(self, person: str) -> frozenset[str]:
        return frozenset({"U0KIM"}) if person == "U0SAM" else frozenset({"U0NOOR"})


async def test_nobody_decides_in_the_place_of_somebody_who_has_left(groups: FakeDirectory) -> None:
    policy = Policy(parse_approvers("U0NOOR, U0KIM"), groups, Away())
    assert (await policy.may_represent("U0LIZ", expense()))[0] == "U0NOOR"
    with pytest.raises(NotAllowed):
        await policy.may_represent("U0SAM", expense())
    assert await policy.may_see("U0LIZ", expense())
    assert not await policy.may_see("U0SAM", expense())
    ids, is_complete = await policy.ids_by_approver("U0SAM")
    assert set(ids) == {"U0SAM"}
    assert is_complete
