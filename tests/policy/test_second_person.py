"""Marking what was paid takes two people."""

import pytest

from bot.domain.errors import TryAgain
from bot.domain.health.findings import Level
from bot.policy.second_person import look_for_second_person
from tests.support.rooms import SmallCompany

GROUPS = {"S0TWO": frozenset({"U0EVE", "U0NOOR"}), "S0ONE": frozenset({"U0NOOR", "U0GONE"})}


@pytest.mark.parametrize(
    ("holders", "words"),
    [
        ((), "nobody is finance"),
        (("U0GONE",), "nobody is finance"),
        (("U0NOOR",), "one person is finance, so nobody can confirm"),
        (("S0ONE", "U0NOOR"), "one person is finance, so nobody can confirm"),
        (("S0TWO",), ""),
        (("S0ONE", "U0EVE"), ""),
    ],
)
async def test_without_a_second_person_it_warns(holders: tuple[str, ...], words: str) -> None:
    company = SmallCompany(GROUPS)
    company.former.add("U0GONE")
    [found] = await look_for_second_person(holders, company)
    assert found.level is (Level.WARNING if words else Level.OK)
    assert words in found.what


async def test_what_slack_does_not_tell_is_no_warning() -> None:
    company = SmallCompany(GROUPS)
    company.silent.add("S0TWO")
    with pytest.raises(TryAgain):
        await look_for_second_person(("U0NOOR", "S0TWO"), company)
    [found] = await look_for_second_person(("U0NOOR", "U0EVE", "S0TWO"), company)
    assert found.level is Level.OK
