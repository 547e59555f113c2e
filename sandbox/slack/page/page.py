"""The web page's own protocol: what a person sees, as it changes, and what they do."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.payments.endpoint import Payments
from sandbox.slack.client.commands import Commands
from sandbox.slack.client.events import Events
from sandbox.slack.client.interactions import Interactions
from sandbox.slack.config import Channel
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.form import still_there
from sandbox.slack.page.control import body_of
from sandbox.slack.views import Views
from sandbox.slack.workspace import Message, Workspace

STATIC = Path(__file__).parent / "static"
HEARTBEAT_SECONDS = 15.0


class Page:
    """What the page shows and sends."""

    def __init__(
        self,
        workspace: Workspace,
        commands: Commands,
        interactions: Interactions,
        events: Events,
        payments: Payments,
        closing: asyncio.Event,
    ) -> None:
        self.workspace = workspace
        self.commands = commands
        self.interactions = interactions
        self.views: Views = interactions.views
        self.events = events
        self.payments = payments
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
            web.post("/client/submit", self.post_submit),
            web.post("/client/close", self.post_close),
            web.post("/client/home", self.post_home),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Serve the page."""
        return web.FileResponse(STATIC / "index.html")

    # State

    def directory(self) -> dict[str, Any]:
        """Describe what anybody may know, before they say who they are."""
        workspace, config = self.workspace, self.workspace.config
        return {
            "workspace": {
                "team_name": config.team_name,
                "app": {"name": config.manifest.bot_name, "bot_user_id": config.bot_user_id},
                "commands": [
                    {
                        "command": command.command,
                        "description": command.description,
                        "usage_hint": command.usage_hint,
                    }
                    for command in config.manifest.commands.values()
                ],
            },
            "users": workspace.public_users(),
            "usergroups": [asdict(group) for group in workspace.groups.values()],
            "channels": [
                _listed(channel)
                for channel in workspace.channels.values()
                if not channel.is_private
            ],
        }

    def state(self, user_id: str) -> dict[str, Any]:
        """Describe everything a person sees."""
        workspace = self.workspace
        workspace.person(user_id)
        channels = [
            channel
            for channel in workspace.channels.values()
            if workspace.is_member(user_id, channel.id)
        ]
        dm = workspace.dm(user_id)
        return {
            **self.directory(),
            "channels": [_listed(channel) for channel in channels],
            "dms": [{"id": dm, "with": workspace.config.bot_user_id}],
            "messages": {
                place: self._messages(user_id, place)
                for place in (*(channel.id for channel in channels), dm)
            },
            "view": self._view(user_id),
            "home": self._home(user_id),
            "payments": self.payments.public(),
        }

    def _messages(self, user_id: str, conversation: str) -> list[Message]:
        private = [
            {**item.message, "ephemeral": True}
            for item in self.workspace.ephemerals.values()
            if item.user == user_id and item.channel == conversation
        ]
        shown = sorted(
            [*self.workspace.messages(conversation), *private],
            key=lambda message: str(message["ts"]),
        )
        errors = self.workspace.client_errors
        return [
            {**message, "client_error": errors[(user_id, message["ts"])]}
            if (user_id, message["ts"]) in errors
            else message
            for message in shown
        ]

    def _view(self, user_id: str) -> dict[str, Any] | None:
        view = self._with_client_error(user_id, self.views.top(user_id))
        if view is None:
            return None
        errors, values = self.views.errors.get(view["id"], {}), self.views.state.of(view)
        return {**view, "errors": errors, "state": {"values": values}}

    def _home(self, user_id: str) -> dict[str, Any] | None:
        home = self._with_client_error(user_id, self.workspace.homes.get(user_id))
        return home and {**home, "state": {"values": self.views.state.of(home)}}

    def _with_client_error(
        self, user_id: str, view: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        error = view and self.workspace.client_errors.get((user_id, view["id"]))
        return {**view, "client_error": error} if view and error else view

    async def get_state(self, request: web.Request) -> web.StreamResponse:
        """Answer what a person sees, or what there is to choose from."""
        user_id = request.query.get("user")
        return web.json_response(self.directory() if user_id is None else self.state(user_id))

    async def get_events(self, request: web.Request) -> web.StreamResponse:
        """Tell the page about changes as they happen, many at once as one."""
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
            # A failed command is told in the conversation, as in Slack.
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

    async def post_submit(self, request: web.Request) -> web.StreamResponse:
        """Send a filled-in form; what is wrong with it appears in the state."""
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


def _listed(channel: Channel) -> dict[str, str]:
    return {"id": channel.id, "name": channel.name, "topic": channel.topic}


def _ok() -> web.Response:
    return web.json_response({"ok": True})
