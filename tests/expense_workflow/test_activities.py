"""Each activity alone, in Temporal's ActivityEnvironment, against a real HTTP server."""

import asyncio
import dataclasses
import logging
import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from temporalio.activity import _CompleteAsyncError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from expense_workflow import __version__
from expense_workflow.activities import (
    RequestRejectedError,
    create_expense_activity,
    follow_up_activity,
    payment_activity,
    wait_for_decision_activity,
)
from expense_workflow.bot_client import http_pool
from expense_workflow.settings import SettingsError
from tests.expense_workflow.fake_bot import Answer, FakeBot

Activity = Callable[[str], Coroutine[Any, Any, Any]]

CREATE = (create_expense_activity, "/create")
WAIT = (wait_for_decision_activity, "/registerCallback")
PAY = (payment_activity, "/action")
FOLLOW_UP = (follow_up_activity, "/followUp")

each = pytest.mark.parametrize(("step", "path"), [CREATE, WAIT, PAY, FOLLOW_UP])


@pytest.fixture
def env() -> ActivityEnvironment:
    return ActivityEnvironment()


@each
@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000"])
async def test_a_blank_id_is_refused_without_a_call(
    env: ActivityEnvironment, fake_bot: FakeBot, step: Activity, path: str, blank: str
) -> None:
    with pytest.raises(ValueError, match=r"^expense id is empty$"):
        await env.run(step, blank)
    assert fake_bot.calls == []


async def test_create_is_a_get_with_exactly_the_contract_s_parameters(
    env: ActivityEnvironment, fake_bot: FakeBot
) -> None:
    await env.run(create_expense_activity, "e-1")
    [call] = fake_bot.calls
    assert (call.method, call.path) == ("GET", "/create")
    assert call.query == {"id": "e-1", "is_api_call": "true"}
    assert call.form == {}


async def test_registration_posts_the_token_as_hex_and_leaves_the_completion_to_others(
    env: ActivityEnvironment, fake_bot: FakeBot
) -> None:
    with pytest.raises(_CompleteAsyncError):
        await env.run(wait_for_decision_activity, "e-1")
    [call] = fake_bot.calls
    assert (call.method, call.path, call.query) == ("POST", "/registerCallback", {"id": "e-1"})
    assert call.form == {"task_token": b"test".hex()}


async def test_payment_is_a_post_with_exactly_the_contract_s_form(
    env: ActivityEnvironment, fake_bot: FakeBot
) -> None:
    await env.run(payment_activity, "e-1")
    [call] = fake_bot.calls
    assert (call.method, call.path, call.query) == ("POST", "/action", {})
    assert call.form == {"type": "payment", "id": "e-1", "is_api_call": "true"}


async def test_a_follow_up_is_a_post_with_nothing_but_the_id(
    env: ActivityEnvironment, fake_bot: FakeBot
) -> None:
    fake_bot.answer("/followUp", Answer('{"again_in_seconds": null}'))
    await env.run(follow_up_activity, "e-1")
    [call] = fake_bot.calls
    assert (call.method, call.path, call.query) == ("POST", "/followUp", {"id": "e-1"})
    assert call.form == {}
    assert call.headers["Content-Length"] == "0"
    assert call.headers["User-Agent"] == f"expense-approvals/{__version__}"


@pytest.mark.parametrize(
    ("body", "again"),
    [
        ('{"again_in_seconds": 3600.0}', 3600),
        ('{"again_in_seconds": 5, "more": "to come"}', 5),
        ('{"again_in_seconds": 0}', 0),
        ('{"again_in_seconds": -0.5}', -0.5),
        ('{"again_in_seconds": null}', None),
    ],
)
async def test_a_follow_up_returns_when_the_bot_wants_the_next(
    env: ActivityEnvironment, fake_bot: FakeBot, body: str, again: float | None
) -> None:
    fake_bot.answer("/followUp", Answer(body))
    assert await env.run(follow_up_activity, "e-1") == again


@pytest.mark.parametrize(
    "body",
    [
        *("{", "null", "[]", "5", '"5"', "{}", '{"again": 5}', '{"again_in_seconds": "5"}'),
        *('{"again_in_seconds": true}', '{"again_in_seconds": NaN}', '{"again_in_seconds": [5]}'),
        *('{"again_in_seconds": Infinity}', '{"again_in_seconds": 1e300}', "[" * 100_000),
        '{"again_in_seconds": ' + "9" * 5_000 + "}",
    ],
    ids=lambda body: body[:30],
)
async def test_a_follow_up_s_answer_that_makes_no_sense_is_a_refusal(
    env: ActivityEnvironment, fake_bot: FakeBot, body: str
) -> None:
    fake_bot.answer("/followUp", Answer(body))
    with pytest.raises(ApplicationError, match="follow up failed status:") as caught:
        await env.run(follow_up_activity, "e-1")
    assert body[:20] in caught.value.message
    assert caught.value.type == "UNEXPECTED_ANSWER"
    assert caught.value.non_retryable


@pytest.mark.parametrize(
    "name", ["💶", "a b&c=d#e?f", "<b>", "'; DROP TABLE x;--", "%d%s", "a/../b"]
)
async def test_any_id_arrives_as_it_is(
    env: ActivityEnvironment, fake_bot: FakeBot, name: str
) -> None:
    await env.run(create_expense_activity, name)
    await env.run(payment_activity, name)
    with pytest.raises(_CompleteAsyncError):
        await env.run(wait_for_decision_activity, name)
    fake_bot.answer("/followUp", Answer('{"again_in_seconds": null}'))
    await env.run(follow_up_activity, name)
    create, pay, register, follow_up = fake_bot.calls
    assert create.query["id"] == pay.form["id"] == register.query["id"] == name
    assert follow_up.query["id"] == name


@each
@pytest.mark.parametrize("status", [301, 401, 403, 404, 429, 500, 502, 503])
async def test_an_http_error_that_may_heal_propagates_as_it_is(
    env: ActivityEnvironment, fake_bot: FakeBot, step: Activity, path: str, status: int
) -> None:
    fake_bot.answer(path, Answer("The database does not answer.", status=status))
    # What the bot says of it is what Temporal keeps of the failure.
    hint = "; is EXPENSE_SERVER_URL the bot's own address?" if status in (301, 404) else ""
    words = f"HTTP {status}: The database does not answer.{re.escape(hint)}$"
    with pytest.raises(httpx.HTTPStatusError, match=words) as caught:
        await env.run(step, "e-1")
    # By its type's name, the workflow tells it from a rejection, and retries it.
    assert type(caught.value) is httpx.HTTPStatusError
    assert caught.value.response.status_code == status


@each
@pytest.mark.parametrize("status", [400, 413, 414, 422])
async def test_a_rejected_request_is_an_http_error_of_its_own_type(
    env: ActivityEnvironment, fake_bot: FakeBot, step: Activity, path: str, status: int
) -> None:
    fake_bot.answer(path, Answer("id is missing", status=status))
    with pytest.raises(RequestRejectedError, match=f"HTTP {status}: id is missing$") as caught:
        await env.run(step, "e-1")
    assert isinstance(caught.value, httpx.HTTPStatusError)
    assert caught.value.response.status_code == status


@pytest.mark.parametrize(
    ("step", "path", "code", "words"),
    [
        (*CREATE, "ID_ALREADY_EXISTS", "create expense failed status: ERROR:ID_ALREADY_EXISTS"),
        (*WAIT, "INVALID_ID", "register callback failed status: ERROR:INVALID_ID"),
        (*WAIT, "INVALID_STATE", "register callback failed status: ERROR:INVALID_STATE"),
        (*WAIT, "INVALID_FORM_DATA", "register callback failed status: ERROR:INVALID_FORM_DATA"),
        (*PAY, "INSUFFICIENT_FUNDS", "payment failed status: ERROR:INSUFFICIENT_FUNDS"),
        (*PAY, "INVALID_STATE", "payment failed status: ERROR:INVALID_STATE"),
        (*FOLLOW_UP, "INVALID_ID", "follow up failed status: ERROR:INVALID_ID"),
    ],
)
async def test_a_refusal_is_final_and_says_what_the_bot_said(
    env: ActivityEnvironment,
    fake_bot: FakeBot,
    step: Activity,
    path: str,
    code: str,
    words: str,
) -> None:
    fake_bot.answer(path, Answer(f"ERROR:{code}"))
    with pytest.raises(ApplicationError) as caught:
        await env.run(step, "e-1")
    assert caught.value.message == words
    assert caught.value.type == code
    assert caught.value.non_retryable


@each
@pytest.mark.parametrize("body", ["", "succeed", "SUCCEEDED", " SUCCEED", "SUCCEED\n", "<html>"])
async def test_every_other_body_is_a_refusal(
    env: ActivityEnvironment, fake_bot: FakeBot, step: Activity, path: str, body: str
) -> None:
    fake_bot.answer(path, Answer(body))
    with pytest.raises(ApplicationError, match="failed status:") as caught:
        await env.run(step, "e-1")
    assert body.strip() in caught.value.message
    assert caught.value.type == "UNEXPECTED_ANSWER"
    assert caught.value.non_retryable


async def test_a_huge_answer_is_shown_shortened(
    env: ActivityEnvironment, fake_bot: FakeBot
) -> None:
    fake_bot.answer("/create", Answer("ERROR:" + "x" * 1_000_000))
    with pytest.raises(ApplicationError) as caught:
        await env.run(create_expense_activity, "e-1")
    assert len(caught.value.message) < 300
    assert len(caught.value.type or "") < 300


@each
async def test_a_refused_connection_propagates(
    env: ActivityEnvironment,
    monkeypatch: pytest.MonkeyPatch,
    closed_port: int,
    step: Activity,
    path: str,
) -> None:
    monkeypatch.setenv("EXPENSE_SERVER_URL", f"http://127.0.0.1:{closed_port}")
    words = f"EXPENSE_SERVER_URL names a place where no bot answers: .* 127.0.0.1:{closed_port} "
    with pytest.raises(httpx.ConnectError, match=words) as caught:
        await env.run(step, "e-1")
    assert caught.value.__cause__ is None  # Temporal would cut the whole


@each
async def test_an_unknown_host_propagates(
    env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch, step: Activity, path: str
) -> None:
    monkeypatch.setenv("EXPENSE_SERVER_URL", "http://nobody.invalid:8099")
    with pytest.raises(httpx.ConnectError):
        await env.run(step, "e-1")


@pytest.mark.parametrize(
    "said", [b"", b"good morning\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nSUCC"]
)
@each
async def test_whatever_is_no_answer_is_an_error_of_httpx(
    env: ActivityEnvironment,
    monkeypatch: pytest.MonkeyPatch,
    step: Activity,
    path: str,
    said: bytes,
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("EXPENSE_SERVER_URL", f"http://127.0.0.1:{port}")
        with pytest.raises(httpx.TransportError, match=r"\w"):
            await env.run(step, "e-1")


async def test_a_bot_without_a_whole_answer_is_given_up_before_temporal_gives_the_activity_up(
    fake_bot: FakeBot,
) -> None:
    fake_bot.answer("/create", Answer(delay=15))
    fake_bot.answer("/registerCallback", Answer(trickle=True))
    fake_bot.answer("/action", Answer(delay=15))
    fake_bot.answer("/followUp", Answer(trickle=True))
    steps = [create_expense_activity, wait_for_decision_activity]
    steps += [payment_activity, follow_up_activity]
    started = asyncio.get_running_loop().time()
    errors = await asyncio.gather(
        *(ActivityEnvironment().run(step, "e-1") for step in steps), return_exceptions=True
    )
    assert asyncio.get_running_loop().time() - started < 10
    assert [type(error) for error in errors] == [httpx.ReadTimeout] * 4
    assert [str(error) for error in errors] == [
        "no answer from the bot within 8 s",
        "no whole answer from the bot within 9 s",
        "no answer from the bot within 8 s",
        "no whole answer from the bot within 9 s",
    ]


@each
async def test_every_call_says_which_workflow_it_comes_from(
    env: ActivityEnvironment, fake_bot: FakeBot, step: Activity, path: str
) -> None:
    workflow_id = "expense_💶 50%\r\nX-Evil: 1"
    env.info = dataclasses.replace(env.info, workflow_id=workflow_id, workflow_run_id="run-1")
    await asyncio.gather(env.run(step, "e-1"), return_exceptions=True)
    [call] = fake_bot.calls
    assert unquote(call.headers["X-Temporal-Workflow-Id"]) == workflow_id
    assert call.headers["X-Temporal-Run-Id"] == "run-1"
    assert "X-Evil" not in call.headers
    assert "Authorization" not in call.headers


async def test_an_activity_without_a_workflow_names_none(
    env: ActivityEnvironment, fake_bot: FakeBot
) -> None:
    env.info = dataclasses.replace(env.info, workflow_id=None, workflow_run_id=None)
    await env.run(create_expense_activity, "e-1")
    assert not [name for name in fake_bot.calls[0].headers if name.startswith("X-Temporal")]


@pytest.mark.parametrize(
    ("start_to_close", "schedule_to_close", "expected"),
    [
        (timedelta(seconds=60), timedelta(seconds=120), "2026-05-01T12:01:30+00:00"),
        (timedelta(seconds=60), timedelta(seconds=80), "2026-05-01T12:01:20+00:00"),
        (timedelta(seconds=60), None, "2026-05-01T12:01:30+00:00"),
        (None, timedelta(seconds=80), "2026-05-01T12:01:20+00:00"),
        (None, None, None),
    ],
)
async def test_the_registration_says_when_this_attempt_ends(
    env: ActivityEnvironment,
    fake_bot: FakeBot,
    start_to_close: timedelta | None,
    schedule_to_close: timedelta | None,
    expected: str | None,
) -> None:
    scheduled = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
    env.info = dataclasses.replace(
        env.info,
        scheduled_time=scheduled,
        started_time=scheduled + timedelta(seconds=30),
        start_to_close_timeout=start_to_close,
        schedule_to_close_timeout=schedule_to_close,
    )
    with pytest.raises(_CompleteAsyncError):
        await env.run(wait_for_decision_activity, "e-1")
    assert fake_bot.calls[0].headers.get("X-Temporal-Decide-By") == expected


async def test_only_the_registration_has_a_deadline(
    env: ActivityEnvironment, fake_bot: FakeBot
) -> None:
    await env.run(create_expense_activity, "e-1")
    await env.run(payment_activity, "e-1")
    fake_bot.answer("/followUp", Answer('{"again_in_seconds": null}'))
    await env.run(follow_up_activity, "e-1")
    assert not [call for call in fake_bot.calls if "X-Temporal-Decide-By" in call.headers]


@each
async def test_the_key_goes_with_every_call_and_into_no_log(
    env: ActivityEnvironment,
    fake_bot: FakeBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step: Activity,
    path: str,
) -> None:
    monkeypatch.setenv("EXPENSE_API_KEY", "k-secret\n")
    caplog.set_level(logging.DEBUG)
    await asyncio.gather(env.run(step, "e-1"), return_exceptions=True)
    assert fake_bot.calls[0].headers["Authorization"] == "Bearer k-secret"
    assert "k-secret" not in caplog.text


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (create_expense_activity, "Expense e-42: created"),
        (wait_for_decision_activity, "Expense e-42: registered, waiting for a decision"),
        (payment_activity, "Expense e-42: the payment step is done"),
        (follow_up_activity, "Expense e-42: followed up"),
    ],
)
async def test_every_step_is_logged_with_the_expense_s_id_and_without_the_token(
    env: ActivityEnvironment,
    fake_bot: FakeBot,
    caplog: pytest.LogCaptureFixture,
    step: Activity,
    words: str,
) -> None:
    caplog.set_level(logging.INFO)
    env.info = dataclasses.replace(env.info, task_token=b"\xca\xfe secret")
    fake_bot.answer("/followUp", Answer('{"again_in_seconds": null}'))
    await asyncio.gather(env.run(step, "e-42"), return_exceptions=True)
    [record] = [entry for entry in caplog.records if entry.name == "temporalio.activity"]
    assert record.levelno == logging.INFO
    assert record.getMessage().startswith(words)
    assert env.info.task_token.hex() not in caplog.text


async def test_ids_with_line_breaks_or_percent_signs_do_not_break_the_log(
    env: ActivityEnvironment, fake_bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "temporalio.activity")
    env.info = dataclasses.replace(env.info, workflow_id="expense_100%d")
    await env.run(create_expense_activity, "100%d\n2026-01-01 INFO forged")
    [record] = [entry for entry in caplog.records if entry.name == "temporalio.activity"]
    assert "Expense 100%d 2026-01-01 INFO forged: created" in record.getMessage()


async def test_the_pool_shares_one_connection_and_alone_each_activity_opens_its_own(
    fake_bot: FakeBot,
) -> None:
    async with http_pool():
        for _ in range(5):
            await ActivityEnvironment().run(create_expense_activity, "e-1")
    assert len(fake_bot.connections) == 1
    for _ in range(2):
        await ActivityEnvironment().run(create_expense_activity, "e-1")
    assert len(fake_bot.connections) == 3


async def test_wrong_settings_are_named_before_anything_is_called(
    env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPENSE_SERVER_URL", "localhost:8099")
    with pytest.raises(SettingsError, match=r"^EXPENSE_SERVER_URL "):
        await env.run(create_expense_activity, "e-1")
