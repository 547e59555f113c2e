"""Whom the form offers as "your manager"."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.domain.errors import TryAgain
from bot.slack.directory import MOST_OPTIONS, NAMES_A_MINUTE, SlackDirectory
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


async def test_they_are_offered_by_name_and_nobody_to_themselves(people: SlackDirectory) -> None:
    managers = (ADA.id, MANAGERS.id, SAM.id)
    everybody = {ADA.id: "Ada Okafor", MINA.id: "Mina Laurent", SAM.id: "Sam Rivera"}
    found = await people.names_of(managers, besides="U0SOMEBODY")
    assert list(found.items()) == list(everybody.items())
    assert MINA.id not in await people.names_of(managers, besides=MINA.id)


async def test_whoever_left_and_guests_are_not_offered(people: SlackDirectory) -> None:
    assert list(await people.names_of([KIM.id, LEE.id, MINA.id], besides=ADA.id)) == [MINA.id]


async def test_without_any_nobody_is_asked(people: SlackDirectory, slack: Sandbox) -> None:
    assert await people.names_of([], besides=ADA.id) == {}
    assert slack.calls_of("usergroups.users.list") == []


async def test_names_are_asked_for_once(people: SlackDirectory, slack: Sandbox) -> None:
    for _ in range(3):
        await people.names_of([MANAGERS.id], besides=ADA.id)
    assert len(slack.calls_of("users.info")) == 2


async def test_a_crowd_fits_into_the_menu_and_leaves_look_ups_to_clicks(
    people: SlackDirectory, slack: Sandbox
) -> None:
    watch = Stopwatch()
    found = await people.names_of([EVERYBODY.id], besides=ADA.id)
    assert watch.seconds < 1.1
    assert len(found) == MOST_OPTIONS
    assert found[CROWD[0].id] == "Person 000"
    assert len(slack.calls_of("users.info")) <= NAMES_A_MINUTE + 1


@pytest.mark.parametrize("fault", ["error", "hang"])
async def test_the_form_waits_for_no_names(
    people: SlackDirectory, slack: Sandbox, fault: str
) -> None:
    slack.faults.add("users.info", fault, times=2)  # type: ignore[arg-type]
    watch = Stopwatch()
    found = await people.names_of([MANAGERS.id], besides=ADA.id)
    assert watch.seconds < 1.1
    assert found == {MINA.id: MINA.id, SAM.id: SAM.id}
    slack.faults.clear()
    async with asyncio.timeout(PATIENCE):
        while "Mina Laurent" not in found.values():
            found = await people.names_of([MANAGERS.id], besides=ADA.id)


async def test_who_is_in_a_group_is_never_guessed(people: SlackDirectory, slack: Sandbox) -> None:
    slack.faults.add("usergroups.users.list", "error", times=1)
    with pytest.raises(TryAgain):
        await people.names_of([MANAGERS.id], besides=ADA.id)
