"""Control calls for demos and tests, and who may use them and the page: this machine only."""

from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from sandbox.faults import RATES, Faults
from sandbox.slack.errors import ClientRefusal, SlackError, read_json_object
from sandbox.slack.web_api.endpoint import WebApi

LOCAL_PATHS = ("/client/", "/control/", "/files/", "/static/")


class Control:
    """Asking for trouble, and reading what the app called."""

    def __init__(self, faults: Faults, api: WebApi) -> None:
        self.faults = faults
        self.api = api

    def routes(self) -> list[web.AbstractRouteDef]:
        """List the control routes."""
        return [
            web.post("/control/faults", self.post_faults),
            web.delete("/control/faults", self.delete_faults),
            web.get("/control/rate-limits", self.get_rate_limits),
            web.post("/control/rate-limits", self.post_rate_limits),
            web.get("/control/calls", self.get_calls),
        ]

    async def post_faults(self, request: web.Request) -> web.StreamResponse:
        """Ask for trouble."""
        try:
            self.faults.add_json(await body_of(request))
        except ValueError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True})

    async def delete_faults(self, request: web.Request) -> web.StreamResponse:
        """End all trouble."""
        self.faults.clear()
        return web.json_response({"ok": True})

    async def get_rate_limits(self, request: web.Request) -> web.StreamResponse:
        """Tell whether Slack's rate limits are on, and which they are."""
        limits = {**RATES, "chat.postMessage": "1 a second and channel"}
        return web.json_response({"on": self.faults.rate_limits, "calls_a_minute": limits})

    async def post_rate_limits(self, request: web.Request) -> web.StreamResponse:
        """Switch the rate limits on or off."""
        on = (await body_of(request)).get("on")
        if not isinstance(on, bool):
            answer = {"ok": False, "error": "on must be true or false"}
            return web.json_response(answer, status=400)
        self.faults.limit(on=on)
        return web.json_response({"ok": True})

    async def get_calls(self, request: web.Request) -> web.StreamResponse:
        """List the Web API calls so far."""
        return web.json_response([asdict(call) for call in self.api.calls])


async def body_of(request: web.Request, *required: str) -> dict[str, Any]:
    """Read a JSON object in which the required keys are texts."""
    body = read_json_object(await request.read())
    for key in required:
        if not isinstance(body.get(key), str):
            raise ClientRefusal(f"{key} is missing or not a text.")
    return body


@web.middleware
async def only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse pages of other origins, which a DNS rebinding could make look like ours."""
    if request.path == "/" or request.path.startswith(LOCAL_PATHS):
        origin = request.headers.get("Origin")
        if not _is_local(f"http://{request.host}") or (origin and not _is_local(origin)):
            return web.json_response(
                {"ok": False, "error": "The sandbox's page only works on this machine."}, status=403
            )
    return await handler(request)


def _is_local(address: str) -> bool:
    try:
        host = URL(address).host
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


@web.middleware
async def refusals_as_sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer the page with a sentence for whatever Slack's client would not do."""
    try:
        return await handler(request)
    except (ClientRefusal, SlackError) as refusal:
        return web.json_response({"ok": False, "error": str(refusal)})
