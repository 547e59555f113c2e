"""Events the app subscribed to, retried as Slack retries them."""

import asyncio
import time
from typing import Any

from sandbox.ids import new_id
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
        return await self._send(event)

    async def _send(self, event: dict[str, Any]) -> Ack:
        config = self.config
        payload = {
            "team_id": config.team_id,
            "api_app_id": config.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": config.team_id,
                    "user_id": config.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
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
