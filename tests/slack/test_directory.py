"""What Slack knows of people, asked of a workspace that can be out of order."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from babel import Locale

from bot.domain.errors import TryAgain
from bot.domain.locale import ANYBODY
from bot.slack.directory import SlackDirectory
from bot.slack.web_client import make_slack_client
from sandbox import Sandbox
from sandbox.slack.config import ADA, BRUNO, LEE, MANAGERS, MINA, SAM, User, WorkspaceConfig
from tests.support.stopwatch import Stopwatch


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def people(slack: Sandbox) -> AsyncIterator[SlackDirectory]:
    async with aiohttp.ClientSession() as session:
        yield SlackDirectory(make_slack_client(slack.config.bot_token, slack.api_url, session))


async def test_a_person_reads_as_slack_says(people: SlackDirectory) -> None:
    bruno = await people.reader(BRUNO.id)
    assert bruno.locale == Locale("de", "DE")
    assert str(bruno.timezone) == "Europe/Berlin"
    assert str((await people.reader(LEE.id)).timezone) == "Asia/Seoul"


async def test_slack_is_asked_about_a_person_once(people: SlackDirectory, slack: Sandbox) -> None:
    for _ in range(3):
        await people.reader(ADA.id)
    assert len(slack.calls_of("users.info")) == 1


@pytest.mark.parametrize("person", ["U0NOBODY", "", "<!channel>", "U0" * 5000])
async def test_a_person_nobody_knows_reads_like_anybody(
    people: SlackDirectory, person: str
) -> None:
    assert await people.reader(person) == ANYBODY


@pytest.mark.parametrize("fault", ["ratelimited", "error"])
async def test_a_person_reads_like_anybody_while_slack_is_out_of_order(
    people: SlackDirectory, slack: Sandbox, fault: str
) -> None:
    slack.faults.add("users.info", fault, times=1)  # type: ignore[arg-type]
    assert await people.reader(BRUNO.id) == ANYBODY
    assert (await people.reader(BRUNO.id)).locale == Locale("de", "DE")


async def test_nobody_waits_long_for_how_a_person_reads(
    people: SlackDirectory, slack: Sandbox
) -> None:
    slack.faults.add("users.info", "hang", times=1)
    watch = Stopwatch()
    assert await people.reader(BRUNO.id) == ANYBODY
    assert watch.seconds < 2.5


async def test_a_group_has_the_members_slack_says(people: SlackDirectory) -> None:
    assert await people.group_members(MANAGERS.id) == {MINA.id, SAM.id}


async def test_group_members_are_remembered_for_a_while(
    people: SlackDirectory, slack: Sandbox
) -> None:
    for _ in range(3):
        assert await people.group_members(MANAGERS.id) == {MINA.id, SAM.id}
    assert len(slack.calls_of("usergroups.users.list")) == 1


async def test_a_group_that_does_not_exist_has_no_answer(
    people: SlackDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TryAgain, match="Slack does not say who is in the group"):
        await people.group_members("S0NOSUCH")
    assert "EXPENSE_APPROVERS" in caplog.text
    assert "S0NOSUCH" in caplog.text


@pytest.mark.parametrize("fault", ["ratelimited", "error", "hang"])
async def test_while_slack_is_out_of_order_nobody_is_taken_for_a_member(
    people: SlackDirectory, slack: Sandbox, fault: str
) -> None:
    slack.faults.add("usergroups.users.list", fault, times=1)  # type: ignore[arg-type]
    watch = Stopwatch()
    with pytest.raises(TryAgain):
        await people.group_members(MANAGERS.id)
    assert watch.seconds < 2.5
    assert await people.group_members(MANAGERS.id) == {MINA.id, SAM.id}


async def test_many_new_readers_leave_look_ups_for_those_who_click() -> None:
    crowd = tuple(User(f"U0CROWD{n:03}", f"crowd{n}", f"Crowd {n}") for n in range(120))
    known = WorkspaceConfig()
    config = replace(known, users=(*known.users, *crowd), rate_limits=True)
    async with Sandbox.start(config) as slack, aiohttp.ClientSession() as session:
        people = SlackDirectory(make_slack_client(config.bot_token, slack.api_url, session))
        for user in crowd:
            await people.reader(user.id)
        assert await people.is_full_member(MINA.id)
        asked = [call.outcome for call in slack.calls_of("users.info")]
        assert len(asked) <= 62
        assert "ratelimited" not in asked
