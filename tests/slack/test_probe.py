"""What the bot finds out about Slack before people do."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from bot.domain.health.findings import Finding, Level
from bot.slack.directory import SlackDirectory
from bot.slack.probe import SlackProbe
from bot.slack.web_client import make_slack_client
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import APPROVALS, GENERAL, KIM, LEE, MANAGERS, MINA, UserGroup

NOBODY = UserGroup("S0NOBODY001", "nobody", "Nobody", ())
CONFIG = WorkspaceConfig(user_groups=(MANAGERS, NOBODY))


@asynccontextmanager
async def probing(
    config: WorkspaceConfig = CONFIG, token: str | None = None
) -> AsyncIterator[tuple[SlackProbe, Sandbox]]:
    async with Sandbox.start(config) as slack, aiohttp.ClientSession() as session:
        client = make_slack_client(token or slack.config.bot_token, slack.api_url, session)
        yield SlackProbe(client, SlackDirectory(client), pause=0), slack


def bad(findings: Sequence[Finding]) -> list[tuple[Level, str]]:
    for finding in findings:
        assert (finding.level > Level.UNKNOWN) == bool(finding.do)
    return [(found.level, found.what) for found in findings if found.level is not Level.OK]


async def test_a_token_with_every_scope_is_good() -> None:
    async with probing() as (probe, _):
        [finding] = await probe.token()
    assert finding.level is Level.OK
    assert "expenses in Sandbox Ltd" in finding.what


async def test_a_token_of_an_older_manifest_lacks_scopes_that_are_named() -> None:
    older = replace(CONFIG.manifest, scopes=CONFIG.manifest.scopes - {"files:read"})
    async with probing(replace(CONFIG, manifest=older)) as (probe, _):
        [finding] = await probe.token()
    assert finding.level is Level.ERROR
    assert "lacks the scope files:read" in finding.what
    assert "install it to the workspace again" in finding.do


async def test_a_token_that_is_refused_is_told_once_for_all() -> None:
    async with probing(token="xoxb-of-another-app") as (probe, _):
        assert bad(await probe.token()) == [
            (Level.ERROR, "SLACK_BOT_TOKEN is refused (invalid_auth)")
        ]
        assert await probe.channels({APPROVALS.id: "SLACK_APPROVALS_CHANNEL"}) == []
        [people] = await probe.people({MANAGERS.id})
        assert people.level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("accesslimited", "The workspace's settings do not allow this"),
        ("brand_new", "This version of the bot does not know this error"),
    ],
)
async def test_what_is_not_the_token_s_fault_is_not_blamed_on_it(error: str, words: str) -> None:
    async with probing() as (probe, slack):
        slack.faults.add("auth.test", "error", error=error)
        [finding] = await probe.token()
    assert finding.what == f"Slack does not say who the bot is ({error})"
    assert finding.do.startswith(words)


@pytest.mark.parametrize(
    ("token", "error", "words", "do"),
    [
        ("xapp-wrong", "", "SLACK_APP_TOKEN is refused (invalid_auth)", "connections:write"),
        ("", "forbidden_team", "no address for Socket Mode (forbidden_team)", "administrators"),
        ("", "brand_new", "no address for Socket Mode (brand_new)", "does not know this error"),
    ],
)
async def test_a_token_of_socket_mode_is_tried(token: str, error: str, words: str, do: str) -> None:
    async with probing() as (probe, slack):
        [finding] = await probe.app_token(slack.config.app_token)
        assert finding.level is Level.OK
        if error:
            slack.faults.add("apps.connections.open", "error", error=error, times=1)
        [finding] = await probe.app_token(token or slack.config.app_token)
        assert finding.level is Level.ERROR
        assert words in finding.what
        assert do in finding.do
        slack.faults.add("apps.connections.open", "error", status=503)
        [finding] = await probe.app_token(slack.config.app_token)
        assert finding.level is Level.UNKNOWN


async def test_a_channel_takes_a_message_and_nobody_sees_it() -> None:
    async with probing() as (probe, slack):
        for _ in range(2):
            [finding] = await probe.channels({APPROVALS.id: "SLACK_APPROVALS_CHANNEL"})
            assert finding.level is Level.OK
        assert slack.messages(APPROVALS) == []
        assert len(slack.calls_of("chat.deleteScheduledMessage")) == 2


@pytest.mark.parametrize(
    ("channel", "code"), [(GENERAL.id, "not_in_channel"), ("C0NOWHERE01", "channel_not_found")]
)
async def test_a_channel_without_the_bot_is_named(channel: str, code: str) -> None:
    async with probing() as (probe, _):
        [finding] = await probe.channels({channel: "the policy"})
    assert bad([finding]) == [
        (Level.ERROR, f"the bot cannot post in {channel} of the policy ({code})")
    ]
    assert "/invite @Expenses" in finding.do


async def test_a_message_that_could_not_be_taken_back_is_taken_back_later() -> None:
    async with probing() as (probe, slack):
        slack.faults.add("chat.deleteScheduledMessage", "error", status=503, times=1)
        [finding] = await probe.channels({APPROVALS.id: "SLACK_APPROVALS_CHANNEL"})
        assert finding.level is Level.UNKNOWN
        [finding] = await probe.channels({APPROVALS.id: "SLACK_APPROVALS_CHANNEL"})
        assert finding.level is Level.OK
        outcomes = [call.outcome for call in slack.calls_of("chat.deleteScheduledMessage")]
        assert outcomes == ["error", "ok", "ok"]


async def test_everybody_who_is_named_is_looked_up() -> None:
    async with probing() as (probe, _):
        findings = await probe.people(
            {MINA.id, KIM.id, LEE.id, "U0UNKNOWN01", MANAGERS.id, NOBODY.id, "S0GONE00001"}
        )
    assert bad(findings) == [
        (Level.ERROR, "the user group S0GONE00001 cannot be read (no_such_subteam)"),
        (Level.ERROR, "the user group S0NOBODY001 has no members"),
        *(
            (
                Level.WARNING,
                f"{person} decides nothing: no full member of the workspace has this id",
            )
            for person in (KIM.id, LEE.id, "U0UNKNOWN01")
        ),
    ]
    assert findings[-1].what == "2 of 7 people and groups can decide"


async def test_operators_who_cannot_be_told_are_named() -> None:
    async with probing() as (probe, _):
        assert bad(await probe.operators([MINA.id, "U0UNKNOWN01"])) == [
            (Level.WARNING, "U0UNKNOWN01 is not told what is stuck: no full member has this id")
        ]


async def test_who_has_a_role_and_has_left_is_named_and_decides_nothing_by_it() -> None:
    async with probing() as (probe, slack):
        slack.disable_group(MANAGERS.id)
        found = bad(await probe.role_holders([MINA.id, KIM.id, MANAGERS.id]))
        assert [(level, what.split(":")[0]) for level, what in found] == [
            (Level.WARNING, f"{MANAGERS.id} has no role"),
            (Level.WARNING, f"{KIM.id} has no role"),
        ]


@pytest.mark.parametrize("named", [frozenset(), frozenset({KIM.id})])
async def test_a_company_in_which_nobody_can_decide_is_an_error(named: frozenset[str]) -> None:
    async with probing() as (probe, _):
        assert (Level.ERROR, "nobody who is named can decide") in bad(await probe.people(named))


async def test_while_slack_is_away_nothing_is_said_about_people() -> None:
    async with probing() as (probe, slack):
        slack.faults.add("*", "error", status=503)
        [token] = await probe.token()
        assert (token.level, token.what) == (Level.ERROR, "Slack is out of order. (HTTP 503)")
        [finding] = await probe.people({MINA.id, MANAGERS.id})
        assert finding.level is Level.UNKNOWN


async def test_a_limit_of_slack_s_is_waited_for() -> None:
    async with probing() as (probe, slack):
        slack.faults.add("usergroups.users.list", "ratelimited", seconds=1, times=1)
        [finding] = await probe.people({MANAGERS.id})
        assert finding.level is Level.OK
