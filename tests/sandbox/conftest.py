"""A workspace, a client of its Web API, and a small Bolt app on the other side."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Manifest, Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA
from tests.support.browser import browser as browser
from tests.support.browser import open_page as open_page

# One red dot.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Lunch"}}
BUTTONS = {
    "type": "actions",
    "block_id": "decision",
    "elements": [
        {
            "type": "button",
            "action_id": "approve",
            "text": {"type": "plain_text", "text": "Approve"},
            "style": "primary",
            "value": "E-1",
        },
        {
            "type": "button",
            "action_id": "reject",
            "text": {"type": "plain_text", "text": "Reject"},
            "value": "E-1",
        },
    ],
}


def modal(**changes: Any) -> dict[str, Any]:
    """A form with one required and one optional field."""
    return {
        "type": "modal",
        "callback_id": "expense_modal",
        "title": {"type": "plain_text", "text": "Expense"},
        "submit": {"type": "plain_text", "text": "Submit"},
        "blocks": [
            {
                "type": "input",
                "block_id": "what",
                "label": {"type": "plain_text", "text": "What for"},
                "element": {"type": "plain_text_input", "action_id": "what_input"},
            },
            {
                "type": "input",
                "block_id": "note",
                "optional": True,
                "label": {"type": "plain_text", "text": "Note"},
                "element": {"type": "plain_text_input", "action_id": "note_input"},
            },
        ],
        **changes,
    }


def home(text: str = "Welcome") -> dict[str, Any]:
    return {
        "type": "home",
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": text}}],
    }


def with_scopes(*scopes: str, **changes: Any) -> WorkspaceConfig:
    """The demo's workspace, its app having more scopes than the manifest asks for."""
    manifest = Manifest.load()
    manifest = replace(manifest, scopes=manifest.scopes | set(scopes))
    return replace(WorkspaceConfig(manifest=manifest), **changes)


def without_scopes(*scopes: str) -> WorkspaceConfig:
    """The demo's workspace, its app having fewer scopes than the manifest asks for."""
    manifest = Manifest.load()
    return WorkspaceConfig(manifest=replace(manifest, scopes=manifest.scopes - set(scopes)))


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(slack: Sandbox) -> AsyncWebClient:
    return client_of(slack)


def client_of(slack: Sandbox, token: str | None = None) -> AsyncWebClient:
    # Without retries, so that a test sees each answer.
    return AsyncWebClient(
        token or slack.config.bot_token, base_url=slack.api_url, retry_handlers=[]
    )


async def refusal(call: Any) -> dict[str, Any]:
    """Expect a Web API call to be refused, and give back Slack's answer."""
    with pytest.raises(SlackApiError) as caught:
        await call
    data = caught.value.response.data
    assert isinstance(data, dict)
    return data


def bolt_for(slack: Sandbox) -> AsyncApp:
    return AsyncApp(
        signing_secret=slack.config.signing_secret,
        client=client_of(slack),
        process_before_response=True,
    )


@asynccontextmanager
async def served(slack: Sandbox, app: AsyncApp) -> AsyncIterator[AsyncApp]:
    """Serve a Bolt app over HTTP, and tell the workspace where it is."""
    routes = web.Application()
    routes.router.add_post("/slack/events", app.server(path="/slack/events").handle_post_requests)
    async with listening(slack, routes):
        yield app


@asynccontextmanager
async def listening(slack: Sandbox, routes: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(routes, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.app_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield slack.app_url
    finally:
        await runner.cleanup()


def answering(slack: Sandbox, handler: Any) -> AbstractAsyncContextManager[str]:
    """Serve one aiohttp handler as the whole app."""
    routes = web.Application()
    routes.router.add_post("/slack/events", handler)
    return listening(slack, routes)


class RecordingApp:
    """An app that keeps what it gets, and answers what a test tells it to."""

    def __init__(self, slack: Sandbox) -> None:
        self.slack = slack
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answer: dict[str, Any] | str | None = None
        self.seconds = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.received.append((dict(request.headers), body))
        if b"url_verification" in body:
            return web.json_response({"challenge": json.loads(body)["challenge"]})
        await asyncio.sleep(self.seconds)
        if isinstance(self.answer, dict):
            return web.json_response(self.answer, status=self.status)
        return web.Response(text=self.answer, status=self.status, headers=self.headers)

    def payload(self, index: int = -1) -> dict[str, Any]:
        """Read an interaction's payload."""
        form = dict(parse_qsl(self.received[index][1].decode(), strict_parsing=True))
        payload: dict[str, Any] = json.loads(form["payload"])
        return payload

    def form(self, index: int = -1) -> dict[str, str]:
        """Read a slash command's form."""
        body = self.received[index][1].decode()
        return dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))


@pytest.fixture
async def app(slack: Sandbox) -> AsyncIterator[RecordingApp]:
    async with recording(slack) as recorder:
        yield recorder


@asynccontextmanager
async def recording(slack: Sandbox) -> AsyncIterator[RecordingApp]:
    recorder = RecordingApp(slack)
    async with answering(slack, recorder.handle):
        yield recorder


async def opened(slack: Sandbox, client: AsyncWebClient, view: dict[str, Any]) -> dict[str, Any]:
    """Open a form for Ada, as if she had just done something."""
    await client.views_open(trigger_id=slack.views.trigger(ADA.id), view=view)
    shown = slack.open_view(ADA)
    assert shown
    return shown
