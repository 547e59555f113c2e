"""The routes of the web page: what a person sees, as it changes, and what they do."""

import asyncio
import json
from pathlib import Path

from aiohttp import web

from sandbox.slack.client.commands import Commands
from sandbox.slack.client.events import Events
from sandbox.slack.client.interactions import Interactions
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.form import still_there
from sandbox.slack.page.http import body_of
from sandbox.slack.page.state import PageState

STATIC = Path(__file__).parent / "static"
HEARTBEAT_SECONDS = 15.0


class Page:
    """The page and its protocol.

    Args:
        state: what each person sees.
        commands: the line at the bottom.
        interactions: clicks and forms.
        events: sends app_home_opened.
        closing: is set when the server stops.
    """

    def __init__(
        self,
        state: PageState,
        commands: Commands,
        interactions: Interactions,
        events: Events,
        closing: asyncio.Event,
    ) -> None:
        self.state = state
        self.workspace = state.workspace
        self.commands = commands
        self.interactions = interactions
        self.views = state.views
        self.events = events
        self.closing = closing
        self.heartbeat_seconds = HEARTBEAT_SECONDS

    def routes(self) -> list[web.AbstractRouteDef]:
        """List the page's routes."""
        return [
            web.get("/", self.index),
            web.get("/client/state", self.get_state),
            web.get("/client/events", self.get_events),
            web.post("/client/command", self.post_command),
            web.post("/client/action", self.post_action),
            web.post("/client/suggest", self.post_suggest),
            web.post("/client/submit", self.post_submit),
            web.post("/client/close", self.post_close),
            web.post("/client/home", self.post_home),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Serve the page."""
        return web.FileResponse(STATIC / "index.html")

    async def get_state(self, request: web.Request) -> web.StreamResponse:
        """Answer what a person sees; without a person, who there is to choose from."""
        user_id = request.query.get("user")
        return web.json_response(self.state.public() if user_id is None else self.state.of(user_id))

    async def get_events(self, request: web.Request) -> web.StreamResponse:
        """Stream an event for each change, as server-sent events; several at once become one."""
        self.workspace.person(request.query.get("user", ""))
        watcher = self.workspace.watch()
        watcher.set()
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        try:
            await response.prepare(request)
            while not self.closing.is_set():
                try:
                    await asyncio.wait_for(watcher.wait(), self.heartbeat_seconds)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                watcher.clear()
                event = json.dumps({"revision": self.workspace.revision})
                await response.write(f"data: {event}\n\n".encode())
        except ConnectionError:
            # The page was closed or reloaded.
            return response
        finally:
            self.workspace.unwatch(watcher)
        return response

    # What the page sends

    async def post_command(self, request: web.Request) -> web.StreamResponse:
        """Send a slash command, or post what a person wrote."""
        body = await body_of(request, "user", "channel", "text")
        user, channel, text = body["user"], body["channel"], body["text"]
        if text.startswith("/"):
            thread_ts = body.get("thread_ts")
            ack = await self.commands.command(user, text, channel, thread_ts)
            # The conversation shows that a command failed, as in Slack.
            return web.json_response({"ok": True, "acknowledged": ack.ok})
        thread_ts = body.get("thread_ts")
        if not isinstance(thread_ts, str | None):
            raise ClientRefusal("thread_ts is no text.")
        self.commands.say(user, channel, text, thread_ts)
        return _ok()

    async def post_action(self, request: web.Request) -> web.StreamResponse:
        """Send a click or a choice."""
        body = await body_of(request, "user", "block_id", "action_id")
        user = body["user"]
        self.workspace.person(user)
        chosen = {key: value for key, value in body.items() if key.startswith("selected_")}
        values = body["values"] if isinstance(body.get("values"), dict) else {}
        given = chosen or ({"value": body["value"]} if "value" in body else None)
        if "message_ts" in body:
            ts = str(body["message_ts"])
            place = self.workspace.channel_of(ts) or ""
            private = self.workspace.ephemeral(user, ts)
            message = private.message if private else self.workspace.message(place, ts)
            if message is None:
                raise ClientRefusal("This message was deleted.")
            await self.interactions.click_message(
                user,
                message,
                body["block_id"],
                body["action_id"],
                given,
                still_there(message.get("blocks", []), values),
            )
            return _ok()
        view = self.workspace.homes.get(user) if body.get("home") else self.views.top(user)
        if view is None or not (body.get("home") or view["id"] == body.get("view_id")):
            raise ClientRefusal("This form is not open any more.")
        await self.interactions.click_view(
            user,
            view,
            body["block_id"],
            body["action_id"],
            given,
            still_there(view["blocks"], values),
        )
        return _ok()

    async def post_suggest(self, request: web.Request) -> web.StreamResponse:
        """Answer what the app offers in a menu that is searched."""
        body = await body_of(request, "user", "view_id", "block_id")
        view = self.views.top(body["user"])
        if view is None or view["id"] != body["view_id"]:
            raise ClientRefusal("This form is not open any more.")
        typed = str(body.get("typed") or "")
        options = await self.interactions.suggest(body["user"], view, body["block_id"], typed)
        return web.json_response({"ok": True, "options": options})

    async def post_submit(self, request: web.Request) -> web.StreamResponse:
        """Send a filled-in form; the next state has its errors."""
        body = await body_of(request, "user", "view_id")
        values = body.get("values")
        view = self.views.top(body["user"])
        if view is None or view["id"] != body["view_id"] or not isinstance(values, dict):
            raise ClientRefusal("This form is not open any more.")
        await self.interactions.submit(body["user"], view, values)
        return _ok()

    async def post_close(self, request: web.Request) -> web.StreamResponse:
        """Close the form in front."""
        body = await body_of(request, "user", "view_id")
        view = self.views.top(body["user"])
        if view is None or view["id"] != body["view_id"]:
            raise ClientRefusal("This form is not open any more.")
        await self.interactions.close(body["user"])
        return _ok()

    async def post_home(self, request: web.Request) -> web.StreamResponse:
        """Open the Home tab."""
        body = await body_of(request, "user")
        self.workspace.person(body["user"])
        await self.events.app_home_opened(body["user"])
        return _ok()


def _ok() -> web.Response:
    return web.json_response({"ok": True})
