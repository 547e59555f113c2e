"""Misfortunes that take records away: the database, or Temporal, comes back from a backup.

What follows is the drill of docs/restore.md, as an operator carries it out.
"""

import asyncio
import random
import re
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from bot.domain.expense import OPEN
from chaos.facts import with_workflows
from chaos.other_service import start_again
from chaos.schedule import WEBS, WORKERS
from chaos.system import DATABASE_AWAY, System
from sandbox.programs import ROOT, Program
from sandbox.supervisor import StartError

T = TypeVar("T")
Row = dict[str, Any]

_TRIES, _PAUSE_SECONDS = 100, 0.5
# What `python -m bot reconcile --fix` says of what is left to the operator.
_NAMED = re.compile(r"workflow (\S+) \(.*the database has no such expense")
_DOUBTED = re.compile(r"expense (\S+) is \w+, which may be wrong")
_UNDER_WAY = "a bot works on it"


@asynccontextmanager
async def database_restored(system: System, dice: random.Random) -> AsyncIterator[None]:
    """The database is lost, and comes back from a backup that is some seconds old."""
    backup = system.folder / "database.backup"
    back_up = partial(_run_tool, system, "pg_dump", "--format=custom", "-f", str(backup))
    async with system.restoring:
        await _patiently(back_up)
        yield
        await _restore_database(system, backup)


async def _restore_database(system: System, backup: Path) -> None:
    logbook = system.logbook
    async with _everybody_stopped(system):
        before = await _patiently(partial(_expenses, system))
        await _patiently(partial(_load, system, backup))
        known = await _patiently(partial(_expenses, system))
        await _patiently(partial(_reconcile, system))
        now = await _patiently(partial(_expenses, system))
        for expense_id, row in before.items():
            if expense_id in known and known[expense_id]["version"] == row["version"]:
                continue
            logbook.forgotten.setdefault(expense_id, []).append(row)
            if expense_id not in now:
                # Its form may still come again.
                if await _patiently(partial(_terminate, system, row["workflow_id"])):
                    logbook.stopped.add(expense_id)
            elif now[expense_id]["state"] in OPEN:
                logbook.reopened.add(expense_id)


@asynccontextmanager
async def temporal_restored(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Temporal is lost, and comes back from a backup that is some seconds old."""
    database, backup = system.folder / "temporal.db", system.folder / "temporal.backup"
    async with system.restoring:
        await _patiently(partial(asyncio.to_thread, _copy, database, backup))
        yield
        await _restore_temporal(system, database, backup)


async def _restore_temporal(system: System, database: Path, backup: Path) -> None:
    async with _everybody_stopped(system):
        before = await _patiently(partial(with_workflows, system))
        async with system.supervisor.stopped("temporal"):
            await asyncio.to_thread(_put_back, database, backup)
        await system.programs["temporal"].until_ready(120)
        logbook = system.logbook
        lost = before - await _patiently(partial(with_workflows, system))
        logbook.unworked |= lost
        logbook.stopped -= lost  # what the bots start anew goes on
        for expense_id in sorted(logbook.stopped):
            await _patiently(partial(_terminate, system, f"expense_{expense_id}"))
        await start_again(system.temporal, logbook)
        await _patiently(partial(_reconcile, system))
        logbook.set_back_at.append(datetime.now(UTC))


@asynccontextmanager
async def _everybody_stopped(system: System) -> AsyncIterator[None]:
    async with system.supervisor.stopped(*WEBS, *WORKERS):
        for link in system.links.values():
            link.reset()  # what is still on its way comes from processes that are gone
        yield
    for name in (*WEBS, *WORKERS):
        with suppress(TimeoutError):
            await system.programs[name].until_ready(60)


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do something again until it succeeds, as servers and connections may be struck meanwhile."""
    for _ in range(_TRIES):
        with suppress(*DATABASE_AWAY, RPCError, StartError):
            return await work()
        await asyncio.sleep(_PAUSE_SECONDS)
    return await work()


def _copy(database: Path, backup: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)


def _put_back(database: Path, backup: Path) -> None:
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)
    shutil.copy(backup, database)


async def _run_tool(system: System, name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on the database."""
    tool = Path(system.programs["postgres"].command[0]).with_name(name)
    command = [str(tool), "-d", system.database_url, *arguments]
    log = system.folder / "database_tools.log"
    await system.supervisor.run(Program(name, command, {}, system.folder, log))


async def _expenses(system: System) -> dict[str, Row]:
    async with system.database() as database:
        return {row["id"]: dict(row) for row in await database.fetch("SELECT * FROM expenses")}


async def _load(system: System, backup: Path) -> None:
    other = await asyncpg.connect(system.database_url, database="template1")
    try:
        await other.execute("DROP DATABASE IF EXISTS postgres WITH (FORCE)")
        await other.execute("CREATE DATABASE postgres TEMPLATE template0")
    finally:
        other.terminate()
    await _run_tool(system, "pg_restore", "--exit-on-error", str(backup))


async def _reconcile(system: System) -> None:
    log = system.folder / "reconcile.log"
    known = len(_read(log))
    # The code 1 says that something is left to the operator.
    line = f'"{sys.executable}" -m bot reconcile --fix || [ $? = 1 ]'
    command = ["/bin/sh", "-c", line]
    environment = system.environments[WEBS[0]]
    await system.supervisor.run(Program("reconcile", command, environment, ROOT, log))
    said = _read(log)[known:]
    if _UNDER_WAY in said:
        raise StartError("reconcile has to be run again")
    system.logbook.named.update(_NAMED.findall(said))
    system.logbook.doubted.update(_DOUBTED.findall(said))


def _read(log: Path) -> str:
    return log.read_text() if log.exists() else ""


async def _terminate(system: System, workflow_id: str | None) -> bool:
    """End the workflow of an expense that nobody knows; say whether it ended by that."""
    if workflow_id is None:
        return False
    handle = system.temporal.get_workflow_handle(workflow_id)
    try:
        await handle.terminate("restored")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    try:
        return (await handle.describe()).status is WorkflowExecutionStatus.TERMINATED
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
