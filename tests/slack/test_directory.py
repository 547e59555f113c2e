"""What Slack knows of people, asked of a workspace that can be out of order."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from babel import Locale

from bot.domain.errors import GroupGone, TryAgain
from bot.domain.people.locale import ANYBODY
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
    assert await people.reader(BRUNO.id, within=0.3) == ANYBODY
    assert watch.seconds < 0.8
    assert await people.reader(BRUNO.id) == ANYBODY
    assert watch.seconds < 2.5


@pytest.mark.parametrize(
    "odd",
    [
        User("U0GONE00001", "gone", "Left", deleted=True),
        User("U0GUEST0001", "guest", "Guest", is_restricted=True),
        User("U0ROBOT0001", "robot", "Robot", is_bot=True),
        User("U0FLOW00001", "flow", "Workflow", marks=("is_workflow_bot",)),
        User("U0CNNCT0001", "link", "Connector", marks=("is_connector_bot",)),
        User("U0NEW000001", "new", "Invited", marks=("is_invited_user",)),
        User("U0STRANGER1", "pat", "Stranger", marks=("is_stranger",)),
        User("U0PARTNER01", "per", "Partner", team_id="T0PARTNER01"),
        User("USLACKBOT", "slackbot", "Slackbot"),
        User("U0NOBODY001", "nobody", "Nobody knows them"),
    ],
    ids=lambda user: user.name,
)
async def test_who_cannot_decide_is_no_full_member(
    people: SlackDirectory, slack: Sandbox, odd: User
) -> None:
    if odd.name not in ("slackbot", "nobody"):
        slack.workspace.users[odd.id] = odd
    assert not await people.is_full_member(odd.id)
    assert await people.is_full_member(MINA.id)


async def test_slack_may_say_nothing_of_a_person(people: SlackDirectory, slack: Sandbox) -> None:
    quiet = User("U0QUIET0001", "quiet", "Quiet", is_sparse=True)
    slack.workspace.users[quiet.id] = quiet
    answer = await people._client.users_info(user=quiet.id, include_locale=True)
    assert {answer["user"][key] for key in ("real_name", "tz", "locale", "is_restricted")} == {None}
    assert await people.reader(quiet.id) == ANYBODY
    assert await people.name(quiet.id) == "quiet"
    assert await people.is_full_member(quiet.id)


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
    for _ in range(2):
        with pytest.raises(GroupGone, match="S0NOSUCH"):
            await people.group_members("S0NOSUCH")
    assert caplog.text.count("EXPENSE_APPROVERS") == 1
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
