"""A fake bot, and a worker with the real activities that talks to it."""

import uuid
from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from expense_workflow.worker import running_worker
from tests.expense_workflow.fake_bot import FakeBot, running_fake_bot


@pytest.fixture
async def fake_bot(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeBot]:
    """A fake bot of this test's own, which the environment names as the bot."""
    async with running_fake_bot() as bot:
        monkeypatch.setenv("EXPENSE_SERVER_URL", f"{bot.url}/")
        monkeypatch.delenv("EXPENSE_API_KEY", raising=False)
        yield bot


@pytest.fixture
def expense_id() -> str:
    """An expense id of this test's own."""
    return f"e-{uuid.uuid4()}"


@pytest.fixture
async def worker_queue(
    fake_bot: FakeBot, temporal_client: Client, task_queue: str
) -> AsyncIterator[str]:
    """The task queue of a worker with the real activities, which call the fake bot."""
    async with running_worker(temporal_client, task_queue):
        yield task_queue
