"""One house for each file of listeners' tests, and what Slack sends, to send it by hand."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from temporalio.client import Client

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import BRUNO, User
from sandbox.slack.delivery import Ack
from tests.support.claims import TEXTS
from tests.support.house import ADA, APPROVALS, MINA, NOOR, SAM, House, house

# Every odd text at once, but for what Slack's own escaping of commands would make ambiguous.
HARMLESS = " ".join(text for text in TEXTS if "&amp;" not in text)
MANY = tuple(
    User(f"U0PERSON{n:03}", f"person{n}", f"Person {n}", "", "en-GB", "Europe/London")
    for n in range(100)
)


@pytest.fixture(scope="module")
async def h(
    request: pytest.FixtureRequest,
    temporal_client: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    """A house with a worker, in whose workspace many people work.

    In files with a `LATENCY`, each call to Slack takes so many seconds, as it does in reality;
    `SETTINGS` are the bot's.
    """
    queue, folder = f"test-{uuid.uuid4()}", tmp_path_factory.mktemp("listeners")
    users = (ADA, BRUNO, MINA, SAM, NOOR, *MANY)
    config = WorkspaceConfig(users=users, latency_seconds=getattr(request.module, "LATENCY", 0.0))
    async with (
        Sandbox.start(config) as slack,
        house(
            temporal_client, queue, folder, slack=slack, **getattr(request.module, "SETTINGS", {})
        ) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def people() -> list[User]:
    """People of whom every test takes its own."""
    return list(MANY)


@pytest.fixture
def person(people: list[User]) -> User:
    """Somebody who has submitted nothing yet."""
    return people.pop()


@pytest.fixture
def other(people: list[User]) -> User:
    """Somebody else."""
    return people.pop()


@pytest.fixture(autouse=True)
def _no_trouble_stays(h: House) -> Any:
    yield
    h.slack.faults.clear()


def id_in(text: str) -> str:
    """Read the expense id from an answer."""
    found = re.search(r"expense 2\d+-\d+, id ([A-Z2-7]{12})", text)
    assert found, text
    return found[1]


def number_in(text: str) -> str:
    """Read the expense's number from an answer."""
    found = re.search(r"expense (2\d+-\d+), id ", text)
    assert found, text
    return found[1]


async def asked(h: House, expense_id: str) -> dict[str, Any]:
    """Wait until the approvers are asked, and return their message."""
    return await h.slack.until(lambda: find(h, expense_id))


def find(h: House, expense_id: str) -> dict[str, Any] | None:
    """Find the approvers' message about an expense."""
    messages = h.slack.messages(APPROVALS)
    return next((message for message in messages if expense_id in message["text"]), None)


async def submit(h: House, who: User, line: str = "42.50 EUR Tea") -> str:
    """Submit an expense, wait until the approvers are asked, and say its id."""
    expense_id = id_in((await say(h, who, f"submit {line}")).text)
    await asked(h, expense_id)
    return expense_id


async def say(h: House, who: User, text: str) -> Ack:
    """Type /expense and something behind it."""
    return await h.slack.command(who, "/expense", text)


async def send(h: House, form: dict[str, str]) -> tuple[int, str]:
    """Send what Slack sends, signed."""
    body = urlencode(form).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", **h.slack.sign(body)}
    return await h.post("/slack/events", body, headers)


async def send_payload(h: House, payload: dict[str, Any]) -> tuple[int, str]:
    """Send an interaction, signed."""
    team = {"team": {"id": h.slack.config.team_id}, "api_app_id": h.slack.config.app_id}
    return await send(h, {"payload": json.dumps({**team, **payload})})


def texts_of(message: dict[str, Any]) -> list[str]:
    """List every text of a message's or view's blocks."""
    found: list[str] = []
    for block in message.get("blocks", []):
        for part in [block.get("text"), *block.get("elements", [])]:
            if part and isinstance(part.get("text"), str):
                found.append(part["text"])
    return found
