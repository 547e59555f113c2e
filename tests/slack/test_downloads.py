"""What is in a file in Slack is downloaded whole, from Slack only, or the error says why not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from bot.domain.errors import TryAgain
from bot.domain.receipts import Flaw
from bot.slack.downloads import Flawed, _is_of_slack, download
from bot.slack.errors import RateLimited, SlackAway, SlackRefusal
from bot.slack.web_client import LimitedClient, make_session, make_slack_client
from bot.web.server import serving
from sandbox import Sandbox
from sandbox.slack.config import ADA

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 400
PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head></html>"
MOST = len(PDF) + 1


@pytest.fixture(scope="module")
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def client(slack: Sandbox) -> AsyncIterator[LimitedClient]:
    slack.faults.clear()
    async with make_session() as session:
        yield make_slack_client(slack.config.bot_token, slack.api_url, session)


def receipt(slack: Sandbox, content: bytes = PDF, **changes: Any) -> str:
    """Keep a file that the app was given in a form; return its id."""
    files = slack.workspace.files
    id = f"F0FILE{len(files._files):05}"
    files.keep(ADA.id, "taxi.pdf", content, id=id)
    files._files[id] |= changes
    files.give_to_the_app(id)
    return id


async def test_it_comes_as_it_is(slack: Sandbox, client: LimitedClient) -> None:
    assert await download(client, receipt(slack), MOST) == PDF
    page = PAGE.encode()  # which somebody uploaded: what is made of it is not decided here
    assert await download(client, receipt(slack, page), MOST) == page


@pytest.mark.parametrize(
    ("fault", "said", "kind"),
    [
        # What Slack answers to a token without files:read, unless it sends it to its login page.
        ({"status": 200, "body": PAGE}, "a page in the place of a file.*files:read", SlackAway),
        ({"status": 302}, "HTTP 302 in the place of a file.*files:read", SlackAway),
        ({"status": 404}, "HTTP 404 in the place of a file", SlackAway),
        ({"status": 200, "body": "%PDF-"}, f"5 of {len(PDF)} bytes", SlackAway),
        ({"status": 503}, "HTTP 503", SlackAway),
        ({"status": 429, "seconds": 7}, "patience", RateLimited),
    ],
)
async def test_what_is_not_the_file_is_not_taken_for_it(
    slack: Sandbox, client: LimitedClient, fault: dict[str, Any], said: str, kind: type[TryAgain]
) -> None:
    slack.faults.add("url_private", "error", times=1, **fault)
    file = receipt(slack)
    with pytest.raises(TryAgain, match=said) as caught:
        await download(client, file, MOST)
    assert type(caught.value) is kind
    assert caught.value.after >= fault.get("seconds", 0)
    assert await download(client, file, MOST) == PDF


async def test_a_token_that_may_not_read_files_is_named(
    slack: Sandbox, client: LimitedClient
) -> None:
    slack.faults.add("files.info", "error", error="missing_scope", times=1)
    with pytest.raises(SlackRefusal, match="missing_scope"):
        await download(client, receipt(slack), MOST)
    stranger = make_slack_client("xoxb-another", slack.api_url, client.session)
    with pytest.raises(SlackRefusal, match="invalid_auth"):
        await download(stranger, receipt(slack), MOST)


@pytest.mark.parametrize(
    ("content", "changes", "flaw"),
    [
        (b"", {}, Flaw.EMPTY),
        (PDF + b"xx", {}, Flaw.TOO_LARGE),
        (PDF + b"xx", {"size": 7}, Flaw.TOO_LARGE),  # what Slack says of it need not be so
        (PDF, {"mode": "tombstone"}, Flaw.DELETED),
    ],
)
async def test_a_flaw_is_named(
    slack: Sandbox, client: LimitedClient, content: bytes, changes: dict[str, Any], flaw: Flaw
) -> None:
    with pytest.raises(Flawed) as caught:
        await download(client, receipt(slack, content, **changes), MOST)
    assert caught.value.flaw is flaw


async def test_a_deleted_file_is_named(slack: Sandbox, client: LimitedClient) -> None:
    file = receipt(slack)
    slack.workspace.files.delete(file)
    for id in (file, "F0NEVER"):
        with pytest.raises(Flawed) as caught:
            await download(client, id, MOST)
        assert caught.value.flaw is Flaw.DELETED


async def test_the_token_goes_to_nobody_but_slack(slack: Sandbox, client: LimitedClient) -> None:
    asked: list[str] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Authorization", ""))
        return web.Response(body=PDF)

    app = web.Application()
    app.add_routes([web.get("/{any:.*}", take)])
    async with serving(app, "127.0.0.1", 0, shutdown_timeout=1) as (host, port):
        elsewhere = f"http://{host}:{port}/taxi.pdf"
        for changes in ({"external_url": elsewhere}, {"external_url": "", "is_external": True}):
            with pytest.raises(Flawed):
                await download(client, receipt(slack, **changes), MOST)
        # Slack itself may send the bot away, too.
        slack.faults.add("url_private", "error", status=302, location=elsewhere, times=1)
        with pytest.raises(SlackAway):
            await download(client, receipt(slack), MOST)
    assert asked == []


@pytest.mark.parametrize(
    ("url", "is_slacks"),
    [
        ("https://files.slack.com/files-pri/T0-F0/download/a.pdf", True),
        ("https://files.slack-gov.com/files-pri/T0-F0/a.pdf", True),
        ("https://slack.com/api/files/a.pdf", True),
        ("http://files.slack.com/files-pri/T0-F0/a.pdf", False),
        ("https://files.slack.com:8443/a.pdf", False),
        ("https://files.slack.com.example.org/a.pdf", False),
        ("https://files.slack.com@example.org/a.pdf", False),
        ("https://drive.example.org/a.pdf", False),
        ("/files-pri/a.pdf", False),
        ("", False),
    ],
)
def test_only_slacks_own_hosts_are_slack(url: str, is_slacks: bool) -> None:
    assert _is_of_slack(URL(url), URL("https://slack.com/api/")) is is_slacks
