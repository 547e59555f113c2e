"""With a codec for the bot and the worker, Temporal stores nothing that others can read."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from temporalio.client import Client

from bot.delivery.temporal import connect_temporal
from bot.domain.errors import SettingsError
from docs.payload_codec import ENCODING
from expense_workflow import client as workers
from expense_workflow import settings as workers_settings
from expense_workflow.worker import running_worker
from tests.support.house import KEY, MINA, environment, house

CODEC = "docs.payload_codec:EncryptedPayloads"
APPROVE = "approve_expense"


def payloads(part: Any) -> list[Any]:
    """Every payload in a message of Temporal's, however deep."""
    if type(part).__name__ == "Payload":
        return [part]
    found: list[Any] = []
    for field, value in part.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            values = [value[key] for key in value]
        else:
            values = [*value] if field.is_repeated else [value]
        for one in values:
            if hasattr(one, "ListFields"):
                found += payloads(one)
    return found


async def test_the_history_of_a_paid_expense_holds_no_clear_text(
    temporal_client: Client, temporal_address: str, task_queue: str, tmp_path: Path
) -> None:
    key = {"PAYLOAD_KEYS": Fernet.generate_key().decode()}
    codec = {"EXPENSE_PAYLOAD_CODEC": CODEC}
    async with house(temporal_client, task_queue, tmp_path, worker=False, **key, **codec) as here:
        bot = {"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}
        with environment({"TEMPORAL_ADDRESS": temporal_address, **key, **bot}):
            worker = running_worker(await workers.connect(codec=CODEC), task_queue)
            async with worker:
                expense_id = await here.submit()
                await here.slack.click(MINA, here.message(expense_id), APPROVE)
                await here.until_status(expense_id, "COMPLETED")
                handle = here.workflow(expense_id)
                described = await handle.describe()
                while described.close_time is None:
                    described = await handle.describe()
    history = await handle.fetch_history()
    stored = [payload for event in history.events for payload in payloads(event)]
    assert len(stored) > 10
    assert {bytes(payload.metadata["encoding"]) for payload in stored} == {ENCODING}
    data = b"".join(payload.data for payload in stored)
    assert expense_id.encode() not in data
    assert b"APPROVED" not in data


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.at_all:Codec", r"nowhere.at_all:Codec cannot be loaded \(ModuleNotFoundError\)"),
        ("docs.payload_codec:Missing", r"cannot be loaded \(AttributeError\)"),
        ("docs.payload_codec:ENCODING", "is no temporalio.converter.PayloadCodec"),
        (CODEC, r"cannot be loaded \(KeyError\)"),  # PAYLOAD_KEYS is not set
    ],
)
async def test_a_codec_that_cannot_be_used_stops_the_start(name: str, words: str) -> None:
    with pytest.raises(SettingsError, match=f"^EXPENSE_PAYLOAD_CODEC is wrong: .*{words}"):
        await connect_temporal(name)
    with pytest.raises(
        workers_settings.SettingsError, match=f"^EXPENSE_PAYLOAD_CODEC is wrong: .*{words}"
    ):
        await workers.connect(codec=name)
