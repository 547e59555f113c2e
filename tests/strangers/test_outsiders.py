"""People and apps that Slack vouches for, and that have no business deciding: refused and told."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from temporalio.client import Client

from bot.database.schema import audit
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import KIM, LEE, User
from sandbox.slack.delivery import Ack
from tests.support.house import APPROVALS, MINA, House, house

PARTNER = User("U0PARTNER01", "pat", "Pat of a partner company", team_id="T0PARTNER01")
ROBOT = User("U0ROBOT0001", "robot", "A robot", is_bot=True)
INVITED = User("U0INVITED01", "ivy", "Ivy was invited and never came", marks=("is_invited_user",))
CONNECTOR = User("U0CONNECT01", "link", "A connector", marks=("is_connector_bot",))
BOT_OF_SLACK = User("USLACKBOT", "slackbot", "Slackbot")
OUTSIDERS = [KIM, LEE, ROBOT, PARTNER, INVITED, CONNECTOR, BOT_OF_SLACK]


@pytest.fixture(scope="module", params=["HTTP", "Socket Mode"])
async def h(
    request: pytest.FixtureRequest,
    temporal_client: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    """A bot whose operator named everybody as an approver, outsiders included."""
    config = WorkspaceConfig()
    config = replace(config, users=(*config.users, ROBOT, PARTNER, INVITED, CONNECTOR))
    named = ",".join(user.id for user in [MINA, *OUTSIDERS])
    socket = {"SLACK_APP_TOKEN": config.app_token} if request.param == "Socket Mode" else {}
    folder = tmp_path_factory.mktemp("outsiders")
    async with (
        Sandbox.start(config) as slack,
        house(
            temporal_client,
            f"test-{uuid.uuid4()}",
            folder,
            slack=slack,
            EXPENSE_APPROVERS=named,
            **socket,
        ) as running,
    ):
        running.folder = folder  # type: ignore[attr-defined]
        if socket:  # which the bot opens while it serves already
            await slack.until(lambda: slack.sockets.live)
        yield running


def recorded(h: House, expense_id: str) -> list[Any]:
    engine = create_engine(f"sqlite:///{h.folder}/expenses.db")  # type: ignore[attr-defined]
    with engine.connect() as connection:
        query = select(audit.c.event, audit.c.actor).where(audit.c.expense_id == expense_id)
        found = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return found


async def click(h: House, person: User, message: Any, action: str) -> Ack:
    """Click as somebody whom Slack's own client would not let in any more."""
    [button] = [b for b in message["blocks"][-1]["elements"] if b["action_id"] == action]
    payload = {
        "type": "block_actions",
        "user": {"id": person.id, "team_id": person.team_id or h.slack.config.team_id},
        "team": {"id": h.slack.config.team_id},
        "api_app_id": h.slack.config.app_id,
        "trigger_id": "1.2.3",
        "container": {"type": "message", "message_ts": message["ts"]},
        "channel": {"id": APPROVALS.id},
        "message": message,
        "response_url": h.slack.urls.issue("actions", person.id, APPROVALS.id, message["ts"]),
        "actions": [{"type": "button", "block_id": "decision", **button}],
    }
    return await h.slack.delivery.send("interactive", payload, "/slack/events")


@pytest.mark.parametrize("person", OUTSIDERS, ids=lambda user: user.name)
@pytest.mark.parametrize("action", ["approve_expense", "reject_expense"])
async def test_an_outsider_who_is_named_is_refused_told_and_written_down(
    h: House, person: User, action: str
) -> None:
    expense_id = await h.submit()
    message = h.message(expense_id)
    before = len(h.slack.ephemeral(person, APPROVALS))
    assert (await click(h, person, message, action)).ok
    await h.slack.until(lambda: len(h.slack.ephemeral(person, APPROVALS)) > before)
    told = h.slack.ephemeral(person, APPROVALS)[-1]["text"]
    assert told == "Guests, bots and former members cannot decide expenses."
    assert await h.status(expense_id) == "CREATED"
    assert ("refuse", person.id) in recorded(h, expense_id)
    assert h.slack.open_view(person) is None
    assert (await h.slack.click(MINA, message, "approve_expense")).ok
    await h.until_status(expense_id, "COMPLETED")


async def test_another_app_and_another_workspace_decide_nothing(h: House) -> None:
    expense_id = await h.submit()
    message = h.message(expense_id)
    ours = h.slack.interactions.config
    for foreign in (replace(ours, app_id="A0ANOTHER"), replace(ours, team_id="T0ANOTHER")):
        h.slack.interactions.config = foreign
        try:
            await h.slack.click(MINA, message, "approve_expense")
        finally:
            h.slack.interactions.config = ours
        assert await h.status(expense_id) == "CREATED"
        assert not [line for line in recorded(h, expense_id) if line[0] == "decide"]


async def test_a_form_opened_before_losing_the_right_decides_nothing(
    temporal_client: Client, task_queue: str, tmp_path: Any
) -> None:
    async with Sandbox.start() as slack:
        async with house(temporal_client, task_queue, tmp_path, slack=slack) as before:
            expense_id = await before.submit()
            await slack.click(MINA, before.message(expense_id), "reject_expense")
            view = await slack.until(lambda: slack.open_view(MINA))
        slack.set_group_members("S0MANAGERS1", [])
        # The next bot has not asked yet who is in the group; the first one forgets in seconds.
        async with house(temporal_client, task_queue, tmp_path, slack=slack) as after:
            await slack.submit(MINA, view, {"reason": "Out of spite"})
            assert await after.status(expense_id) == "CREATED"
            shown = slack.open_view(MINA)
            assert shown
            assert "not an approver" in str(shown["blocks"])
