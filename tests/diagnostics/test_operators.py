"""Operators read in Slack what is stuck for long, from one bot, and again after an hour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from sqlalchemy import update

from bot.database.schema import expenses
from bot.diagnostics.operators import Operators
from bot.slack.web_client import make_slack_client
from sandbox import Sandbox
from sandbox.slack.config import MINA, NOOR
from tests.support.rooms import LUNCH, REQUESTER, Rooms, rooms


@asynccontextmanager
async def telling(url: str, *people: str) -> AsyncIterator[tuple[Rooms, Sandbox, Operators]]:
    """Somebody's expense that nobody has started for ten minutes."""
    async with rooms(url) as here, Sandbox.start() as slack, aiohttp.ClientSession() as session:
        await here.submissions.submit(REQUESTER, LUNCH, submission_key="form")
        await make_older(here, created_at=datetime.now(UTC) - timedelta(minutes=10))
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        yield here, slack, Operators(here.database, client, people)


async def make_older(here: Rooms, **values: datetime) -> None:
    await here.database.execute(update(expenses).values(**values))


async def test_each_operator_is_told_once_an_hour_by_one_of_the_bots(database_url: str) -> None:
    async with telling(database_url, MINA.id, NOOR.id) as (here, slack, operators):
        [expense] = await here.expenses.of_requester(REQUESTER, 1)
        await asyncio.gather(*(operators.tell() for _ in range(4)))
        for person in (MINA, NOOR):
            [message] = slack.direct_messages(person)
            assert "1 expense is stuck" in message["text"]
            assert f"`{expense.id}`" in message["text"]
            assert "its workflow has not been started. Run python -m bot check" in message["text"]
            assert LUNCH.description not in message["text"]
        await make_older(here, operators_told_at=datetime.now(UTC) - timedelta(hours=1))
        await operators.tell()
        assert len(slack.direct_messages(MINA)) == 2


async def test_who_cannot_be_told_is_in_the_log_as_often_as_others_are_told(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with telling(sqlite_url, "U0NOBODY00") as (here, _, operators):
        for times in (1, 2):
            for _ in range(2):
                await operators.tell()
            assert caplog.text.count("EXPENSE_OPERATORS: U0NOBODY00 cannot be told: ") == times
            assert caplog.text.count("python -m bot expenses list --stuck") == times
            await make_older(here, operators_told_at=datetime.now(UTC) - timedelta(hours=1))


async def test_while_slack_is_away_it_is_tried_again(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with telling(sqlite_url, MINA.id) as (here, slack, operators):
        async with aiohttp.ClientSession() as session:
            nowhere = make_slack_client(slack.config.bot_token, "http://127.0.0.1:9/", session)
            for _ in range(2):
                await Operators(here.database, nowhere, [MINA.id]).tell()
        assert "expenses list --stuck" not in caplog.text
        await operators.tell()
        assert len(slack.direct_messages(MINA)) == 1


async def test_each_operator_is_told_of_the_signed_root_and_who_cannot_be_is_in_the_log(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with telling(sqlite_url, "U0NOBODY00", MINA.id) as (_, slack, operators):
        await operators.say("root 7 is `abc`")
        [message] = slack.direct_messages(MINA)
        assert message["text"] == "root 7 is `abc`"
        assert "U0NOBODY00 cannot be told: " in caplog.text
