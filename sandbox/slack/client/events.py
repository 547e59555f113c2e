"""Events the app subscribed to, retried as Slack retries them."""

import asyncio
import time
from typing import Any

from sandbox.slack.client.envelope import Envelope
from sandbox.slack.config import Team
from sandbox.slack.delivery import TIMEOUT, Ack, Delivery
from sandbox.slack.workspace import Workspace


class Events:
    """Sends event_callback requests."""

    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self.workspace = workspace
        self.config = workspace.config
        self.delivery = delivery
        self._retries: set[asyncio.Task[None]] = set()

    async def app_home_opened(self, user: str) -> Ack | None:
        """Send app_home_opened to the app, if its manifest subscribes to it."""
        if "app_home_opened" not in self.config.manifest.bot_events:
            return None
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": user,
            "channel": self.workspace.dm(user),
            "tab": "home",
            "event_ts": f"{time.time():.6f}",
        }
        if user in self.workspace.homes:
            event["view"] = self.workspace.homes[user]
        return await self._send(event, Envelope(self.config).team_of(self.workspace.user(user)))

    async def tell(self, event: dict[str, Any]) -> Ack | None:
        """Send an event about the installation, if the app's manifest subscribes to it."""
        if event["type"] not in self.config.manifest.bot_events:
            return None
        return await self._send({**event, "event_ts": f"{time.time():.6f}"}, self.config.team)

    async def _send(self, event: dict[str, Any], team: Team) -> Ack:
        config = self.config
        payload = Envelope(config).event(event, team, int(time.time()))
        if not await self.delivery.verify_url(config.manifest.events_path):
            return Ack(0.0, error="url_verification_failed")
        ack = await self.delivery.send("events_api", payload, config.manifest.events_path)
        if not ack.ok and not ack.no_retry:
            task = asyncio.create_task(self._retry(payload, ack))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
        return ack

    async def _retry(self, payload: dict[str, Any], ack: Ack) -> None:
        for number, seconds in enumerate(self.config.event_retry_seconds, start=1):
            await asyncio.sleep(seconds)
            ack = await self.delivery.send(
                "events_api", payload, self.config.manifest.events_path, (number, _reason(ack))
            )
            if ack.ok or ack.no_retry:
                return

    async def close(self) -> None:
        """Stop retrying."""
        for task in self._retries:
            task.cancel()
        await asyncio.gather(*self._retries, return_exceptions=True)


def _reason(ack: Ack) -> str:
    if ack.error == TIMEOUT:
        return "http_timeout"
    return "connection_failed" if ack.status is None else "http_error"
