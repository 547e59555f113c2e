"""Who the bot is in Slack: at a bad start, in an organisation, and before Slack has said it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client

from bot.domain.errors import SettingsError
from bot.slack.installation import Installation
from bot.slack.web_client import make_session, make_slack_client
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, Organisation
from tests.support.house import house


@pytest.mark.parametrize(
    ("method", "error"), [("auth.test", "internal_error"), ("bots.info", "brand_new")]
)
async def test_a_start_in_a_bad_minute_is_patient(
    temporal_client: Client, task_queue: str, tmp_path: Path, method: str, error: str
) -> None:
    async with Sandbox.start() as slack:
        slack.faults.add(method, "error", error=error, times=1)
        async with house(temporal_client, task_queue, tmp_path, slack=slack, worker=False):
            # Nobody knows yet whose workspace this is.
            assert not (await slack.command(ADA, "/expense", "help")).ok
            await slack.until(lambda: [c for c in slack.calls_of("bots.info") if c.outcome == "ok"])
            assert (await slack.command(ADA, "/expense", "help")).ok


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("invalid_auth", r"SLACK_BOT_TOKEN is refused by Slack \(invalid_auth\): copy .* again"),
        ("account_inactive", r"\(account_inactive\): copy SLACK_BOT_TOKEN again"),
        ("missing_scope", r"\(missing_scope\): update the app from manifest.yml and reinstall"),
        ("accesslimited", r"\(accesslimited\): the workspace's settings do not allow this"),
    ],
)
async def test_what_the_operator_has_to_mend_stops_the_start_in_one_line(
    temporal_client: Client, task_queue: str, tmp_path: Path, error: str, words: str
) -> None:
    async with Sandbox.start() as slack:
        slack.faults.add("auth.test", "error", error=error)
        with pytest.raises(SettingsError, match=words) as caught:
            async with house(temporal_client, task_queue, tmp_path, slack=slack, worker=False):
                pass
        assert "\n" not in str(caught.value)


async def test_an_organisation_as_a_whole_is_not_served(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    org = Organisation("E0ORGANISE1", "Organised Ltd")
    config = replace(WorkspaceConfig(), organisation=org, is_enterprise_install=True)
    async with Sandbox.start(config) as slack:
        with pytest.raises(SettingsError, match="install the app into it"):
            async with house(temporal_client, task_queue, tmp_path, slack=slack, worker=False):
                pass


async def test_an_organisation_is_not_served_after_a_bad_minute_either(
    caplog: pytest.LogCaptureFixture,
) -> None:
    org = Organisation("E0ORGANISE1", "Organised Ltd")
    config = replace(WorkspaceConfig(), organisation=org, is_enterprise_install=True)
    async with Sandbox.start(config) as slack, make_session() as session:
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        installation = Installation(client)
        slack.faults.add("auth.test", "error", error="internal_error", times=1)
        assert not await installation.begin()
        asking = asyncio.create_task(installation.identify_in_the_end())
        await slack.until(lambda: "install the app into it" in caplog.text)
        asking.cancel()
        refusal = installation.refusal({"type": "block_actions"}, slack.config.team_id)
        assert refusal
        assert refusal.status == 503


async def test_a_workspace_of_an_organisation_is_served_and_no_other(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    org = Organisation("E0ORGANISE1", "Organised Ltd")
    async with (
        Sandbox.start(replace(WorkspaceConfig(), organisation=org)) as slack,
        house(temporal_client, task_queue, tmp_path, slack=slack, worker=False),
    ):
        ack = await slack.command(ADA, "/expense", "help")
        assert "/expense submit" in ack.text
        # Another one of the same organisation, in which the app is installed, too.
        slack.workspace.users[ADA.id] = replace(ADA, team_id="T0ANOTHER01")
        ack = await slack.command(ADA, "/expense", "help")
        assert ack.text.startswith("This app serves another workspace")


async def test_nothing_is_answered_before_slack_says_who_the_bot_is() -> None:
    async with Sandbox.start() as slack, make_session() as session:
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        installation = Installation(client)
        body = {"type": "block_actions", "api_app_id": slack.config.app_id}
        refusal = installation.refusal(body, slack.config.team_id)
        assert refusal
        assert (refusal.status, refusal.tell) == (503, "")
        await installation.identify()
        assert installation.refusal(body, slack.config.team_id) is None
        assert installation.refusal({"type": "url_verification"}, None) is None
