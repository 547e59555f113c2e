"""What survives a restart."""

from pathlib import Path

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, APPROVALS
from sandbox.state_file import StateFile
from tests.sandbox.conftest import BUTTONS, client_of, home, modal, opened


def test_records_are_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.db"
    file = StateFile(path)
    file.put("message", "b", {"text": "two"})
    file.put("message", "a", {"text": "one"})
    file.put("message", "a", {"text": "uno"})
    file.put("home", "a", {})
    file.delete("home", "a")
    again = StateFile(path)
    assert list(again.load("message").items()) == [("a", {"text": "uno"}), ("b", {"text": "two"})]
    assert again.load("home") == {}
    again.close()
    file.close()


def test_without_a_file_nothing_is_kept() -> None:
    file = StateFile(None)
    file.put("message", "a", {})
    file.delete("message", "a")
    assert file.load("message") == {}
    file.close()


async def test_a_workspace_goes_on_where_it_stopped(tmp_path: Path) -> None:
    config, path = WorkspaceConfig(), tmp_path / "state.db"
    async with Sandbox.start(config, state_file=path) as slack:
        client = client_of(slack)
        first = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
        gone = await client.chat_postMessage(channel=APPROVALS.id, text="gone")
        await client.chat_delete(channel=APPROVALS.id, ts=gone["ts"])
        dm = await client.chat_postMessage(channel=ADA.id, text="dm")
        await client.views_publish(user_id=ADA.id, view=home("kept"))
        await client.chat_postEphemeral(channel=APPROVALS.id, user=ADA.id, text="psst")
        await opened(slack, client, modal())
        messages, seen = slack.messages(APPROVALS), slack.home(ADA)
    async with Sandbox.start(config, state_file=path) as slack:
        client = client_of(slack)
        assert slack.messages(APPROVALS) == messages
        assert slack.home(ADA) == seen
        assert [message["text"] for message in slack.direct_messages(ADA)] == ["dm"]
        assert slack.ephemeral(ADA) == []
        assert slack.open_view(ADA) is None
        await client.chat_update(channel=APPROVALS.id, ts=first["ts"], text="y")
        after = await client.chat_postMessage(channel=dm["channel"], text="more")
        assert after["ts"] > dm["ts"]
        assert len(slack.direct_messages(ADA)) == 2
