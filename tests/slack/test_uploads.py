"""A file that the bot uploads is shared once, or the error says whether it may be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack.errors import SlackAway, SlackRefusal, SlackUnsure
from bot.slack.uploads import upload
from bot.slack.web_client import LimitedClient, make_session, make_slack_client
from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def client(slack: Sandbox) -> AsyncIterator[LimitedClient]:
    async with make_session() as session:
        yield make_slack_client(slack.config.bot_token, slack.api_url, session)


@pytest.mark.parametrize("is_file", [False, True])
async def test_a_file_is_uploaded_from_memory_and_from_the_disk(
    slack: Sandbox, client: LimitedClient, tmp_path: Path, is_file: bool
) -> None:
    (tmp_path / "kept").write_bytes(b"a,b\r\n")
    content = tmp_path / "kept" if is_file else b"a,b\r\n"
    place = (await client.chat_postMessage(channel=ADA.id, text="Your export:"))["channel"]
    file_id = await upload(client, content, "export.csv", channel=place, comment="All of May")
    message = slack.workspace.messages(place)[-1]
    assert (message["text"], message["files"][0]["id"]) == ("All of May", file_id)
    found = slack.workspace.files.content(file_id)
    assert found
    assert (found[0]["name"], found[1]) == ("export.csv", b"a,b\r\n")


@pytest.mark.parametrize(
    ("method", "fault", "kind"),
    [
        ("files.getUploadURLExternal", "lost", SlackUnsure),
        ("upload", "lost", SlackAway),
        ("upload", "error", SlackAway),
        ("files.completeUploadExternal", "ratelimited", SlackAway),
        ("files.completeUploadExternal", "lost", SlackUnsure),
    ],
)
async def test_it_says_whether_the_file_may_be_shared(
    slack: Sandbox, client: LimitedClient, method: str, fault: str, kind: type[SlackAway]
) -> None:
    slack.faults.add(method, fault, times=1)  # type: ignore[arg-type]
    with pytest.raises(SlackAway) as caught:
        await upload(client, b"x", "a.csv", channel=APPROVALS.id)
    is_unsure = kind is SlackUnsure and method == "files.completeUploadExternal"
    assert isinstance(caught.value, SlackUnsure) == is_unsure
    assert len(slack.workspace.messages(APPROVALS.id)) == is_unsure


async def test_a_workspace_that_takes_no_files_is_named(
    slack: Sandbox, client: LimitedClient
) -> None:
    slack.faults.add("files.getUploadURLExternal", "error", error="file_uploads_disabled")
    with pytest.raises(SlackRefusal, match=r"file_uploads_disabled .*ask its administrators"):
        await upload(client, b"x", "a.csv", channel=APPROVALS.id)
