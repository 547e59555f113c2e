"""The code that is measured: this checkout, or another one beside it."""

import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.processes import Process, running, variables
from benchmarks.workspace import Workspace
from sandbox.programs import ROOT, Program, answers, free_port, procfile, says
from sandbox.slack.config import APPROVALS, MANAGERS
from sandbox.supervisor import Supervisor

ENCRYPTION_KEY = "k" * 40


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository, whose processes run as its own Procfile says.

    Attributes:
        folder: where it is; its modules are imported from there.
    """

    folder: Path

    @cached_property
    def commit(self) -> str:
        """The short hash of the commit, or the folder's name where there is no git."""
        command = ["/usr/bin/env", "git", "-C", str(self.folder), "rev-parse", "--short", "HEAD"]
        git = subprocess.run(command, capture_output=True, text=True, check=False)
        return git.stdout.strip() or self.folder.name

    def _command(self, kind: str) -> list[str]:
        return procfile(self.folder / "Procfile")[kind]

    async def migrate(self, logs: Path, settings: Mapping[str, str]) -> None:
        """Make the tables with the release process.

        Args:
            logs: the folder for logs.
            settings: the environment variables of `bot_settings`.
        """
        command, log = self._command("release"), logs / f"migrate-{self.commit}.log"
        async with Supervisor() as supervisor:
            await supervisor.run(
                Program("release", command, variables(**settings), self.folder, log)
            )

    @asynccontextmanager
    async def bot(
        self, logs: Path, settings: Mapping[str, str]
    ) -> AsyncIterator[tuple[Process, str]]:
        """Run the bot until the end of the context.

        Args:
            logs: the folder for logs.
            settings: the environment variables of `bot_settings`.

        Yields:
            Its process and its address.
        """
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        async with running(
            self._command("web"),
            logs / f"bot-{port}.log",
            answers(f"{url}/healthz"),
            self.folder,
            **{**settings, "PORT": str(port)},
        ) as process:
            yield process, url

    def worker(
        self, logs: Path, temporal: str, bot_url: str, task_queue: str = "expense"
    ) -> AbstractAsyncContextManager[Process]:
        """Run the worker until the end of the context.

        Args:
            logs: the folder for logs.
            temporal: the server's host and port.
            bot_url: the bot's address.
            task_queue: of Temporal.
        """
        log = logs / f"worker-{task_queue}.log"
        return running(
            self._command("worker"),
            log,
            says(log, "working on"),
            self.folder,
            TEMPORAL_ADDRESS=temporal,
            EXPENSE_TASK_QUEUE=task_queue,
            EXPENSE_SERVER_URL=bot_url,
        )


HERE = Checkout(ROOT)


def bot_settings(database_url: str, slack: Workspace, temporal: str) -> dict[str, str]:
    """Return a bot's environment variables; without a payment system it only records payments."""
    return {
        "DATABASE_URL": database_url,
        "SLACK_BOT_TOKEN": slack.config.bot_token,
        "SLACK_SIGNING_SECRET": slack.config.signing_secret,
        "SLACK_API_URL": f"{slack.url}/api/",
        "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
        "EXPENSE_APPROVERS": MANAGERS.id,
        "EXPENSE_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "TEMPORAL_ADDRESS": temporal,
    }
