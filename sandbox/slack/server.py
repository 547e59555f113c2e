"""The stand-in Slack workspace as one server, and what tests do in it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from sandbox.faults import Faults
from sandbox.payments.endpoint import Payments
from sandbox.slack.block_kit import elements_of
from sandbox.slack.client.commands import Commands
from sandbox.slack.client.events import Events
from sandbox.slack.client.interactions import Interactions
from sandbox.slack.config import Channel, User, WorkspaceConfig
from sandbox.slack.delivery import Ack, Delivery, sign
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.page.control import Control, only_this_machine, refusals_as_sentences
from sandbox.slack.page.files import FileRoutes
from sandbox.slack.page.page import STATIC, Page
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.views import View, Views
from sandbox.slack.web_api.endpoint import Call, WebApi
from sandbox.slack.web_api.response_url import ResponseUrls
from sandbox.slack.workspace import Message, Workspace
from sandbox.store import Store

T = TypeVar("T")
Person = User | str
Place = Channel | str


class Sandbox:
    """A running workspace; `Sandbox.start` makes one."""

    def __init__(self, config: WorkspaceConfig, store: Store) -> None:
        self.config = config
        self.store = store
        self.base_url = ""
        self.workspace = Workspace(config, store)
        self.faults = Faults(rate_limits=config.rate_limits)
        self.sockets = SocketMode(config)
        self.delivery = Delivery(config, self.sockets)
        self.views = Views(self.workspace)
        self.api = WebApi(
            self.workspace,
            self.views,
            self.faults,
            lambda: self.base_url,
            lambda: self.sockets.open_connection(self.base_url),
        )
        self.urls = ResponseUrls(
            self.workspace, self.faults, lambda: self.base_url, self.api.calls.append
        )
        self.commands = Commands(self.workspace, self.views, self.delivery, self.urls)
        self.interactions = Interactions(self.workspace, self.views, self.delivery, self.urls)
        self.events = Events(self.workspace, self.delivery)
        self.payments = Payments(config, store, self.faults, self.workspace)
        self.page = Page(
            self.workspace,
            self.commands,
            self.interactions,
            self.events,
            self.payments,
            self.faults.closing,
        )
        self.files = FileRoutes(self.workspace.files, self.views)
        self.control = Control(self.faults, self.api)

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        config: WorkspaceConfig | None = None,
        *,
        app_url: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        state_file: Path | None = None,
    ) -> AsyncIterator["Sandbox"]:
        """Run a workspace.

        Args:
            config: Who and what is in it; the demo's people by default.
            app_url: Where the app is; can be told later.
            host: The address to listen on.
            port: The port to listen on; 0 takes a free one.
            state_file: Where to keep what must survive a restart.

        Yields:
            The running workspace.
        """
        store = Store(state_file)
        sandbox = cls(config or WorkspaceConfig(), store)
        sandbox.app_url = app_url
        runner = web.AppRunner(sandbox.application(), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            address = runner.addresses[0]
            sandbox.base_url = f"http://{host}:{address[1]}"
            sandbox.workspace.files.base_url = sandbox.base_url
            yield sandbox
        finally:
            await runner.cleanup()
            await sandbox.events.close()
            await sandbox.delivery.close()
            store.close()

    def application(self) -> web.Application:
        """Build the aiohttp application."""
        application = web.Application(middlewares=[only_this_machine, refusals_as_sentences])
        application.add_routes(
            [
                web.route("*", "/api/{method}", self.api.handle),
                web.post("/{kind:commands|actions}/{team}/{number}/{secret}", self.urls.handle),
                web.get("/link/", self.sockets.handle),
                web.post("/payments", self.payments.handle),
                *self.page.routes(),
                *self.files.routes(),
                *self.control.routes(),
            ]
        )
        application.router.add_static("/static/", STATIC)
        application.on_shutdown.append(self._stop)
        return application

    async def _stop(self, _: web.Application) -> None:
        self.faults.closing.set()
        self.workspace.changed()
        await self.sockets.refresh(patience=0)

    # Addresses and secrets

    @property
    def api_url(self) -> str:
        """Tell the Web API's base URL, for SLACK_API_URL."""
        return f"{self.base_url}/api/"

    @property
    def app_url(self) -> str | None:
        """Tell where the app is."""
        return self.delivery.app_url

    @app_url.setter
    def app_url(self, url: str | None) -> None:
        self.delivery.app_url = url.rstrip("/") if url else None

    def sign(self, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """Make the signature headers of a request from Slack."""
        return sign(self.config.signing_secret, body, timestamp)

    # What people do

    async def command(
        self,
        user: Person,
        command: str,
        text: str = "",
        *,
        channel: Place | None = None,
        thread_ts: str | None = None,
    ) -> Ack:
        """Type a slash command, in the person's direct messages unless a channel is named."""
        place = _id(channel) if channel else self.workspace.dm(_id(user))
        return await self.commands.command(
            _id(user), f"{command} {text}".rstrip(), place, thread_ts
        )

    async def click(
        self,
        user: Person,
        place: Message | View,
        action_id: str,
        given: Any = None,
        *,
        values: dict[str, Any] | None = None,
    ) -> Ack:
        """Click, or choose, on a message, a modal or a Home tab as it was when looked at."""
        block_id = _block_of(place, action_id)
        if "ts" in place:
            return await self.interactions.click_message(
                _id(user), place, block_id, action_id, given, values
            )
        return await self.interactions.click_view(
            _id(user), place, block_id, action_id, given, values
        )

    async def submit(self, user: Person, view: View, values: dict[str, Any] | None = None) -> Ack:
        """Submit a modal, filled in by action id or block id."""
        return await self.interactions.submit(_id(user), view, values or {})

    def upload(self, user: Person, name: str, content: bytes) -> dict[str, Any]:
        """Pick a file for a form; submit it by its id or as it comes back."""
        return self.workspace.files.add(_id(user), name, content)

    async def close_view(self, user: Person) -> Ack | None:
        """Close the modal in front."""
        return await self.interactions.close(_id(user))

    async def open_home(self, user: Person) -> Ack | None:
        """Open the app's Home tab."""
        return await self.events.app_home_opened(_id(user))

    def say(self, user: Person, channel: Place, text: str, *, thread_ts: str | None = None) -> None:
        """Post a person's own message, or their reply in a thread."""
        self.commands.say(_id(user), _id(channel), text, thread_ts)

    # What people see

    def messages(self, channel: Place) -> list[Message]:
        """List a conversation's messages, oldest first."""
        return self.workspace.messages(_id(channel))

    def direct_messages(self, user: Person) -> list[Message]:
        """List what the app wrote to a person."""
        return self.workspace.messages(self.workspace.dms.get(_id(user), ""))

    def ephemeral(self, user: Person, channel: Place | None = None) -> list[Message]:
        """List what only this person sees, oldest first."""
        return [
            item.message
            for item in self.workspace.ephemerals.values()
            if item.user == _id(user) and (channel is None or item.channel == _id(channel))
        ]

    def open_view(self, user: Person) -> View | None:
        """Find the modal a person has in front of them."""
        return self.views.top(_id(user))

    def view_errors(self, user: Person) -> dict[str, str]:
        """List the errors in the modal in front, by block id."""
        view = self.views.top(_id(user))
        return self.views.errors.get(view["id"], {}) if view else {}

    def home(self, user: Person) -> View | None:
        """Find a person's published Home tab."""
        return self.workspace.homes.get(_id(user))

    @property
    def calls(self) -> list[Call]:
        """List the Web API calls so far, response_url included."""
        return list(self.api.calls)

    def calls_of(self, method: str) -> list[Call]:
        """List the calls of one method so far."""
        return [call for call in self.api.calls if call.method == method]

    def set_group_members(self, group_id: str, users: list[str]) -> None:
        """Replace the members of a user group."""
        self.workspace.set_group_members(group_id, users)

    async def until(self, look: Callable[[], T], seconds: float = 10.0) -> T:
        """Wait until there is something to see, and give it back."""
        found = look()
        deadline = asyncio.get_running_loop().time() + seconds
        while not found:
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"not seen within {seconds} s")
            await asyncio.sleep(0.01)
            found = look()
        return found


def _id(thing: User | Channel | str) -> str:
    return thing if isinstance(thing, str) else thing.id


def _block_of(place: Message | View, action_id: str) -> str:
    for block in place.get("blocks", []):
        if any(element["action_id"] == action_id for element in elements_of(block)):
            return str(block["block_id"])
    raise ClientRefusal(f"There is nothing called {action_id} here.")
