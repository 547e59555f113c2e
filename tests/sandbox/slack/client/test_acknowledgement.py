"""What a view_submission's acknowledgement does."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.client.interactions import TROUBLE
from sandbox.slack.config import ADA
from tests.sandbox.conftest import RecordingApp, modal, opened


async def submitted(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp, answer: Any
) -> tuple[dict[str, Any], str | None]:
    """Submit the upper of two forms, and give it back with how that failed."""
    await opened(slack, client, modal())
    trigger = slack.views.trigger(ADA.id, in_modal=True)
    await client.views_push(trigger_id=trigger, view=modal())
    view = slack.open_view(ADA)
    assert view
    app.answer = answer
    return view, (await slack.submit(ADA, view, {"what": "x"})).error


async def test_nothing_closes_the_view(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view, error = await submitted(slack, client, app, None)
    assert error is None
    below = slack.open_view(ADA)
    assert below
    assert below["id"] == view["previous_view_id"]


async def test_clear_closes_all_views(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    _, error = await submitted(slack, client, app, {"response_action": "clear"})
    assert error is None
    assert slack.open_view(ADA) is None


async def test_errors_are_shown_at_their_fields_until_the_form_is_right(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    answer = {"response_action": "errors", "errors": {"what": "What exactly?"}}
    view, error = await submitted(slack, client, app, answer)
    assert error is None
    assert slack.open_view(ADA) == view
    assert slack.view_errors(ADA) == {"what": "What exactly?"}
    app.answer = None
    assert (await slack.submit(ADA, view, {"what": "y"})).ok
    assert slack.view_errors(ADA) == {}


async def test_update_replaces_the_view(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    answer = {"response_action": "update", "view": modal(callback_id="next")}
    view, error = await submitted(slack, client, app, answer)
    assert error is None
    now = slack.open_view(ADA)
    assert now
    assert (now["id"], now["callback_id"]) == (view["id"], "next")
    assert now["hash"] != view["hash"]


async def test_push_opens_a_view_on_top(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view, error = await submitted(slack, client, app, {"response_action": "push", "view": modal()})
    assert error is None
    now = slack.open_view(ADA)
    assert now
    assert now["previous_view_id"] == view["id"]
    ack = await slack.submit(ADA, now, {"what": "x"})
    assert ack.error == "invalid_response_action: push_limit_reached"


@pytest.mark.parametrize(
    "answer",
    [
        "ok",
        {"response_action": "explode"},
        {"text": "thanks"},
        {"response_action": "clear", "view": modal()},
        {"response_action": "errors"},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"no_such_block": "Wrong."}},
        {"response_action": "errors", "errors": {"what": ""}},
        {"response_action": "errors", "errors": ["what"]},
        {"response_action": "update", "view": {"type": "home", "blocks": []}},
        {
            "response_action": "update",
            "view": modal(callback_id="x" * 256),
        },
    ],
)
async def test_what_slack_does_not_understand_fails_the_submission(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp, answer: Any
) -> None:
    view, error = await submitted(slack, client, app, answer)
    assert error
    assert error.startswith("invalid_response_action: ")
    assert slack.open_view(ADA) == view
    assert slack.page.state.of(ADA.id)["view"]["client_error"] == TROUBLE


async def test_a_failed_submission_leaves_the_form_open(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    app.status = 500
    view, error = await submitted(slack, client, app, None)
    assert error == "dispatch_failed"
    assert slack.open_view(ADA) == view
    assert slack.page.state.of(ADA.id)["view"]["client_error"] == TROUBLE
