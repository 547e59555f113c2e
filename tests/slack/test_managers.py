"""Whom the form offers as "your manager"."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.domain.errors import TryAgain
from bot.policy.rules import Rulebook
from bot.slack.directory import NAMES_A_MINUTE, SlackDirectory
from bot.slack.managers import MOST, Managers
from bot.slack.web_client import make_slack_client
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, KIM, LEE, MANAGERS, MINA, SAM, User, UserGroup
from tests.support.stopwatch import PATIENCE, Stopwatch

CROWD = tuple(User(f"U0P{n:04}", f"p{n}", f"Person {n:03}") for n in range(150))
EVERYBODY = UserGroup("S0EVERYBODY", "everybody", "Everybody", tuple(user.id for user in CROWD))


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    config = WorkspaceConfig(
        users=(ADA, MINA, SAM, KIM, LEE, *CROWD), user_groups=(MANAGERS, EVERYBODY)
    )
    async with Sandbox.start(config) as sandbox:
        yield sandbox


@pytest.fixture
async def people(slack: Sandbox) -> AsyncIterator[SlackDirectory]:
    async with aiohttp.ClientSession() as session:
        yield SlackDirectory(make_slack_client(slack.config.bot_token, slack.api_url, session))


def managers(people: SlackDirectory, *ids: str) -> Managers:
    return Managers(Rulebook(managers=ids), people)


async def test_they_are_offered_by_name_and_nobody_to_themselves(people: SlackDirectory) -> None:
    offered = managers(people, ADA.id, MANAGERS.id, SAM.id)
    everybody = {ADA.id: "Ada Okafor", MINA.id: "Mina Laurent", SAM.id: "Sam Rivera"}
    found = await offered.offered_to("U0SOMEBODY")
    assert list(found.items()) == list(everybody.items())
    assert MINA.id not in await offered.offered_to(MINA.id)


async def test_whoever_left_and_guests_are_not_offered(people: SlackDirectory) -> None:
    assert list(await managers(people, KIM.id, LEE.id, MINA.id).offered_to(ADA.id)) == [MINA.id]


async def test_without_any_nobody_is_asked(people: SlackDirectory, slack: Sandbox) -> None:
    assert await managers(people).offered_to(ADA.id) == {}
    assert slack.calls_of("usergroups.users.list") == []


async def test_names_are_asked_for_once(people: SlackDirectory, slack: Sandbox) -> None:
    for _ in range(3):
        await managers(people, MANAGERS.id).offered_to(ADA.id)
    assert len(slack.calls_of("users.info")) == 2


async def test_a_crowd_fits_into_the_menu_and_leaves_look_ups_to_clicks(
    people: SlackDirectory, slack: Sandbox
) -> None:
    watch = Stopwatch()
    found = await managers(people, EVERYBODY.id).offered_to(ADA.id)
    assert watch.seconds < 1.1
    assert len(found) == MOST
    assert found[CROWD[0].id] == "Person 000"
    assert len(slack.calls_of("users.info")) <= NAMES_A_MINUTE + 1


@pytest.mark.parametrize("fault", ["error", "hang"])
async def test_the_form_waits_for_no_names(
    people: SlackDirectory, slack: Sandbox, fault: str
) -> None:
    slack.faults.add("users.info", fault, times=2)  # type: ignore[arg-type]
    watch = Stopwatch()
    found = await managers(people, MANAGERS.id).offered_to(ADA.id)
    assert watch.seconds < 1.1
    assert found == {MINA.id: MINA.id, SAM.id: SAM.id}
    slack.faults.clear()
    async with asyncio.timeout(PATIENCE):
        while "Mina Laurent" not in found.values():
            found = await managers(people, MANAGERS.id).offered_to(ADA.id)


async def test_who_is_in_a_group_is_never_guessed(people: SlackDirectory, slack: Sandbox) -> None:
    slack.faults.add("usergroups.users.list", "error", times=1)
    with pytest.raises(TryAgain):
        await managers(people, MANAGERS.id).offered_to(ADA.id)
