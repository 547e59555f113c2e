"""Peers that turned: Slack, the payment system, or whoever answers in their place."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from temporalio.client import Client

from bot.domain.errors import TryAgain
from bot.domain.expense import Expense, State
from bot.domain.people.locale import ANYBODY
from bot.payment_system import PaymentSystem
from bot.slack.directory import SlackDirectory
from bot.slack.installation import is_at_home
from bot.slack.web_client import MAX_PATIENCE, asking_slack, make_session, make_slack_client
from sandbox.slack.config import ADA, MINA
from tests.support.house import APPROVALS, house

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def peer(answer: Answer) -> AsyncIterator[str]:
    """Run a server that gives one answer to everything."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def saying(body: bytes, status: int = 200, **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            status=status, body=body, headers={"Content-Type": "application/json", **headers}
        )

    return answer


class Flood:
    """An answer of 100 MB, and how much of it was taken."""

    def __init__(self, status: int) -> None:
        self.status, self.sent = status, 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=self.status)
        response.content_type = "application/json"
        await response.prepare(request)
        try:
            for _ in range(100):
                await response.write(b'"' + b"a" * 1_000_000)
                self.sent += 1_000_000
        except ConnectionError:
            pass  # they hung up, as they should
        return response


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"yes"',
        b"7",
        b"\xff\xfe",
        b"<html>",
        b'{"ok": true}',
        b'{"ok": true, "user": [], "users": 7, "team_id": {}}',
        b'{"ok": false}',
        b"[" * 2000,
    ],
)
async def test_what_is_not_slack_s_answer_lets_nobody_in(body: bytes) -> None:
    async with peer(saying(body)) as url, make_session() as session:
        people = SlackDirectory(make_slack_client("xoxb-1", url, session))
        assert await people.reader(MINA.id) == ANYBODY
        with pytest.raises(TryAgain):
            await people.is_full_member(MINA.id)
        with pytest.raises(TryAgain):
            await people.group_members("S0MANAGERS1")


@pytest.mark.parametrize("patience", ["9" * 400, "1e300", "inf", "nan", "-1", "soon", "", "9999"])
async def test_nobody_makes_us_wait_for_ever(patience: str) -> None:
    answer = saying(b'{"ok": false, "error": "ratelimited"}', 429, **{"Retry-After": patience})
    async with peer(answer) as url, make_session() as session:
        client = make_slack_client("xoxb-1", url, session)
        with pytest.raises(TryAgain) as raised:
            async with asking_slack():
                await client.auth_test()
        assert 0 < raised.value.after <= MAX_PATIENCE


async def test_an_endless_answer_of_slack_is_given_up() -> None:
    flood = Flood(200)
    async with peer(flood.answer) as url, make_session() as session:
        with pytest.raises(TryAgain):
            async with asking_slack():
                await make_slack_client("xoxb-1", url, session).auth_test()
        assert flood.sent < 30_000_000


async def test_an_endless_refusal_of_the_payment_system_is_given_up() -> None:
    flood = Flood(402)
    approved = Expense(id="e", state=State.APPROVED, version=1, created_at=datetime.now(UTC))
    async with peer(flood.answer) as url, make_session() as session:
        with pytest.raises(TryAgain):
            await PaymentSystem(session, url, ["k" * 32]).pay(approved)
        assert flood.sent < 30_000_000


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hooks.slack.com/actions/T/1/x", True),
        ("https://slack.com/x", True),
        ("http://hooks.slack.com/actions/T/1/x", False),
        ("https://hooks.slack.com:8443/x", False),
        ("https://hooks.slack.com.example.com/x", False),
        ("https://notslack.com/x", False),
        ("https://hooks.slack.com@example.com/x", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("https://slack.com:port/", False),
        ("", False),
        (["https://slack.com/"], False),
    ],
)
def test_only_slack_s_own_addresses_are_answered(url: object, expected: bool) -> None:
    assert is_at_home(url, "https://slack.com/api/") is expected


async def test_a_signed_request_makes_us_call_nobody_else(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    called: list[str] = []

    async def inside(request: web.Request) -> web.Response:
        called.append(request.path)
        return web.Response(text="secrets of the inner network")

    async with peer(inside) as url, house(temporal_client, task_queue, tmp_path) as h:
        payload: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": ADA.id},
            "team": {"id": h.slack.config.team_id},
            "api_app_id": h.slack.config.app_id,
            "channel": {"id": APPROVALS.id},
            "message": {"ts": "1.2"},
            "response_url": url,
            "actions": [{"type": "button", "action_id": "approve_expense", "value": "x"}],
        }
        command = {
            "command": "/expense",
            "text": "submit",
            "user_id": ADA.id,
            "trigger_id": "wrong",
            "response_url": url,
        }
        elsewhere = json.dumps({**payload, "team": {"id": "T0ELSEWHERE"}})
        for form in (
            {"payload": json.dumps(payload)},
            command,
            {**command, "team_id": h.slack.config.team_id},
            {"payload": elsewhere},
        ):
            body = urlencode(form).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded", **h.slack.sign(body)}
            answer = await h.post("/slack/events", body, headers)
            assert answer == (403, "The response_url is not Slack's.")
        await asyncio.sleep(0.3)
    assert called == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
async def test_without_a_key_a_proxy_on_this_machine_lets_nobody_in(
    temporal_client: Client, task_queue: str, tmp_path: Path, header: str
) -> None:
    async with house(temporal_client, task_queue, tmp_path, worker=False, EXPENSE_API_KEY="") as h:
        assert await h.get("/status", id="e") == (200, "ERROR:INVALID_ID")
        async with h.http.get(
            f"{h.bot_url}/status?id=e", headers={header: "203.0.113.9"}
        ) as response:
            assert response.status == 403


async def test_what_nobody_knows_is_not_repeated_in_the_log(
    temporal_client: Client,
    task_queue: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with house(temporal_client, task_queue, tmp_path, worker=False) as h:
        command = {
            "team_id": h.slack.config.team_id,
            "command": "/something\nERROR paid",
            "text": "words that somebody typed",
            "user_id": ADA.id,
            "trigger_id": "1",
        }
        body = urlencode(command).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **h.slack.sign(body)}
        assert (await h.post("/slack/events", body, headers))[0] == 404
    assert "something" not in caplog.text
    assert "somebody typed" not in caplog.text
