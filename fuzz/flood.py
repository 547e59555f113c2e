"""Floods the bot, and measures the clicks of managers meanwhile: `python -m fuzz.flood`."""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from fuzz.attacks import AT_ITS_HEIGHT, ATTACKS
from sandbox import Sandbox
from sandbox.programs import ROOT, Program, answers, environment, free_port, procfile
from sandbox.supervisor import Supervisor
from tests.support.house import ADA, APPROVALS, KEY, MANAGERS, MINA, expense_of

# After so long, Slack shows an error to the person who clicked.
SLACK_SECONDS = 3.0
PAUSE_SECONDS = 0.1
MAX_GROWTH_MB = 150


@dataclass
class Figures:
    """What one attack did.

    Attributes:
        clicks: seconds until each click of a manager was acknowledged.
        lost: clicks after which Slack showed an error.
        answers: to the attack, by status.
        megabytes: the most that the bot took meanwhile.
    """

    attack: str
    clicks: list[float] = field(default_factory=list)
    lost: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    megabytes: float = 0.0

    def row(self) -> str:
        """Return one line of the table."""
        ordered = sorted(self.clicks) or [float("nan")]
        middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        answers = ", ".join(f"{status}: {n:,}" for status, n in sorted(self.answers.items()))
        return (
            f"{self.attack:<12}{len(self.clicks):>7}{self.lost:>6}{middle * 1000:>8.0f}"
            f"{late * 1000:>8.0f}{ordered[-1] * 1000:>8.0f}{self.megabytes:>8.0f}  {answers}"
        )


HEADING = f"{'attack':<12}{'clicks':>7}{'lost':>6}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'MB':>8}"


@dataclass
class Running:
    """The bot in a process of its own, and its workspace."""

    slack: Sandbox
    url: str
    pid: int

    def megabytes(self) -> float:
        """Return how much memory the bot takes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    async def attack(self, name: str, seconds: float) -> Figures:
        """Let managers click while an attack lasts; with the name `calm` there is none."""
        figures = Figures(name)
        pending = await self._ask(round(seconds / PAUSE_SECONDS / 2) + 1)
        attacker = await self._attacker(name, seconds) if name in ATTACKS else None
        until = time.monotonic() + seconds
        while pending and time.monotonic() < until:
            ack = await self.slack.click(MINA, pending.pop(), "approve_expense")
            figures.clicks.append(ack.seconds)
            figures.lost += not ack.ok
            figures.megabytes = max(figures.megabytes, self.megabytes())
            await asyncio.sleep(PAUSE_SECONDS)
        if attacker:
            told, _ = await attacker.communicate()
            figures.answers = json.loads(told)
        return figures

    async def _attacker(self, name: str, seconds: float) -> asyncio.subprocess.Process:
        """Start an attack, and wait until it is at its height, from where on it lasts so long."""
        attacker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fuzz.attacks", name),
            *("--url", self.url, "--key", KEY, "--seconds", str(seconds)),
            stdout=asyncio.subprocess.PIPE,
        )
        assert attacker.stdout
        assert (await attacker.stdout.readline()).decode().strip() == AT_ITS_HEIGHT
        return attacker

    async def _ask(self, count: int) -> list[dict[str, object]]:
        """Submit expenses, and wait until the managers have them."""
        before = len(self.slack.messages(APPROVALS))
        for _ in range(count):
            ack = await self.slack.command(ADA, "/expense", "submit 1 EUR Coffee")
            assert ack.ok, ack
        await self.slack.until(lambda: len(self.slack.messages(APPROVALS)) == before + count)
        messages: list[dict[str, object]] = self.slack.messages(APPROVALS)[before:]
        assert all(map(expense_of, messages))
        return messages


@asynccontextmanager
async def running(folder: Path, temporal: str | None = None) -> AsyncIterator[Running]:
    """Run the bot and its worker as processes, with SQLite."""
    async with AsyncExitStack() as stack:
        if temporal is None:
            program = shutil.which("temporal", path=str(Path(sys.executable).parent))
            server = await stack.enter_async_context(
                await WorkflowEnvironment.start_local(
                    dev_server_existing_path=program, dev_server_log_level="error"
                )
            )
            temporal = server.client.service_client.config.target_host
        slack = await stack.enter_async_context(Sandbox.start())
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        variables = environment(
            PORT=str(port),
            DATABASE_URL=f"sqlite:///{folder}/expenses.db",
            SLACK_BOT_TOKEN=slack.config.bot_token,
            SLACK_SIGNING_SECRET=slack.config.signing_secret,
            SLACK_API_URL=slack.api_url,
            SLACK_APPROVALS_CHANNEL=APPROVALS.id,
            EXPENSE_APPROVERS=MANAGERS.id,
            EXPENSE_API_KEY=KEY,
            EXPENSE_TASK_QUEUE=f"flood-{port}",
            EXPENSE_SERVER_URL=url,
            TEMPORAL_ADDRESS=str(temporal),
        )
        slack.app_url = url
        supervisor = await stack.enter_async_context(Supervisor())
        bot_log, worker_log, commands = folder / "bot.log", folder / "worker.log", procfile()
        bot, _ = await asyncio.gather(
            supervisor.start(
                Program("bot", commands["web"], variables, ROOT, bot_log, answers(f"{url}/healthz"))
            ),
            supervisor.start(Program("worker", commands["worker"], variables, ROOT, worker_log)),
        )
        yield Running(slack, url, bot.pid)


async def main() -> int:
    """Attack in every way, and print the figures.

    Returns:
        The exit code: 1 if a click was lost or the bot's memory grew too much.
    """
    parser = argparse.ArgumentParser(prog="python -m fuzz.flood", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="for each attack")
    parser.add_argument("--only", choices=ATTACKS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flood") as folder:
        async with running(Path(folder)) as target:
            print(HEADING)
            calm = await target.attack("calm", options.seconds)
            print(calm.row(), flush=True)
            all_of_them = [calm]
            for name in [options.only] if options.only else ATTACKS:
                all_of_them.append(await target.attack(name, options.seconds))
                print(all_of_them[-1].row(), flush=True)
        print(f"the bot logged {os.stat(f'{folder}/bot.log').st_size:,} bytes")
    lost = sum(figures.lost for figures in all_of_them)
    growth = max(figures.megabytes for figures in all_of_them) - calm.megabytes
    print(f"{lost} clicks lost; the bot's memory grew by {growth:.0f} MB")
    return 1 if lost or growth > MAX_GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
