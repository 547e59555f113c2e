"""The stand-in Slack in a process of its own."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.processes import running
from sandbox.programs import answers, free_port
from sandbox.slack.config import WorkspaceConfig


@dataclass
class Workspace:
    """Where the stand-in is, and who is in it."""

    url: str
    config: WorkspaceConfig

    async def call(self, http: aiohttp.ClientSession, method: str, **arguments: Any) -> Any:
        """Call Slack's Web API as the bot does."""
        headers = {"Authorization": f"Bearer {self.config.bot_token}"}
        async with http.post(
            f"{self.url}/api/{method}", json=arguments, headers=headers
        ) as response:
            answer = await response.json()
        if not answer["ok"]:
            raise SystemExit(f"the sandbox says {answer} to {method}")
        return answer


@asynccontextmanager
async def workspace(folder: Path) -> AsyncIterator[Workspace]:
    """Run the stand-in Slack."""
    config, port = WorkspaceConfig(), free_port()
    url = f"http://127.0.0.1:{port}"
    async with running(
        [sys.executable, "-m", "sandbox.slack", "--port", str(port)],
        folder / "slack.log",
        answers(url),
        SLACK_BOT_TOKEN=config.bot_token,
        SLACK_SIGNING_SECRET=config.signing_secret,
    ):
        yield Workspace(url, config)
