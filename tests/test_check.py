"""Everything that an expense needs: `python -m bot check` lists it, a bot that starts logs it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client

from expense_workflow.worker import running_worker
from sandbox import Sandbox
from sandbox.programs import ROOT, environment
from sandbox.slack.config import APPROVALS
from tests.support.databases import make_sqlite
from tests.support.house import ADA, NOOR, slack_settings
from tests.support.stopwatch import PATIENCE


@asynccontextmanager
async def bot(
    slack: Sandbox, folder: Path, *arguments: str, **changed: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command of the bot's with these settings, and end it."""
    variables = {
        "PORT": "0",
        "DATABASE_URL": f"sqlite:///{folder}/expenses.db",
        **slack_settings(slack),
        "EXPENSE_API_KEY": "key",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=ROOT,
        env=environment(**(variables | changed)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    yield process
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def check(slack: Sandbox, folder: Path, **changed: str) -> tuple[int | None, str]:
    async with bot(slack, folder, "check", **changed) as process:
        said, _ = await process.communicate()
    return process.returncode, said.decode()


async def says_at_the_start(slack: Sandbox, folder: Path, words: str, **changed: str) -> str:
    async with bot(slack, folder, "serve", **changed) as process:
        assert process.stdout
        async with asyncio.timeout(PATIENCE):
            async for line in process.stdout:
                if words in line.decode():
                    break
    assert process.returncode == 0
    return line.decode()


@pytest.mark.long
async def test_what_is_wrong_is_told_with_what_to_do_before_an_expense_meets_it(
    temporal_client: Client,
    temporal_address: str,
    task_queue: str,
    tmp_path: Path,
    closed_port: int,
) -> None:
    await make_sqlite(f"{tmp_path}/expenses.db")
    temporal = {"TEMPORAL_ADDRESS": temporal_address, "EXPENSE_TASK_QUEUE": task_queue}
    new = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}
    nowhere = {"EXPENSE_RECEIPTS": "file:///no-such-folder"}
    finance = {"EXPENSE_FINANCE": f"{ADA.id} {NOOR.id}"}
    elsewhere = temporal | {"EXPENSE_TASK_QUEUE": f"{task_queue}-of-others"}
    away = {
        "DATABASE_URL": f"postgres://u:secret@127.0.0.1:{closed_port}/db",
        "EXPENSE_ENCRYPTION_KEY": "k" * 32,
    }
    async with Sandbox.start() as slack, running_worker(temporal_client, task_queue):
        (wrong, said), (right, well), (lost, where), line = await asyncio.gather(
            check(slack, tmp_path, **elsewhere, **new, SLACK_APP_TOKEN="xapp-wrong", **nowhere),
            check(slack, tmp_path, **temporal, EXPENSE_RECEIPTS="database", **finance),
            check(slack, tmp_path, **temporal, **away),
            says_at_the_start(
                slack, tmp_path, "has no namespace", **temporal, TEMPORAL_NAMESPACE="nowhere"
            ),
        )
        assert slack.messages(APPROVALS) == []
    assert wrong == 1
    assert "warning  finance: nobody is finance, so nobody can mark what was paid by hand" in said
    assert f"error    Temporal: no worker polls the task queue {task_queue}-of-others" in said
    assert "→ Start the worker. If it runs, give it" in said
    assert "warning  database: its file has no tables yet\n         → Start the bot" in said
    assert "error    Slack: SLACK_APP_TOKEN is refused (invalid_auth)" in said
    not_kept = "file:///no-such-folder does not keep them: No such file or directory"
    assert f"error    receipts: {not_kept}\n         → See that the folder" in said
    assert lost == 1
    assert f"error    database: DATABASE_URL names 127.0.0.1:{closed_port}, which cannot" in where
    assert right == 0
    assert "ok       receipts: database keeps them, and gives them back" in well
    assert {line.split()[0] for line in well.splitlines()} == {"ok"}
    assert " ERROR bot.diagnostics.diagnostics: Temporal: " in line
    assert "has no namespace nowhere" in line
    assert "Correct TEMPORAL_NAMESPACE" in line
