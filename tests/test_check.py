"""`python -m bot check`: everything that an expense needs, as a list with what to do."""

import asyncio
import sys
from pathlib import Path

import pytest
from temporalio.client import Client

from expense_workflow.worker import running_worker
from sandbox import Sandbox
from sandbox.programs import ROOT, environment
from sandbox.slack.config import APPROVALS, MANAGERS
from tests.support.databases import make_sqlite


async def check(slack: Sandbox, folder: Path, *arguments: str, **changed: str) -> tuple[int, str]:
    variables = {
        "DATABASE_URL": f"sqlite:///{folder}/expenses.db",
        "SLACK_BOT_TOKEN": slack.config.bot_token,
        "SLACK_SIGNING_SECRET": slack.config.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
        "EXPENSE_APPROVERS": MANAGERS.id,
        "EXPENSE_API_KEY": "key",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "check", *arguments),
        cwd=ROOT,
        env=environment(**(variables | changed)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.long
async def test_it_prints_what_is_wrong_and_what_to_do_and_fails(
    temporal_client: Client, temporal_address: str, task_queue: str, tmp_path: Path
) -> None:
    await make_sqlite(f"{tmp_path}/expenses.db")
    temporal = {"TEMPORAL_ADDRESS": temporal_address, "EXPENSE_TASK_QUEUE": task_queue}
    elsewhere = temporal | {"EXPENSE_TASK_QUEUE": f"{task_queue}-of-others"}
    async with Sandbox.start() as slack, running_worker(temporal_client, task_queue):
        (wrong, said), (right, well) = await asyncio.gather(
            check(slack, tmp_path, **elsewhere),
            check(slack, tmp_path, **temporal),
        )
        assert slack.messages(APPROVALS) == []
    assert wrong == 1
    assert f"error    Temporal: no worker polls the task queue {task_queue}-of-others" in said
    assert "→ Start the worker. If it runs, give it" in said
    assert right == 0
    assert {line.split()[0] for line in well.splitlines()} == {"ok"}
    assert not (tmp_path / "expenses.db.key").exists()
