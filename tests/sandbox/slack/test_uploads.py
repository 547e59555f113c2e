"""Files that the app uploads, as strictly as Slack takes them."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, BRUNO, GENERAL
from tests.sandbox.conftest import PNG, client_of, refusal, without_scopes


async def begun(
    client: AsyncWebClient, http: aiohttp.ClientSession, content: bytes = PNG, **headers: str
) -> tuple[str, int, str]:
    """Bring a file, and return its id, HTTP's status and what was answered."""
    ticket = await client.files_getUploadURLExternal(filename="bill ü.png", length=len(PNG))
    async with http.post(ticket["upload_url"], data=content, headers=headers) as answer:
        return ticket["file_id"], answer.status, await answer.text()


async def test_a_file_is_shared_in_a_thread(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    root = await client.chat_postMessage(channel=APPROVALS.id, text="Lunch")
    file_id, status, said = await begun(client, http)
    assert (status, said) == (200, f"OK - {len(PNG)}")
    assert (await refusal(client.files_info(file=file_id)))["error"] == "file_not_found"
    done = await client.files_completeUploadExternal(
        files=[{"id": file_id, "title": "The bill"}],
        channel_id=APPROVALS.id,
        thread_ts=root["ts"],
        initial_comment="See:",
    )
    [file] = done["files"]
    assert (file["id"], file["title"], file["name"]) == (file_id, "The bill", "bill ü.png")
    assert (file["user"], file["channels"]) == (slack.config.bot_user_id, [APPROVALS.id])
    message = slack.workspace.messages(APPROVALS.id)[-1]
    assert (message["text"], message["thread_ts"]) == ("See:", root["ts"])
    assert message["files"] == [file]
    for person, status in ((ADA, 200), ("U0NOBODY001", 404)):
        named = person if isinstance(person, str) else person.id
        async with http.get(f"{file['permalink']}?as={named}") as answer:
            assert answer.status == status


async def test_a_file_in_direct_messages_is_that_person_s(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    place = (await client.chat_postMessage(channel=ADA.id, text="Here:"))["channel"]
    file_id, *_ = await begun(client, http)
    done = await client.files_completeUploadExternal(files=[{"id": file_id}], channel_id=place)
    for person, status in ((ADA, 200), (BRUNO, 404)):
        async with http.get(f"{done['files'][0]['permalink']}?as={person.id}") as answer:
            assert answer.status == status


async def test_an_upload_is_completed_once_and_only_with_its_bytes(
    client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    empty = await client.files_getUploadURLExternal(filename="a.csv", length=3)
    short, status, _ = await begun(client, http, PNG[:-1])
    assert status == 400
    token, status, _ = await begun(client, http, Authorization="Bearer x")
    assert status == 400
    file_id, *_ = await begun(client, http)
    await client.files_completeUploadExternal(files=[{"id": file_id}])
    for other in (empty["file_id"], short, token, file_id, "F0NOTHING"):
        files = [{"id": other}]
        answer = await refusal(client.files_completeUploadExternal(files=files))
        assert answer["error"] == "file_not_found"
    async with http.post(f"{client.base_url}/../upload/v1/guessed", data=b"x") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"filename": "", "length": "3"}, "invalid_arguments"),
        ({"filename": "a/b", "length": "3"}, "invalid_arguments"),
        ({"filename": "a", "length": "three"}, "invalid_arguments"),
        ({"filename": "a", "length": "0"}, "missing_argument"),
        ({"filename": "a", "length": "99999999999"}, "file_upload_size_restricted"),
        ({"filename": "a", "length": "3", "alt_txt": "x" * 1001}, "alt_txt_too_large"),
    ],
)
async def test_what_cannot_be_uploaded(
    client: AsyncWebClient, given: dict[str, Any], error: str
) -> None:
    answer = await refusal(client.api_call("files.getUploadURLExternal", params=given))
    assert answer["error"] == error


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel_id": ADA.id}, "invalid_arguments"),
        ({"channel_id": "C0NOTHING99"}, "channel_not_found"),
        ({"channel_id": GENERAL.id}, "not_in_channel"),
        ({"channel_id": APPROVALS.id, "thread_ts": "1.1"}, "thread_not_found"),
        ({"thread_ts": "1.1"}, "invalid_arguments"),
        ({"files": "[]"}, "invalid_arguments"),
        ({"files": json.dumps([{"id": "F1", "name": "x"}])}, "invalid_arguments"),
        ({"files": "F1"}, "invalid_arguments"),
    ],
)
async def test_where_nothing_can_be_shared(
    client: AsyncWebClient, http: aiohttp.ClientSession, given: dict[str, Any], error: str
) -> None:
    file_id, *_ = await begun(client, http)
    params = {"files": json.dumps([{"id": file_id}]), **given}
    answer = await refusal(client.api_call("files.completeUploadExternal", params=params))
    assert answer["error"] == error
    if given.get("channel_id") == ADA.id:
        [message] = answer["response_metadata"]["messages"]
        assert "input must match regex pattern: ^[CGDZ]" in message


async def test_it_takes_the_scope() -> None:
    async with Sandbox.start(without_scopes("files:write")) as slack:
        client = client_of(slack)
        for call in (
            client.files_getUploadURLExternal(filename="a", length=1),
            client.files_completeUploadExternal(files=[{"id": "F1"}]),
        ):
            answer = await refusal(call)
            assert (answer["error"], answer["needed"]) == ("missing_scope", "files:write")
