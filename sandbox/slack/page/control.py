"""Control calls: demos and tests ask for faults, and read what the app called."""

from dataclasses import asdict

from aiohttp import web

from sandbox.faults import Faults
from sandbox.slack.page.http import body_of
from sandbox.slack.web_api.endpoint import WebApi
from sandbox.slack.web_api.rate_limits import RATES, RateLimits


class Control:
    """The control calls.

    Args:
        faults: the faults in force.
        limits: Slack's rate limits.
        api: knows what the app called.
    """

    def __init__(self, faults: Faults, limits: RateLimits, api: WebApi) -> None:
        self.faults = faults
        self.limits = limits
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
        """Add a fault; see `sandbox.faults.Fault`."""
        try:
            self.faults.add_json(await body_of(request))
        except ValueError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True})

    async def delete_faults(self, request: web.Request) -> web.StreamResponse:
        """End all faults."""
        self.faults.clear()
        return web.json_response({"ok": True})

    async def get_rate_limits(self, request: web.Request) -> web.StreamResponse:
        """Answer whether Slack's rate limits are on, and what they are."""
        limits = {**RATES, "chat.postMessage": "1 a second and channel"}
        return web.json_response({"on": self.limits.on, "calls_a_minute": limits})

    async def post_rate_limits(self, request: web.Request) -> web.StreamResponse:
        """Switch the rate limits on or off."""
        on = (await body_of(request)).get("on")
        if not isinstance(on, bool):
            answer = {"ok": False, "error": "on must be true or false"}
            return web.json_response(answer, status=400)
        self.limits.switch(on=on)
        return web.json_response({"ok": True})

    async def get_calls(self, request: web.Request) -> web.StreamResponse:
        """List the Web API calls so far."""
        return web.json_response([asdict(call) for call in self.api.calls])
