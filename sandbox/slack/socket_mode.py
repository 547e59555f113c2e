"""Socket Mode: the app connects to Slack, and payloads come as envelopes."""

import asyncio
import itertools
import json
import uuid
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.slack.config import WorkspaceConfig


class SocketMode:
    """The app's websockets."""

    def __init__(self, config: WorkspaceConfig) -> None:
        self.config = config
        self._tickets: set[str] = set()
        self._connections: dict[web.WebSocketResponse, asyncio.Event] = {}
        self._waiting: dict[str, asyncio.Future[dict[str, Any] | None]] = {}
        self._turn = itertools.count()

    @property
    def live(self) -> bool:
        """Whether the app is connected."""
        return bool(self._connections)

    def open_connection(self, base_url: str) -> str:
        """Return an address to which the app may connect once."""
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        url = base_url.replace("http", "ws", 1)
        return f"{url}/link/?ticket={ticket}&app_id={self.config.app_id}"

    def forget_tickets(self) -> None:
        """Let the addresses run out to which nobody has connected yet, as Slack does soon."""
        self._tickets.clear()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection of the app."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="This connection address is not valid any more.")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=15, timeout=1)
        await socket.prepare(request)
        self._connections[socket] = gone = asyncio.Event()
        try:
            await socket.send_json(self._hello(request.host))
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._connections.pop(socket, None)
            gone.set()
        return socket

    def _hello(self, host: str) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": host, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.config.app_id},
        }

    def _acknowledge(self, data: str) -> None:
        try:
            answer = json.loads(data)
        except ValueError:
            return
        # Slack ignores acknowledgements of nothing, and those that come too late.
        if not isinstance(answer, dict) or not isinstance(answer.get("envelope_id"), str):
            return
        waiting = self._waiting.pop(answer["envelope_id"], None)
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) and payload else None)

    async def send(
        self, kind: str, payload: dict[str, Any], retry: tuple[int, str] | None
    ) -> dict[str, Any] | None:
        """Send an envelope over the next connection in turn, and return its acknowledgement."""
        envelope: dict[str, Any] = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            number, reason = retry or (0, "")
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        waiting: asyncio.Future[dict[str, Any] | None]
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = waiting
        sockets = list(self._connections)
        socket = sockets[next(self._turn) % len(sockets)]
        try:
            await socket.send_json(envelope)
            return await waiting
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    async def refresh(self, patience: float = 1.0) -> None:
        """Ask the app to connect anew, as Slack does every few hours.

        Args:
            patience: the seconds after which a connection is closed anyway.
        """
        goodbye = {
            "type": "disconnect",
            "reason": "refresh_requested",
            "debug_info": {"host": "sandbox"},
        }
        # Slack sends nothing more over a connection that it has asked to close.
        leaving, self._connections = self._connections, {}
        for socket, gone in leaving.items():
            # The app may have closed first, or closes when it is asked.
            with suppress(ConnectionError):
                await socket.send_json(goodbye)
            with suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), patience)
            await socket.close()
