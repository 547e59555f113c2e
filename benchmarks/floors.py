"""What a click costs before anything is done with it: python -m benchmarks.floors KIND PORT.

`bare` answers every request with the same bytes (the load generator's own ceiling); `verify` is an
aiohttp handler that checks the signature; `bolt` is Bolt with an empty listener in its fastest
mode, `bolt-default` the same as Bolt comes. The secret is SLACK_SIGNING_SECRET.
"""

import asyncio
import os
import sys

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.block_kit.message_blocks import APPROVE_ACTION

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Bare(asyncio.Protocol):
    """Answers as soon as a whole request seems to be there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection."""
        self._transport = transport
        self._missing = 0

    def data_received(self, data: bytes) -> None:
        """Count the announced bytes, and answer after the last one."""
        if not self._missing:
            head, _, body = data.partition(b"\r\n\r\n")
            start = head.index(b"Content-Length: ") + 16
            self._missing = int(head[start : head.index(b"\r", start)]) - len(body)
        else:
            self._missing -= len(data)
        if not self._missing:
            self._transport.write(ANSWER)  # type: ignore[attr-defined]


def verifying(secret: str) -> web.Application:
    """Build an application that checks the signature and nothing else."""
    verifier = SignatureVerifier(secret)

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        timestamp = request.headers["X-Slack-Request-Timestamp"]
        is_slack = verifier.is_valid(body, timestamp, request.headers["X-Slack-Signature"])
        return web.Response(status=200 if is_slack else 401)

    application = web.Application()
    application.add_routes([web.get("/", alive), web.post("/slack/events", handle)])
    return application


async def alive(_: web.Request) -> web.Response:
    """Answer that the server runs."""
    return web.Response()


def bolt(secret: str, *, process_before_response: bool) -> web.Application:
    """Build Bolt's own aiohttp server with a listener that only acknowledges."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id="U0BOT",
            bot_id="B0BOT",
            bot_token="xoxb-none",  # noqa: S106
        )

    app = AsyncApp(
        signing_secret=secret,
        authorize=authorize,
        process_before_response=process_before_response,
    )

    @app.action(APPROVE_ACTION)
    async def approve(ack: AsyncAck) -> None:
        await ack()

    application = app.web_app(path="/slack/events")
    application.router.add_get("/", alive)
    return application


async def serve_bare(port: int) -> None:
    """Serve the load generator's ceiling."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port)
    await server.serve_forever()


def main(kind: str, port: int) -> None:
    """Serve one floor until it is ended."""
    secret = os.environ["SLACK_SIGNING_SECRET"]
    if kind == "bare":
        asyncio.run(serve_bare(port))
        return
    application = (
        verifying(secret)
        if kind == "verify"
        else bolt(secret, process_before_response=kind == "bolt")
    )
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
