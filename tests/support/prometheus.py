"""A real Prometheus in a hurry, which looks at a bot's metrics and raises the alerts of `ops/`."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.demo.prometheus import OPS, prometheus
from sandbox.programs import environment, free_port
from tests.support.installed import installed
from tests.support.stopwatch import PATIENCE

# In the place of minutes: between two looks, over how long a rate is taken, how long a fault lasts.
INTERVAL, WINDOW, LASTS = "200ms", "5s", "400ms"


def hurried() -> str:
    """Return the alerts with other times, and nothing else."""
    lasting = re.sub(r"(?m)^( +for:) \d+m$", rf"\1 {LASTS}", (OPS / "alerts.yml").read_text())
    return re.sub(r"\[\d+m\]", f"[{WINDOW}]", lasting)


@dataclass
class Watcher:
    """A running Prometheus.

    Attributes:
        seen: which alerts were seen to fire.
    """

    http: aiohttp.ClientSession
    url: str
    seen: set[str] = field(default_factory=set)

    async def ask(self, path: str, **parameters: str) -> Any:
        """Ask its HTTP API; the answer must be a good one."""
        async with self.http.get(f"{self.url}/api/v1/{path}", params=parameters) as response:
            answer = await response.json()
        assert answer["status"] == "success", (parameters, answer)
        return answer["data"]

    async def firing(self) -> set[str]:
        """Ask which alerts fire."""
        alerts = (await self.ask("alerts"))["alerts"]
        firing = {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}
        self.seen |= firing
        return firing

    async def until_known(self, query: str) -> None:
        """Wait until a query finds something."""
        async with asyncio.timeout(PATIENCE):
            while not (await self.ask("query", query=query))["result"]:
                await asyncio.sleep(0.1)

    async def until_firing(self, *names: str) -> None:
        """Wait until these alerts fire, and no others that have not been seen before."""
        before, unseen = set(self.seen), set(names)
        async with asyncio.timeout(PATIENCE):
            while unseen:
                unseen -= await self.firing()
                await asyncio.sleep(0.1)
        assert self.seen - before <= set(names)

    async def until_calm(self) -> None:
        """Wait until no alert fires."""
        async with asyncio.timeout(PATIENCE):
            while await self.firing():
                await asyncio.sleep(0.1)


@asynccontextmanager
async def watcher(folder: Path, metrics_port: int) -> AsyncIterator[Watcher]:
    """Run a Prometheus that looks at a bot.

    Args:
        folder: of this run's own.
        metrics_port: where the bot's metrics are; there is no worker to look at.
    """
    installed("prometheus")
    rules, port, log = folder / "alerts.yml", free_port(), folder / "prometheus.log"
    rules.write_text(hurried())
    targets = {"expense-bot": metrics_port}
    command = prometheus(folder, port, targets, interval=INTERVAL, rules=rules)
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment(), stdout=said, stderr=said
        )
    try:
        async with aiohttp.ClientSession() as http:
            here = Watcher(http, f"http://127.0.0.1:{port}")
            async with asyncio.timeout(PATIENCE):
                while not await _is_ready(here):
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.05)
            yield here
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _is_ready(here: Watcher) -> bool:
    try:
        async with here.http.get(f"{here.url}/-/ready") as response:
            return response.ok
    except aiohttp.ClientError:
        return False
