"""Brings requests to one of the bots, as a platform's router does."""

import asyncio
import itertools
from collections import Counter
from typing import Literal
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

from chaos.logbook import Logbook
from chaos.network.http_server import PATIENCE, SLOWNESS, Lost, Server, forward
from chaos.network.moments import Moments

Trouble = Literal["lost_request", "lost_answer", "slow", "unreachable"]
TROUBLES: tuple[Trouble, ...] = ("lost_request", "lost_answer", "slow", "unreachable")


class Router:
    """Brings requests to one of the bots, as a platform's router does.

    Args:
        ports: of the bots, by name.
        moments: learns which have come.
        logbook: learns the bots' answers, and the task tokens that pass.
    """

    def __init__(self, ports: dict[str, int], moments: Moments, logbook: Logbook) -> None:
        self._ports = ports
        self._moments = moments
        self._logbook = logbook
        self._sessions = {
            name: aiohttp.ClientSession(
                timeout=PATIENCE, connector=aiohttp.TCPConnector(limit=0, force_close=True)
            )
            for name in ports
        }
        self._turn = itertools.cycle(ports)
        self._trouble: dict[str, list[Trouble]] = {"slack": [], "worker": []}
        self.in_front: Counter[str] = Counter()
        self.server = Server(self._handle)

    def disturb(self, traffic: str, trouble: Trouble) -> None:
        """Disturb the next request.

        Args:
            traffic: whose request: `slack` or `worker`.
            trouble: what happens to it.
        """
        self._trouble[traffic].append(trouble)

    def calm(self) -> None:
        """Forget the trouble that is still to come."""
        for waiting in self._trouble.values():
            waiting.clear()

    async def stop(self) -> None:
        """Stop forwarding."""
        await self.server.stop()
        await asyncio.gather(*(session.close() for session in self._sessions.values()))

    async def _handle(self, request: web.Request) -> web.Response:
        body, path, who = await request.read(), request.rel_url.path_qs, "slack"
        if path.startswith("/worker"):
            _, who, path = path.split("/", 2)
            path = f"/{path}"
            if token := parse_qs(body.decode()).get("task_token"):
                self._logbook.secrets.add(token[0])
        waiting = self._trouble["slack" if who == "slack" else "worker"]
        trouble = waiting.pop() if waiting else None
        if trouble:
            self._logbook.faults[f"{who.rstrip('12')}>web {trouble}"] += 1
        if trouble == "unreachable":
            return web.Response(status=502, text="The application does not answer.")
        if trouble == "slow":
            await asyncio.sleep(SLOWNESS)
        if trouble == "lost_request":
            raise Lost
        await self._pass(_before(path), who)
        answer, where = await self._send(request, path, body)
        if where:
            self._logbook.answers[answer.status] += 1
        await self._pass(_after(path, body, answer), where)
        if trouble == "lost_answer":
            raise Lost
        return answer

    async def _send(self, request: web.Request, path: str, body: bytes) -> tuple[web.Response, str]:
        """Forward to a bot that listens; a request that may have arrived is not sent again."""
        wanted = next(self._turn)
        if b"command=%2Fexpense" in body or b"expense_modal" in body:
            # The bot that takes a submission sets the time that people have to decide it.
            wanted = "web2" if b"hurry" in body else "web1"
        for name in sorted(self._ports, key=lambda name: name != wanted):
            url = f"http://127.0.0.1:{self._ports[name]}{path}"
            try:
                answer = await forward(self._sessions[name], request, url, body)
            except aiohttp.ClientConnectorError:
                continue
            self.in_front[name] += 1
            return answer, name
        return web.Response(status=503, text="No process listens."), ""

    async def _pass(self, moment: str | None, where: str) -> None:
        if moment and not await self._moments.reached(moment, where):
            raise Lost


def _before(path: str) -> str | None:
    if path.startswith("/registerCallback"):
        return "activity waits, not registered"
    if path.startswith("/action"):
        return "payment due, not asked for"
    return None


def _after(path: str, body: bytes, answer: web.Response) -> str | None:
    if answer.status != 200:
        return None
    for start, moment in (
        ("/create", "created, worker not told"),
        ("/registerCallback", "registered, worker not told"),
        ("/action", "payment recorded, worker not told"),
    ):
        if path.startswith(start):
            return moment
    if b"approve_expense" in body or b"view_submission" in body:
        return "decision answered, acknowledgement held"
    return None
