"""The gate between the bots and the stand-in Slack: reports moments, and notes answers."""

import json
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

from chaos.logbook import Logbook
from chaos.network.http_server import PATIENCE, Lost, Server, forward
from chaos.network.moments import Moments

_SHOWING = "/api/files.completeUploadExternal"


class SlackGate:
    """Forwards the bots' calls to the stand-in Slack, and notes what people are told.

    Args:
        slack_url: the stand-in's address.
        channel: the id of the approvers' channel.
        moments: learns which have come.
        logbook: learns what people are told.
    """

    def __init__(self, slack_url: str, channel: str, moments: Moments, logbook: Logbook) -> None:
        self._slack_url = slack_url
        self._channel = channel
        self._moments = moments
        self._logbook = logbook
        self._session = aiohttp.ClientSession(timeout=PATIENCE)
        self.server = Server(self._handle)

    async def stop(self) -> None:
        """Stop forwarding."""
        await self.server.stop()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.Response:
        where, path = "", request.rel_url.path_qs
        if path.startswith("/web"):
            _, where, path = path.split("/", 2)
            path = f"/{path}"
        body = await request.read()
        await self._pass(self._before(path, body), where)
        answer = await forward(self._session, request, self._slack_url + path, body)
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
            _SHOWING: "receipt uploaded, not shown",
        }.get(path, "decided by others, not told" if path.startswith("/actions/") else None)

    def _after(self, path: str, body: bytes) -> str | None:
        if self._is_request_to_approvers(path, body):
            return "posted, Slack's answer held"
        return "receipt shown, not recorded" if path == _SHOWING else None

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
