"""The route that Slack calls: whose requests are taken, and bad input of every kind."""

import asyncio
import io
import json
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from temporalio.client import Client

from bot.web.server import serving
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.delivery import sign
from tests.support.house import ADA, APPROVALS, MINA, House, house

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
TYPED = "words that somebody typed and nobody logs"
TEAM, APP = WorkspaceConfig().team_id, WorkspaceConfig().app_id


@dataclass
class Route:
    """A bot without a worker, an expense that waits for a decision, and what is recorded."""

    h: House
    database: Path
    expense_id: str

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        async with self.h.http.post(
            f"{self.h.bot_url}/slack/events", data=io.BytesIO(body), headers=headers
        ) as response:
            return response.status, await response.text()

    async def signed(self, body: bytes, content_type: str = FORM) -> tuple[int, str]:
        return await self.post(body, {"Content-Type": content_type, **self.h.slack.sign(body)})

    async def payload(self, payload: Any) -> tuple[int, str]:
        return await self.signed(urlencode({"payload": json.dumps(payload)}).encode())

    def click(self, **changes: Any) -> dict[str, Any]:
        """What Slack sends when a manager approves the expense."""
        return {
            "type": "block_actions",
            "user": {"id": MINA.id, "team_id": TEAM},
            "team": {"id": TEAM, "domain": "sandbox"},
            "api_app_id": APP,
            "trigger_id": "1.2.3",
            "container": {"type": "message", "message_ts": "1.2", "channel_id": APPROVALS.id},
            "channel": {"id": APPROVALS.id, "name": "approvals"},
            "message": {"ts": "1.2"},
            "response_url": self.h.slack.urls.issue("actions", MINA.id, APPROVALS.id),
            "actions": [
                {
                    "type": "button",
                    "action_id": "approve_expense",
                    "block_id": "decision",
                    "value": self.expense_id,
                }
            ],
            **changes,
        }

    def submission(self, **changes: Any) -> dict[str, Any]:
        """What Slack sends when a manager submits the form for a reason."""
        view = {
            "id": "V1",
            "type": "modal",
            "callback_id": "reject_modal",
            "private_metadata": self.expense_id,
            "state": {"values": {"reason": {"value": {"value": TYPED}}}},
        }
        return {
            "type": "view_submission",
            "user": {"id": MINA.id, "team_id": TEAM},
            "team": {"id": TEAM, "domain": "sandbox"},
            "api_app_id": APP,
            "view": view | changes.pop("view", {}),
            **changes,
        }

    def recorded(self) -> list[Any]:
        """Every expense as the database has it, and what happened to it."""
        with closing(sqlite3.connect(self.database)) as connection:
            expenses = connection.execute("SELECT id, state, decided_by, reason FROM expenses")
            # Attempts without right are written down; they change nothing.
            history = connection.execute("SELECT * FROM audit WHERE event != 'refuse'")
            return [*expenses.fetchall(), *history.fetchall()]


@pytest.fixture(scope="module")
async def route(
    temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Route]:
    queue, folder = f"test-{uuid.uuid4()}", tmp_path_factory.mktemp("slack")
    async with house(temporal_client, queue, folder, worker=False) as h:
        expense_id = "the-expense"
        await h.get("/create", id=expense_id, is_api_call="true")
        await h.post("/registerCallback", {"task_token": "0a"}, None, id=expense_id)
        yield Route(h, folder / "expenses.db", expense_id)


@pytest.fixture(autouse=True)
async def _nothing_changes_and_nothing_typed_is_logged(
    route: Route, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[None]:
    before = route.recorded()
    yield
    await asyncio.sleep(0.005)  # for what follows an acknowledgement
    assert route.recorded() == before
    assert TYPED not in caplog.text
    assert route.h.slack.config.bot_token not in caplog.text
    assert route.h.slack.config.signing_secret not in caplog.text


def command(text: str = "help", **changes: str) -> bytes:
    words = {
        "command": "/expense",
        "text": text,
        "user_id": ADA.id,
        "team_id": TEAM,
        "api_app_id": APP,
        "trigger_id": "1.2.3",
    }
    return urlencode(words | changes).encode()


# Signatures


async def test_a_signed_request_is_answered(route: Route) -> None:
    status, text = await route.signed(command())
    assert status == 200
    assert "/expense submit" in text


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize("seconds", [-301, -3600, 330, 3600, -(10**9), 10**9])
async def test_a_request_of_another_time_is_refused(route: Route, seconds: int) -> None:
    body = command()
    headers = route.h.slack.sign(body, now() + seconds)
    assert await route.post(body, headers) == REFUSED


@pytest.mark.parametrize("seconds", [-270, 290])
async def test_a_request_of_about_now_is_taken(route: Route, seconds: int) -> None:
    body = command()
    headers = {"Content-Type": FORM, **route.h.slack.sign(body, now() + seconds)}
    assert (await route.post(body, headers))[0] == 200


REFUSED = (401, "The signature is missing, wrong or too old.")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Signature": "0" * 64},
        {"X-Slack-Signature": "v0=ключ"},
        {"X-Slack-Signature": "v0=" + "0" * 5000},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "١٢٣"},
        {"X-Slack-Request-Timestamp": "９"},
        {"X-Slack-Request-Timestamp": "1" * 400},
        {"X-Slack-Request-Timestamp": "1" * 5000},
        {"X-Slack-Request-Timestamp": "NaN"},
        {"X-Slack-Request-Timestamp": "1769860800.5"},
    ],
)
async def test_a_wrong_signature_or_time_is_refused(route: Route, headers: dict[str, str]) -> None:
    body = command()
    assert await route.post(body, {**route.h.slack.sign(body), **headers}) == REFUSED


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
async def test_a_missing_header_is_refused(route: Route, missing: str) -> None:
    body = command()
    headers = route.h.slack.sign(body)
    del headers[missing]
    assert await route.post(body, headers) == REFUSED
    assert await route.post(body, {}) == REFUSED


async def test_a_changed_body_or_another_secret_is_refused(route: Route) -> None:
    click = urlencode({"payload": json.dumps(route.click())}).encode()
    assert await route.post(click + b" ", route.h.slack.sign(click)) == REFUSED
    assert await route.post(click, sign("another secret", click)) == REFUSED
    assert await route.post(click, sign("", click)) == REFUSED


@pytest.mark.parametrize("body", [b"\xff\xfe", b"payload={", b"{", b"", TYPED.encode()])
async def test_a_body_without_a_signature_is_not_looked_at(route: Route, body: bytes) -> None:
    for content_type in (FORM, JSON):
        assert await route.post(body, {"Content-Type": content_type}) == REFUSED


async def test_a_body_that_is_too_large_is_refused(route: Route) -> None:
    body = command("x" * 2_000_000)
    status, sentence = await route.signed(body)
    assert status == 413
    assert len(sentence) < 100


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_are_refused(route: Route, method: str) -> None:
    async with route.h.http.request(method, f"{route.h.bot_url}/slack/events") as response:
        assert response.status == 405


async def test_while_signing_secrets_are_replaced_either_will_do(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with Sandbox.start() as slack:
        secrets = f"the next secret,{slack.config.signing_secret}"
        async with house(
            temporal_client,
            task_queue,
            tmp_path,
            slack=slack,
            worker=False,
            SLACK_SIGNING_SECRET=secrets,
        ) as h:
            other = Route(h, tmp_path / "expenses.db", "")
            assert (await other.signed(command()))[0] == 200
            body = command()
            headers = {"Content-Type": FORM, **sign("the next secret", body)}
            assert (await other.post(body, headers))[0] == 200


# Signed, and still not what Slack sends


@pytest.mark.parametrize(
    "body",
    [
        b"payload=",
        b"payload=%7B",
        b"payload=%7Bx%7D",
        b"payload=%ff%fe",
        b"payload=NaN",
        b"payload=[]&payload=[]",
        b"payload=" + b"%5B" * 100_000,
        b"text=%ff&command=/expense",
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(route: Route, body: bytes) -> None:
    assert await route.signed(body) == (400, "The body is not what Slack sends.")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"1", b'"text"', b"\xff\xfe", b'{"type": }', b"NaN"),
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"a": "\xff"}'),
    ],
)
async def test_json_that_cannot_be_read_is_refused(route: Route, body: bytes) -> None:
    status, _ = await route.signed(body, JSON)
    assert status in (400, 401)  # what is not UTF-8 cannot be signed as Slack's library has it


WRONG = (None, [], {}, 5, True, "text", [[]], [None], {"id": []}, {"id": None}, {"id": {"id": 1}})


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("field", ["user", "actions", "team", "type", "message", "channel"])
async def test_a_click_of_another_shape_does_nothing(
    route: Route, field: str, wrong: object
) -> None:
    # The decision itself is left out: this is about the shape.
    click = route.click(actions=[{**route.click()["actions"][0], "value": "no such expense"}])
    await expect_no_500(route, click | {field: wrong})
    del click[field]
    await expect_no_500(route, click)


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("field", ["user", "view", "team", "type", "response_urls"])
async def test_a_submission_of_another_shape_does_nothing(
    route: Route, field: str, wrong: object
) -> None:
    submission = route.submission()
    submission["view"]["private_metadata"] = "no such expense"
    await expect_no_500(route, submission | {field: wrong})
    submission.pop(field, None)
    await expect_no_500(route, submission)


@pytest.mark.parametrize("callback_id", ["expense_modal", "reject_modal"])
@pytest.mark.parametrize("wrong", WRONG, ids=repr)
async def test_a_form_of_another_shape_does_nothing(
    route: Route, callback_id: str, wrong: object
) -> None:
    for view in (
        {"state": wrong},
        {"state": {"values": wrong}},
        {"state": {"values": {"reason": wrong, "amount": wrong, "spent_on": wrong}}},
        {"state": {"values": {"reason": {"value": wrong}, "currency": {"value": wrong}}}},
        {"state": {"values": {"currency": {"value": {"selected_option": wrong}}}}},
    ):
        await expect_no_500(route, route.submission(view={"callback_id": callback_id, **view}))


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("field", ["value", "action_id", "block_id", "type"])
async def test_a_button_of_another_shape_does_nothing(
    route: Route, field: str, wrong: object
) -> None:
    action = route.click()["actions"][0]
    if field in ("block_id", "type"):
        action["value"] = "no such expense"
    await expect_no_500(route, route.click(actions=[action | {field: wrong}]))
    del action[field]
    await expect_no_500(route, route.click(actions=[action]))


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
async def test_an_event_of_another_shape_does_nothing(route: Route, wrong: object) -> None:
    event = {"type": "app_home_opened", "tab": "home", "user": ADA.id, "channel": "D1"}
    for payload in (
        {"type": "event_callback", "team_id": TEAM, "event": wrong},
        {"type": "event_callback", "team_id": wrong, "event": {**event, "tab": "messages"}},
        {"type": "event_callback", "team_id": TEAM, "event": {**event, "tab": wrong}},
        {"type": "event_callback", "team_id": TEAM, "event": {**event, "type": wrong}},
        {"type": wrong, "team_id": TEAM, "event": event},
        {"type": "url_verification", "challenge": wrong},
    ):
        body = json.dumps(payload).encode()
        assert (await route.signed(body, JSON))[0] < 500


@pytest.mark.parametrize(
    "odd",
    ["", " ", "\x00", "\ud800", "x" * 100_000, "💸", "'; DROP TABLE expenses; --", "<!channel>"],
)
async def test_a_button_with_an_odd_value_does_nothing(route: Route, odd: str) -> None:
    action = route.click()["actions"][0] | {"value": odd}
    await expect_no_500(route, route.click(actions=[action]))
    await expect_no_500(route, route.submission(view={"private_metadata": odd}))


@pytest.mark.parametrize(
    "person",
    ["", "U0NOBODY", "U0" * 5000, "\ud800", "\x00", "<!channel>", WorkspaceConfig().bot_user_id],
)
async def test_somebody_nobody_knows_decides_nothing(route: Route, person: str) -> None:
    await expect_no_500(route, route.click(user={"id": person}))
    await expect_no_500(route, route.submission(user={"id": person}))


async def expect_no_500(route: Route, payload: Any) -> None:
    status, text = await route.payload(payload)
    assert status < 500
    assert "Traceback" not in text


# Signed, and not for us


async def test_a_click_from_another_workspace_decides_nothing(route: Route) -> None:
    there = {"id": "T0ELSEWHERE", "domain": "elsewhere"}
    await expect_no_500(
        route, route.click(team=there, user={"id": MINA.id, "team_id": there["id"]})
    )
    await expect_no_500(route, route.submission(team=there))
    assert "/expense submit" not in (await route.signed(command(team_id="T0ELSEWHERE")))[1]


ELSEWHERE = {"id": "T0ELSEWHERE", "domain": "elsewhere"}
SENTENCE = "This app serves another workspace, so nothing was changed."


async def test_people_of_another_workspace_read_a_sentence(route: Route) -> None:
    status, text = await route.signed(command(team_id=ELSEWHERE["id"]))
    assert (status, json.loads(text)) == (200, {"response_type": "ephemeral", "text": SENTENCE})
    status, text = await route.payload(route.submission(team=ELSEWHERE))
    assert status == 200
    assert json.loads(text)["response_action"] == "update"
    assert SENTENCE in text


async def test_a_sentence_for_another_workspace_takes_the_place_of_no_message(route: Route) -> None:
    slack = route.h.slack
    [message] = slack.messages(APPROVALS)
    url = slack.urls.issue("actions", MINA.id, APPROVALS.id, message["ts"])
    status, _ = await route.payload(route.click(team=ELSEWHERE, response_url=url))
    assert status == 200
    assert slack.messages(APPROVALS) == [message]
    assert [m["text"] for m in slack.ephemeral(MINA, APPROVALS)][-1] == SENTENCE


@pytest.mark.parametrize("payload", [{}, {"team": ELSEWHERE}, {"actions": "none"}, {"user": None}])
async def test_nothing_is_sent_to_an_address_that_is_not_slack_s(
    route: Route, payload: dict[str, Any]
) -> None:
    called: list[str] = []

    async def note(request: web.Request) -> web.Response:
        called.append(request.path)
        return web.Response(text="ok")

    other = web.Application()
    other.router.add_post("/{anywhere}", note)
    async with serving(other, "127.0.0.1", 0, shutdown_timeout=1) as (host, port):
        url = f"http://{host}:{port}/hook"
        status, _ = await route.payload(route.click(response_url=url, **payload))
        assert 400 <= status < 500
        assert called == []


async def event(route: Route, kind: str, **given: Any) -> tuple[int, str]:
    payload = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP}
    payload |= {"event": {"type": kind, **given.pop("event", {})}, **given}
    return await route.signed(json.dumps(payload).encode(), JSON)


@pytest.mark.parametrize("kind", ["message", "team_join", "something_new"])
async def test_events_that_nobody_listens_to_are_acknowledged_in_silence(
    route: Route, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await event(route, kind) == (200, "")
    assert await event(route, kind, team_id=ELSEWHERE["id"]) == (200, "")
    assert [line for line in caplog.records if line.levelname != "DEBUG"] == []


async def test_that_events_are_held_back_is_noted(
    route: Route, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps({"type": "app_rate_limited", "team_id": TEAM, "api_app_id": APP}).encode()
    assert await route.signed(body, JSON) == (200, "")
    assert "holds back events" in caplog.text


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("app_uninstalled", {}, "The Slack app was uninstalled from the workspace"),
        (
            "tokens_revoked",
            {"tokens": {"oauth": [], "bot": [WorkspaceConfig().bot_user_id]}},
            "SLACK_BOT_TOKEN was revoked",
        ),
        ("tokens_revoked", {"tokens": {"oauth": [MINA.id], "bot": []}}, ""),
        ("tokens_revoked", {"tokens": {"bot": ["U0ANOTHER"]}}, ""),
        ("tokens_revoked", {"tokens": None}, ""),
    ],
)
async def test_the_operator_is_told_that_the_app_is_gone(
    route: Route, caplog: pytest.LogCaptureFixture, kind: str, given: dict[str, Any], words: str
) -> None:
    assert await event(route, kind, event=given) == (200, "")
    told = [line.getMessage() for line in caplog.records if line.levelname == "ERROR"]
    assert [line[: len(words)] for line in told] == ([words] if words else [])


RECORDED = {
    path.stem: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "data/slack").glob("*.json")
    # Of a form that was closed we are not told, as none of ours asks for that.
    if not path.stem.startswith(("answer", "documented", "form_closed"))
}


@pytest.mark.parametrize("name", sorted(RECORDED))
async def test_what_slack_was_recorded_to_send_is_taken(route: Route, name: str) -> None:
    payload = dict(RECORDED[name])
    if "response_url" in payload:
        payload["response_url"] = route.h.slack.urls.issue("actions", MINA.id, APPROVALS.id)
    if "command" in payload:
        status, text = await route.signed(urlencode(payload).encode())
    elif "event" in payload or payload["type"] == "app_rate_limited":
        status, text = await route.signed(json.dumps(payload).encode(), JSON)
    else:
        status, text = await route.payload(payload)
    assert status == 200
    assert SENTENCE not in text


async def test_a_click_for_another_app_decides_nothing(route: Route) -> None:
    await expect_no_500(route, route.click(api_app_id="A0ANOTHER"))
    await expect_no_500(route, route.submission(api_app_id="A0ANOTHER"))
    assert "/expense submit" not in (await route.signed(command(api_app_id="A0ANOTHER")))[1]


async def test_what_nobody_listens_to_is_not_found(route: Route) -> None:
    action = route.click()["actions"][0] | {"action_id": "another_action"}
    assert (await route.payload(route.click(actions=[action])))[0] == 404
    view = {"callback_id": "another_modal"}
    assert (await route.payload(route.submission(view=view)))[0] == 404
    assert (await route.signed(command(command="/other")))[0] == 404
    assert (await route.payload({"type": "shortcut", "callback_id": "x", "team": {"id": TEAM}}))[
        0
    ] == 404
    assert (await route.payload(route.submission(type="view_closed")))[0] == 404


async def test_slack_s_own_questions_are_answered(route: Route) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "say this"}).encode()
    status, text = await route.signed(body, JSON)
    assert status == 200
    assert "say this" in text
    assert (await route.signed(b"ssl_check=1&token=x"))[0] == 200


async def test_a_word_of_bolt_s_own_loses_nobody_s_command(route: Route) -> None:
    status, text = await route.signed(command("status payload"))
    assert (status, text) == (200, "There is no expense with this id that you may see.")
