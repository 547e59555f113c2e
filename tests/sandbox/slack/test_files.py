"""Files picked in forms, given to the app, and shown as pictures."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import ClientRefusal, Sandbox
from sandbox.slack.config import ADA, APPROVALS, BRUNO
from sandbox.slack.files import MAX_BYTES
from tests.sandbox.conftest import (
    PNG,
    RecordingApp,
    client_of,
    home,
    modal,
    opened,
    recording,
    refusal,
    with_scopes,
    without_scopes,
)


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start(with_scopes("files:read")) as sandbox:
        yield sandbox


@pytest.fixture
async def app(slack: Sandbox) -> AsyncIterator[RecordingApp]:
    async with recording(slack) as recorder:
        yield recorder


async def test_a_deleted_file_is_gone_and_a_remote_one_is_elsewhere(slack: Sandbox) -> None:
    files = slack.workspace.files
    mine, remote = (slack.upload(ADA, name, PNG)["id"] for name in ("a.png", "b.png"))
    files.give_to_the_app(mine, remote)
    files._files[remote]["external_url"] = "https://drive.example.org/b.png"
    client = client_of(slack)
    described = (await client.files_info(file=remote))["file"]
    assert described["url_private_download"] == "https://drive.example.org/b.png"
    files.delete(mine)
    assert (await refusal(client.files_info(file=mine)))["error"] == "file_deleted"
    assert (await refusal(client.files_info(file="F0NEVER")))["error"] == "file_not_found"


@pytest.mark.parametrize(
    ("fault", "status"), [({"kind": "ratelimited"}, 429), ({"kind": "error", "status": 503}, 503)]
)
async def test_a_download_meets_the_faults_that_were_asked_for(
    slack: Sandbox, fault: dict[str, Any], status: int
) -> None:
    file = slack.upload(ADA, "a.png", PNG)
    slack.workspace.files.give_to_the_app(file["id"])
    slack.faults.add("url_private", times=1, **fault)
    key = {"Authorization": f"Bearer {slack.config.bot_token}"}
    async with aiohttp.ClientSession(headers=key) as http:
        statuses = [(await http.get(file["url_private_download"])).status for _ in range(2)]
    assert statuses == [status, 200]


def form(*, optional: bool = True, **element: Any) -> dict[str, Any]:
    receipt = {
        "type": "input",
        "block_id": "receipts",
        "optional": optional,
        "label": {"type": "plain_text", "text": "Receipts"},
        "element": {"type": "file_input", "action_id": "files", **element},
    }
    return modal(blocks=[receipt])


async def upload(
    http: aiohttp.ClientSession, slack: Sandbox, name: str, content: bytes, **query: str
) -> Any:
    view = slack.open_view(ADA)
    where = {
        "user": ADA.id,
        "view_id": view["id"] if view else "",
        "block_id": "receipts",
        "action_id": "files",
        "name": name,
    } | query
    url = f"{slack.base_url}/client/files"
    async with http.post(url, params=where, data=io.BytesIO(content)) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_a_form_is_sent_with_its_files(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    view = await opened(slack, client, form())
    file = (await upload(http, slack, "Quittung ü.PNG", PNG))["file"]
    assert (await slack.submit(ADA, view, {"files": [file["id"]]})).ok
    state = app.payload()["view"]["state"]["values"]["receipts"]["files"]
    assert state == {"type": "file_input", "files": [file]}
    assert file["id"].startswith("F0")
    assert file["created"] == file["timestamp"]
    expected = {
        "name": "Quittung ü.PNG",
        "title": "Quittung ü.PNG",
        "mimetype": "image/png",
        "filetype": "png",
        "pretty_type": "PNG",
        "user": ADA.id,
        "user_team": slack.config.team_id,
        "size": len(PNG),
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
    }
    assert {key: file[key] for key in expected} == expected
    private = f"{slack.base_url}/files-pri/{slack.config.team_id}-{file['id']}"
    assert file["url_private"] == f"{private}/Quittung%20%C3%BC.PNG"
    assert file["url_private_download"] == f"{private}/download/Quittung%20%C3%BC.PNG"
    assert file["permalink"].startswith(f"{slack.base_url}/files/{ADA.id}/{file['id']}/")
    info = await client.files_info(file=file["id"])
    assert info["file"] == file
    assert (await refusal(client.files_info(file="F0NOTHING")))["error"] == "file_not_found"


async def test_a_form_without_files(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(slack, client, form(optional=False))
    assert (await slack.submit(ADA, view)).error == "not_sent"
    assert slack.view_errors(ADA) == {"receipts": "Please complete this required field."}
    view = await opened(slack, client, form())
    assert (await slack.submit(ADA, view)).ok
    state = app.payload()["view"]["state"]["values"]["receipts"]["files"]
    assert state == {"type": "file_input", "files": []}


async def test_files_that_a_form_does_not_take(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    view = await opened(slack, client, form(filetypes=["jpg", "pdf"], max_files=1))
    for name, content, words in [
        ("a.png", b"x", "only jpg, pdf"),
        ("pdf", b"x", "only jpg, pdf"),
        ("a.pdf", b"", "is empty"),
        ("a.pdf", b"x" * (MAX_BYTES + 1), "larger than 10 MB"),
        ("a\n.pdf", b"x", "no name"),
        ("x" * 300 + ".pdf", b"x", "no name"),
    ]:
        answer = await upload(http, slack, name, content)
        assert answer["ok"] is False
        assert words in answer["error"]
    most = (await upload(http, slack, "a.pdf", b"x" * MAX_BYTES))["file"]
    photo = (await upload(http, slack, "../a.JPEG", b"x"))["file"]
    assert (photo["name"], photo["filetype"]) == ("a.JPEG", "jpg")
    other = slack.upload(BRUNO, "b.pdf", b"x")
    wrong = slack.upload(ADA, "b.txt", b"x")
    for files, words in [
        ([most, photo], "at most 1 file"),
        ([other], "must be uploaded"),
        (["F0NOTHING"], "must be uploaded"),
        ([{"name": "a.pdf"}], "must be uploaded"),
        ([5], "must be uploaded"),
        ([wrong], "only jpg, pdf"),
        ("x", "takes a list"),
    ]:
        with pytest.raises(ClientRefusal, match=words):
            await slack.submit(ADA, view, {"files": files})
    assert app.received == []


async def test_the_same_file_twice(slack: Sandbox, client: AsyncWebClient) -> None:
    view = await opened(slack, client, form())
    file = slack.upload(ADA, "a.pdf", b"x")
    with pytest.raises(ClientRefusal, match="twice"):
        await slack.submit(ADA, view, {"files": [file, file]})


async def test_uploads_that_belong_nowhere(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    assert "not open" in (await upload(http, slack, "a.pdf", b"x"))["error"]
    await opened(slack, client, form())
    for query in ({"view_id": "V0"}, {"block_id": "x"}, {"action_id": "x"}, {"user": "U0NOBODY"}):
        assert (await upload(http, slack, "a.pdf", b"x", **query))["ok"] is False


async def test_a_modal_that_takes_files_needs_the_scope() -> None:
    async with Sandbox.start(without_scopes("files:read")) as slack:
        client = client_of(slack)
        call = client.views_open(trigger_id=slack.views.trigger(ADA.id), view=form())
        answer = await refusal(call)
        assert answer["error"] == "invalid_arguments"
        [message] = answer["response_metadata"]["messages"]
        assert "files:read [json-pointer:/view/blocks/0/element]" in message
        assert (await refusal(client.files_info(file="F0")))["error"] == "missing_scope"


async def test_who_may_have_a_file(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    file = slack.give(ADA, "Quittung ü & 50%?.png", PNG)
    token = {"Authorization": f"Bearer {slack.config.bot_token}"}
    browser = {"Sec-Fetch-Mode": "navigate"}
    for url in ("url_private", "url_private_download"):
        for headers in (token, browser):
            async with http.get(file[url], headers=headers) as answer:
                assert await answer.read() == PNG
                assert answer.content_type == "image/png"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                how = "attachment" if "download" in url else "inline"
                assert answer.headers["Content-Disposition"].startswith(how)
        for headers in ({}, {"Authorization": "Bearer xoxb-wrong"}, {"Authorization": "é"}):
            async with http.get(file[url], headers=headers) as answer:
                # As in Slack, a login page instead of a refusal.
                assert answer.status == 200
                assert answer.content_type == "text/html"
    permalink = f"{file['permalink']}?as={ADA.id}"
    for url in (permalink, f"{slack.base_url}/client/files/{file['id']}"):
        async with http.get(url) as answer:
            assert await answer.read() == PNG
        async with http.get(url, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
    # Others see its picture in a message of the app, but not the file.
    nobody_s = f"{slack.base_url}/client/files/F0NOTHING"
    for url in (file["permalink"], f"{file['permalink']}?as={BRUNO.id}", nobody_s):
        async with http.get(url) as answer:
            assert answer.status == 404


async def test_a_file_cannot_act_as_the_page(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    file = slack.upload(ADA, "evil.html", b"<script>alert(1)</script>")
    async with http.get(f"{file['permalink']}?as={ADA.id}") as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")


async def test_a_file_is_processed_a_moment_after_it_was_uploaded(tmp_path: Path) -> None:
    async with Sandbox.start(with_scopes("files:read", file_seconds=0.3)) as slack:
        client = client_of(slack)
        file = slack.give(ADA, "r.png", PNG)
        assert (file["mimetype"], file["filetype"]) == ("", "")
        assert "thumb_360" not in file
        blocks = pictures({"id": file["id"]})
        call = client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
        assert (await refusal(call))["error"] == "invalid_blocks"
        while not (info := (await client.files_info(file=file["id"]))["file"])["mimetype"]:
            await asyncio.sleep(0.05)
        assert (info["mimetype"], info["filetype"]) == ("image/png", "png")
        assert info["thumb_360"]
        assert (await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks))["ok"]


async def test_files_survive_a_restart(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    state = tmp_path / "state.db"
    async with Sandbox.start(state_file=state) as slack:
        file = slack.upload(ADA, "r.png", PNG)
    async with (
        Sandbox.start(state_file=state) as slack,
        http.get(f"{slack.base_url}/client/files/{file['id']}") as answer,
    ):
        assert await answer.read() == PNG


def pictures(reference: dict[str, str]) -> list[dict[str, Any]]:
    image = {"type": "image", "slack_file": reference, "alt_text": "The receipt"}
    text = {"type": "mrkdwn", "text": "x"}
    return [
        image,
        {"type": "context", "elements": [text, image]},
        {"type": "section", "text": text, "accessory": image},
    ]


async def test_pictures_of_files(slack: Sandbox, client: AsyncWebClient) -> None:
    file = slack.give(ADA, "r.png", PNG)
    references = [{"id": file["id"]}, {"url": file["url_private"]}, {"url": file["permalink"]}]
    for reference in references:
        blocks = pictures(reference)
        await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
        await client.views_publish(user_id=ADA.id, view={**home(), "blocks": blocks})
        await opened(slack, client, modal(blocks=blocks))
        await slack.close_view(ADA)
    document = slack.give(ADA, "r.pdf", b"x")
    for reference in ({"id": "F0NOTHING"}, {"url": "https://x.example/"}, {"id": document["id"]}):
        for index, place in enumerate(("", "/elements/1", "/accessory")):
            blocks = pictures(reference)
            call = client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
            answer = await refusal(call)
            assert answer["error"] == "invalid_blocks"
            pointer = f"[json-pointer:/blocks/{index}{place}/slack_file]"
            messages = answer["response_metadata"]["messages"]
            assert messages[index] == f"[ERROR] invalid slack file {pointer}"
            answer = await refusal(
                client.views_publish(user_id=ADA.id, view={**home(), "blocks": blocks})
            )
            assert answer["error"] == "invalid_arguments"
            assert "/view/blocks/0/slack_file" in answer["response_metadata"]["messages"][0]


async def test_the_app_sees_no_file_that_nobody_gave_it(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    file = slack.upload(ADA, "r.png", PNG)
    assert (await refusal(client.files_info(file=file["id"])))["error"] == "file_not_found"
    token = {"Authorization": f"Bearer {slack.config.bot_token}"}
    async with http.get(file["url_private"], headers=token) as answer:
        assert answer.content_type == "text/html"
    call = client.chat_postMessage(
        channel=APPROVALS.id, text="x", blocks=pictures({"id": file["id"]})
    )
    assert (await refusal(call))["error"] == "invalid_blocks"


async def test_pictures_of_files_need_the_scope() -> None:
    async with Sandbox.start(without_scopes("files:read")) as slack:
        file = slack.give(ADA, "r.png", PNG)
        blocks = pictures({"id": file["id"]})
        call = client_of(slack).chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
        assert (await refusal(call))["error"] == "invalid_blocks"


async def test_a_submission_that_opens_a_picture_of_nothing(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(
        slack, client, modal(blocks=pictures({"id": slack.give(ADA, "r.gif", PNG)["id"]}))
    )
    app.answer = {
        "response_action": "update",
        "view": modal(blocks=pictures({"id": "F0NOTHING"})),
    }
    ack = await slack.submit(ADA, view)
    assert ack.error
    assert "invalid slack file" in ack.error
