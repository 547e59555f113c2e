"""The stand-in Slack as one server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from aiohttp import web

from sandbox.faults import Faults
from sandbox.slack.admin import Admin
from sandbox.slack.client.commands import Commands
from sandbox.slack.client.events import Events
from sandbox.slack.client.interactions import Interactions
from sandbox.slack.config import WorkspaceConfig
from sandbox.slack.delivery import Delivery, sign
from sandbox.slack.page.control import Control
from sandbox.slack.page.files import FileRoutes
from sandbox.slack.page.http import only_this_machine, refusals_as_sentences
from sandbox.slack.page.routes import STATIC, Page
from sandbox.slack.page.state import PageState
from sandbox.slack.people import People
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.views import Views
from sandbox.slack.web_api.endpoint import Call, WebApi
from sandbox.slack.web_api.rate_limits import RateLimits
from sandbox.slack.web_api.response_url import ResponseUrls
from sandbox.slack.workspace import Workspace
from sandbox.state_file import StateFile


class FakeSlack(People):
    """A running workspace; `FakeSlack.start` makes one.

    Args:
        config: who and what is in it.
        state_file: keeps what must survive a restart.
        delivery: brings payloads to the app.
    """

    def __init__(
        self,
        config: WorkspaceConfig,
        state_file: StateFile,
        delivery: type[Delivery] = Delivery,
    ) -> None:
        self.config = config
        self.base_url = ""
        self.faults = Faults(config.latency_seconds)
        self.sockets = SocketMode(config)
        self.delivery = delivery(config, self.sockets)
        workspace = Workspace(config, state_file)
        views = Views(workspace)
        limits = RateLimits(on=config.rate_limits, clock=config.rate_limits_clock)
        self.api = WebApi(
            workspace,
            views,
            self.faults,
            limits,
            lambda: self.base_url,
            lambda: self.sockets.open_connection(self.base_url),
        )
        self.urls = ResponseUrls(
            workspace, self.faults, lambda: self.base_url, self.api.calls.append
        )
        super().__init__(
            workspace,
            views,
            Commands(workspace, views, self.delivery, self.urls),
            Interactions(workspace, views, self.delivery, self.urls),
            Events(workspace, self.delivery),
        )
        self.admin = Admin(workspace, self.events)
        self.page = Page(
            PageState(workspace, views),
            self.commands,
            self.interactions,
            self.events,
            self.faults.closing,
        )
        self._files = FileRoutes(workspace.files, views, self.faults)
        self._control = Control(self.faults, limits, self.api)

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
    ) -> AsyncIterator[Self]:
        """Run a workspace.

        Args:
            config: who and what is in it; the demo's people by default.
            app_url: where the app is; can be set later.
            host: the address to listen on.
            port: the port to listen on; 0 takes a free one.
            state_file: where to keep what must survive a restart.

        Yields:
            The running workspace.
        """
        kept = StateFile(state_file)
        slack = cls(config or WorkspaceConfig(), kept)
        slack.app_url = app_url
        runner = web.AppRunner(slack._application(), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            slack.base_url = f"http://{host}:{runner.addresses[0][1]}"
            slack.workspace.files.base_url = slack.base_url
            yield slack
        finally:
            await runner.cleanup()
            await slack.events.close()
            await slack.delivery.close()
            kept.close()

    def routes(self) -> list[web.AbstractRouteDef]:
        """List everything that is served."""
        return [
            web.route("*", "/api/{method}", self.api.handle),
            web.post("/{kind:commands|actions}/{team}/{number}/{secret}", self.urls.handle),
            web.post("/upload/v1/{secret}", self.api.uploads.receive),
            web.get("/link/", self.sockets.handle),
            *self.page.routes(),
            *self._files.routes(),
            *self._control.routes(),
            web.static("/static/", STATIC),
        ]

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[only_this_machine, refusals_as_sentences])
        application.add_routes(self.routes())
        application.on_shutdown.append(self._stop)
        return application

    async def _stop(self, _: web.Application) -> None:
        self.faults.closing.set()
        self.workspace.changed()
        await self.sockets.refresh(patience=0)

    # Addresses and secrets

    @property
    def api_url(self) -> str:
        """The Web API's base URL, for SLACK_API_URL."""
        return f"{self.base_url}/api/"

    @property
    def app_url(self) -> str | None:
        """Where the app is; None until it is set."""
        return self.delivery.app_url

    @app_url.setter
    def app_url(self, url: str | None) -> None:
        self.delivery.app_url = url.rstrip("/") if url else None

    def sign(self, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """Make the headers with which this workspace signs a request; see `delivery.sign`."""
        return sign(self.config.signing_secret, body, timestamp)

    # What the app did

    @property
    def calls(self) -> list[Call]:
        """List the Web API calls so far, response_url included."""
        return list(self.api.calls)

    def calls_of(self, method: str) -> list[Call]:
        """List the calls of one method so far."""
        return [call for call in self.api.calls if call.method == method]
