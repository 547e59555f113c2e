"""Socket Mode: Slack's requests over a connection that the bot opens."""

import asyncio
import logging
import time
from contextlib import suppress

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot import logs
from bot.domain.health.outages import Outage
from bot.slack.errors import SlackRefusal
from bot.slack.installation import ask_at_the_start
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)
ADVICE = (
    "make an app-level token with the scope connections:write in the app's Basic Information, and "
    "copy it"
)
# The SDK's own lines hold tracebacks and addresses that let somebody else connect in our place.
_silent = logging.getLogger(f"{__name__}.sdk")
_silent.setLevel(logging.CRITICAL + 1)

PING_SECONDS = 10.0
FAREWELL_SECONDS = 0.5


class SocketMode(SocketModeClient):
    """The connection; it is opened again whenever it ends."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(
            app_token, logger=_silent, web_client=app.client, ping_interval=PING_SECONDS
        )
        self._app = app
        self._outage = Outage(
            "Socket Mode", logger, do="See SLACK_APP_TOKEN, and whether this machine reaches Slack."
        )
        self._refusal = ""
        self.socket_mode_request_listeners.append(self._handle)

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        logs.begin(request.envelope_id)
        began = time.time()
        response = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, response, began)

    async def begin(self) -> None:
        """Get a first address, as `ask_at_the_start` does."""
        await ask_at_the_start(self.prepare, "SLACK_APP_TOKEN", ADVICE)

    async def prepare(self) -> None:
        """Get an address to connect to, which is good for one connection."""
        async with asking_slack():
            answer = await self.web_client.apps_connections_open(app_token=self.app_token)
            self.wss_uri = answer["url"]

    async def issue_new_wss_url(self) -> str:
        """Get an address, for the SDK; the log has once why there is none."""
        try:
            with self._outage:
                await self.prepare()
        except SlackRefusal as refusal:
            if refusal.code != self._refusal:
                logger.error("SLACK_APP_TOKEN is refused by Slack (%s): %s", refusal.code, ADVICE)
            self._refusal = refusal.code
            raise
        self._refusal = ""
        return str(self.wss_uri)

    async def connect(self) -> None:
        """Connect, however long it takes."""
        while not self.closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.ping_interval):
                    await super().connect()  # type: ignore[no-untyped-call]
                    return
            if self.wss_uri:
                logger.warning("Slack gives an address for Socket Mode, and does not answer there")
            # The SDK would go on with the address of its first try, which is good no more.
            self.wss_uri = None

    async def close(self) -> None:
        """Say goodbye, and hang up even if Slack does not answer it."""
        self.closed = True
        self.auto_reconnect_enabled = False
        session, self.current_session = self.current_session, None
        if session:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await session.close()
        for task in (self.message_processor, self.current_session_monitor, self.message_receiver):
            if task:
                task.cancel()
        await self.aiohttp_client_session.close()
