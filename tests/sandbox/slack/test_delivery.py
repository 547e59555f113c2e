"""Signed requests, three seconds, and what Slack calls the failures."""

import time

import pytest
from slack_sdk.signature import SignatureVerifier

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, GENERAL
from tests.sandbox.conftest import RecordingApp, bolt_for, recording, served


async def test_every_request_is_signed_over_its_raw_body(slack: Sandbox, app: RecordingApp) -> None:
    await slack.command(ADA, "/expense", "submit 5 € & more")
    [(headers, body)] = app.received
    verifier = SignatureVerifier(slack.config.signing_secret)
    assert verifier.is_valid_request(body, headers)
    assert not SignatureVerifier("other").is_valid_request(body, headers)


def test_tests_can_forge_requests() -> None:
    slack = Sandbox.__new__(Sandbox)
    slack.config = WorkspaceConfig()
    verifier = SignatureVerifier(slack.config.signing_secret)
    body = b'{"a": 1}'
    assert verifier.is_valid_request(body, slack.sign(body))
    assert not verifier.is_valid_request(b"{}", slack.sign(body))
    assert not verifier.is_valid_request(body, slack.sign(body, int(time.time()) - 301))
    assert slack.sign(b"\xff")["X-Slack-Signature"].startswith("v0=")


async def test_an_app_that_is_not_there(slack: Sandbox) -> None:
    assert (await slack.command(ADA, "/expense")).error == "dispatch_failed"
    slack.app_url = "http://127.0.0.1:1/"
    ack = await slack.command(ADA, "/expense")
    assert ack.error == "dispatch_failed"
    assert ack.status is None
    assert not ack.ok


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
async def test_an_app_that_does_not_answer_200(
    slack: Sandbox, app: RecordingApp, status: int
) -> None:
    app.status = status
    ack = await slack.command(ADA, "/expense", channel=GENERAL)
    assert ack.error == "dispatch_failed"
    assert ack.status == status
    texts = [message["text"] for message in slack.ephemeral(ADA, GENERAL)]
    assert texts == ['/expense failed with the error "dispatch_failed"']


async def test_an_app_that_is_late() -> None:
    async with Sandbox.start(WorkspaceConfig(ack_seconds=0.1)) as slack, recording(slack) as app:
        app.seconds = 1
        ack = await slack.command(ADA, "/expense")
        assert ack.error == "operation_timeout"
        assert 0.1 <= ack.seconds < 1
        texts = [message["text"] for message in slack.ephemeral(ADA)]
        assert texts == ['/expense failed with the error "operation_timeout"']


async def test_an_app_without_a_handler(slack: Sandbox) -> None:
    async with served(slack, bolt_for(slack)):
        ack = await slack.command(ADA, "/expense")
    assert (ack.status, ack.error) == (404, "dispatch_failed")


async def test_an_app_that_answers_with_broken_json(slack: Sandbox, app: RecordingApp) -> None:
    app.answer = "["
    app.headers = {"Content-Type": "application/json"}
    assert (await slack.command(ADA, "/expense")).error == "invalid_response"
