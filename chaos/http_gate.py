"""HTTP on its way: to Slack's stand-in, and to the bots as a platform's router brings it."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Literal
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

from chaos.logbook import Logbook
from chaos.moments import Moments

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
# Longer than anybody waits: it is their time-out that counts.
_PATIENCE = aiohttp.ClientTimeout(total=60, sock_connect=2)
SLOWNESS = 1.0

Trouble = Literal["lost_request", "lost_answer", "slow", "unreachable"]
TROUBLES: tuple[Trouble, ...] = ("lost_request", "lost_answer", "slow", "unreachable")


class Lost(Exception):
    """The bytes are lost, and with them the connection."""


class Server:
    """A small HTTP server for one handler.

    Args:
        handler: answers every request; `Lost` ends its connection without an answer.
    """

    def __init__(self, handler: Callable[[web.Request], Awaitable[web.Response]]) -> None:
        self._handler = handler
        self._runner: web.AppRunner

    async def start(self) -> None:
        """Listen."""
        application = web.Application(client_max_size=4 * 1024 * 1024)
        application.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    @property
    def port(self) -> int:
        """Tell where it listens."""
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            return await self._handler(request)
        except (Lost, aiohttp.ClientError, TimeoutError):
            if request.transport:
                request.transport.abort()
            return web.Response()


async def _forward(
    session: aiohttp.ClientSession, request: web.Request, url: str, body: bytes
) -> web.Response:
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP}
    async with session.request(
        request.method, url, data=body, headers=headers, allow_redirects=False
    ) as response:
        answer = await response.read()
        kept = {k: v for k, v in response.headers.items() if k.lower() not in _HOP_BY_HOP}
        return web.Response(status=response.status, body=answer, headers=kept)


class SlackGate:
    """Stands between the bots and Slack's stand-in, and writes down what people are told.

    Args:
        slack_url: the stand-in.
        channel: where the approvers' messages go.
    """

    def __init__(self, slack_url: str, channel: str, moments: Moments, logbook: Logbook) -> None:
        self._slack_url = slack_url
        self._channel = channel
        self._moments = moments
        self._logbook = logbook
        self._session = aiohttp.ClientSession(timeout=_PATIENCE)
        self.server = Server(self._handle)

    async def stop(self) -> None:
        """Stop passing anything on."""
        await self.server.stop()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.Response:
        where, path = "", request.rel_url.path_qs
        if path.startswith("/web"):
            _, where, path = path.split("/", 2)
            path = f"/{path}"
        body = await request.read()
        await self._pass(self._before(path, body), where)
        answer = await _forward(self._session, request, self._slack_url + path, body)
        if answer.status == 200:
            self._note(request, path, body, answer)
        await self._pass(self._after(path, body), where)
        return answer

    async def _pass(self, moment: str | None, where: str) -> None:
        if moment and not await self._moments.reached(moment, where):
            raise Lost

    def _is_request_to_approvers(self, path: str, body: bytes) -> bool:
        return path == "/api/chat.postMessage" and self._channel.encode() in body

    def _before(self, path: str, body: bytes) -> str | None:
        if self._is_request_to_approvers(path, body):
            return "token stored, message not posted"
        return {
            "/api/chat.update": "delivered, message not redrawn",
            "/api/views.open": "clicked, form not opened",
        }.get(path, "decided by others, not told" if path.startswith("/actions/") else None)

    def _after(self, path: str, body: bytes) -> str | None:
        if self._is_request_to_approvers(path, body):
            return "posted, Slack's answer held"
        return None

    def _note(self, request: web.Request, path: str, body: bytes, answer: web.Response) -> None:
        if path.startswith(("/actions/", "/commands/")):
            if act := self._logbook.act_of_url(str(request.url)):
                act.told.append(str(json.loads(body).get("text", "")))
        elif path == "/api/views.open" and (view := json.loads(answer.text or "{}").get("view")):
            trigger = str(_argument(request, body, "trigger_id"))
            if act := self._logbook.act_of_trigger(trigger):
                act.opened = view["id"]


def _argument(request: web.Request, body: bytes, name: str) -> object:
    if request.content_type == "application/json":
        return json.loads(body).get(name)
    return parse_qs(body.decode()).get(name, [None])[0]


class Router:
    """Brings requests to one of the bots, as a platform's router does.

    Args:
        ports: of the bots, by name.
        moments: are told.
        logbook: learns the bots' answers, and the task tokens that pass by.
    """

    def __init__(self, ports: dict[str, int], moments: Moments, logbook: Logbook) -> None:
        self._ports = ports
        self._moments = moments
        self._logbook = logbook
        self._sessions = {
            name: aiohttp.ClientSession(
                timeout=_PATIENCE, connector=aiohttp.TCPConnector(limit=0, force_close=True)
            )
            for name in ports
        }
        self._turn = itertools.cycle(ports)
        self._trouble: dict[str, list[Trouble]] = {"slack": [], "worker": []}
        self.in_front: Counter[str] = Counter()
        self.server = Server(self._handle)

    def disturb(self, traffic: str, trouble: Trouble) -> None:
        """Have something happen to the next request from Slack or from a worker."""
        self._trouble[traffic].append(trouble)

    def calm(self) -> None:
        """End all trouble."""
        for waiting in self._trouble.values():
            waiting.clear()

    async def stop(self) -> None:
        """Stop passing anything on."""
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
        """Send to a bot that listens; what may have been sent is not sent again."""
        wanted = next(self._turn)
        if b"command=%2Fexpense" in body or b"expense_modal" in body:
            # Whoever takes a submission says how long people have to decide it.
            wanted = "web2" if b"hurry" in body else "web1"
        for name in sorted(self._ports, key=lambda name: name != wanted):
            url = f"http://127.0.0.1:{self._ports[name]}{path}"
            try:
                answer = await _forward(self._sessions[name], request, url, body)
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
