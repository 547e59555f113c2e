"""Whom the form offers as "your manager"."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.slack.directory import MOST_OPTIONS, NAMES_A_MINUTE, Names, SlackDirectory
from bot.slack.web_client import make_slack_client
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, KIM, LEE, MANAGERS, MINA, SAM, User, UserGroup
from tests.support.stopwatch import PATIENCE, Stopwatch

CROWD = tuple(User(f"U0P{n:04}", f"p{n}", f"Person {n:03}") for n in range(150))
NEW = User("U0NEW000001", "new", "Invited, never came", marks=("is_invited_user",))
WITHIN = 0.6
EVERYBODY = UserGroup("S0EVERYBODY", "everybody", "Everybody", tuple(user.id for user in CROWD))


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    config = WorkspaceConfig(
        users=(ADA, MINA, SAM, KIM, LEE, NEW, *CROWD), user_groups=(MANAGERS, EVERYBODY)
    )
    async with Sandbox.start(config) as sandbox:
        yield sandbox


@pytest.fixture
async def people(slack: Sandbox) -> AsyncIterator[SlackDirectory]:
    async with aiohttp.ClientSession() as session:
        yield SlackDirectory(make_slack_client(slack.config.bot_token, slack.api_url, session))


async def names(people: SlackDirectory, *ids: str, besides: str = ADA.id) -> Names:
    return await people.names_of(ids, besides=besides, within=WITHIN)


async def test_they_are_offered_by_name_and_nobody_to_themselves(people: SlackDirectory) -> None:
    managers = (ADA.id, MANAGERS.id, SAM.id)
    everybody = {ADA.id: "Ada Okafor", MINA.id: "Mina Laurent", SAM.id: "Sam Rivera"}
    found = await names(people, *managers, besides="U0SOMEBODY")
    assert list(found.names.items()) == list(everybody.items())
    assert found.are_all
    assert MINA.id not in (await names(people, *managers, besides=MINA.id)).names


async def test_who_cannot_decide_is_not_offered(people: SlackDirectory) -> None:
    offered = (await names(people, KIM.id, LEE.id, NEW.id, "USLACKBOT", MINA.id)).names
    assert list(offered) == [MINA.id]


async def test_without_any_nobody_is_asked(people: SlackDirectory, slack: Sandbox) -> None:
    assert await names(people) == ({}, True)
    assert slack.calls_of("usergroups.users.list") == []


async def test_names_are_asked_for_once(people: SlackDirectory, slack: Sandbox) -> None:
    for _ in range(3):
        await names(people, MANAGERS.id)
    assert len(slack.calls_of("users.info")) == 2


async def test_a_crowd_fits_into_the_menu_and_leaves_look_ups_to_clicks(
    people: SlackDirectory, slack: Sandbox
) -> None:
    watch = Stopwatch()
    found = (await names(people, EVERYBODY.id)).names
    assert watch.seconds < WITHIN + 0.5
    assert len(found) == MOST_OPTIONS
    assert found[CROWD[0].id] == "Person 000"
    assert len(slack.calls_of("users.info")) <= NAMES_A_MINUTE + 1


@pytest.mark.parametrize("fault", ["error", "hang"])
async def test_the_form_waits_for_no_names(
    people: SlackDirectory, slack: Sandbox, fault: str
) -> None:
    slack.faults.add("users.info", fault, times=2)  # type: ignore[arg-type]
    watch = Stopwatch()
    found = await names(people, MANAGERS.id)
    assert watch.seconds < WITHIN + 0.5
    assert found == ({MINA.id: MINA.id, SAM.id: SAM.id}, True)
    slack.faults.clear()
    async with asyncio.timeout(PATIENCE):
        while "Mina Laurent" not in found.names.values():
            found = await names(people, MANAGERS.id)


@pytest.mark.parametrize("fault", ["error", "hang"])
async def test_who_is_in_a_group_is_never_guessed_and_the_others_are_offered(
    people: SlackDirectory, slack: Sandbox, fault: str
) -> None:
    slack.faults.add("usergroups.users.list", fault, times=1)  # type: ignore[arg-type]
    watch = Stopwatch()
    assert await names(people, MANAGERS.id, SAM.id) == ({SAM.id: "Sam Rivera"}, False)
    assert watch.seconds < WITHIN + 0.5
    slack.faults.clear()
    async with asyncio.timeout(PATIENCE):
        while not (found := await names(people, MANAGERS.id)).are_all:
            await asyncio.sleep(0.01)
    assert MINA.id in found.names


async def test_what_comes_too_late_is_there_for_the_next_form() -> None:
    config = replace(WorkspaceConfig(), latency_seconds=0.4)
    async with Sandbox.start(config) as slack, aiohttp.ClientSession() as session:
        people = SlackDirectory(make_slack_client(config.bot_token, slack.api_url, session))
        found = await people.names_of([MANAGERS.id], besides=ADA.id, within=0.2)
        assert found == ({}, False)
        async with asyncio.timeout(PATIENCE):
            while found != ({MINA.id: "Mina Laurent", SAM.id: "Sam Rivera"}, True):
                found = await people.names_of([MANAGERS.id], besides=ADA.id, within=0.2)
        assert len(slack.calls_of("usergroups.users.list")) == 1
