"""app_home_opened, the challenge before it, and the retries after it."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Manifest, Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA
from tests.sandbox.conftest import RecordingApp, bolt_for, home, recording, served


def payloads(app: RecordingApp) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in app.received]


async def test_opening_the_home_tab_is_an_event(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    ack = await slack.open_home(ADA)
    assert ack
    assert ack.ok
    [challenge, event] = payloads(app)
    assert challenge["type"] == "url_verification"
    assert event["type"] == "event_callback"
    assert event["event_id"].startswith("Ev")
    assert event["authorizations"][0]["user_id"] == slack.config.bot_user_id
    assert event["event"]["type"] == "app_home_opened"
    assert event["event"]["user"] == ADA.id
    assert event["event"]["channel"].startswith("D")
    assert event["event"]["tab"] == "home"
    assert "view" not in event["event"]
    await client.views_publish(user_id=ADA.id, view=home())
    await slack.open_home(ADA)
    # The address was verified already, and now there is a view.
    assert payloads(app)[2]["event"]["view"] == slack.home(ADA)


async def test_bolt_answers_the_challenge_and_publishes(slack: Sandbox) -> None:
    app = bolt_for(slack)

    @app.event("app_home_opened")
    async def publish(event: dict, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=home())

    async with served(slack, app):
        ack = await slack.open_home(ADA)
        assert ack
        assert ack.ok
        assert await slack.until(lambda: slack.home(ADA))


async def test_an_app_that_does_not_answer_the_challenge(slack: Sandbox) -> None:
    ack = await slack.open_home(ADA)
    assert ack
    assert ack.error == "url_verification_failed"


async def test_an_event_nobody_subscribed_to() -> None:
    manifest = replace(Manifest.load(), bot_events=frozenset())
    async with Sandbox.start(WorkspaceConfig(manifest=manifest)) as slack, recording(slack) as app:
        assert await slack.open_home(ADA) is None
        assert app.received == []


async def test_failures_are_retried_three_times() -> None:
    config = WorkspaceConfig(event_retry_seconds=(0.0, 0.01, 0.01))
    async with Sandbox.start(config) as slack, recording(slack) as app:
        app.status = 500
        await slack.open_home(ADA)
        await slack.until(lambda: len(app.received) == 5)
        await asyncio.sleep(0.05)
    assert len(app.received) == 5
    events = {json.loads(body)["event_id"] for _, body in app.received[1:]}
    assert len(events) == 1
    headers = [headers for headers, _ in app.received[1:]]
    assert [header.get("X-Slack-Retry-Num") for header in headers] == [None, "1", "2", "3"]
    assert headers[-1]["X-Slack-Retry-Reason"] == "http_error"


async def test_a_late_app_learns_why_it_is_asked_again() -> None:
    config = WorkspaceConfig(ack_seconds=0.3, event_retry_seconds=(0.0,))
    async with Sandbox.start(config) as slack, recording(slack) as app:
        app.seconds = 1
        await slack.open_home(ADA)
        await slack.until(lambda: len(app.received) == 3)
    assert app.received[2][0]["X-Slack-Retry-Reason"] == "http_timeout"


async def test_an_app_may_ask_for_no_retry() -> None:
    config = WorkspaceConfig(event_retry_seconds=(0.0,))
    async with Sandbox.start(config) as slack, recording(slack) as app:
        app.status, app.headers = 500, {"X-Slack-No-Retry": "1"}
        await slack.open_home(ADA)
        await asyncio.sleep(0.05)
    assert len(app.received) == 2


async def test_a_retry_that_works_is_the_last() -> None:
    config = WorkspaceConfig(event_retry_seconds=(0.05, 0.0, 0.0))
    async with Sandbox.start(config) as slack, recording(slack) as app:
        app.status = 500
        await slack.open_home(ADA)
        app.status = 200
        await slack.until(lambda: len(app.received) == 3)
        await asyncio.sleep(0.05)
    assert len(app.received) == 3
