"""A payment system that answers as a test tells it to, and checks signatures with the library."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

KEY = "a shared secret of the payment tests"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class FakePayments:
    """A payment system that answers in turn, then as `answer` does; without one, that it paid."""

    url: str = ""
    answer: Answer | None = None
    in_turn: list[Answer] = field(default_factory=list)
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        headers = dict(request.headers)
        try:
            Webhook(KEY.encode()).verify(raw, headers)
        except WebhookVerificationError:
            return web.Response(status=500)
        self.requests.append((headers, json.loads(raw)))
        answer = self.in_turn.pop(0) if self.in_turn else self.answer
        return await answer(request) if answer else web.json_response({"status": "paid"})

    def says(self, body: str | bytes, **how: Any) -> None:
        self.answer = saying(body, **how)


def saying(body: str | bytes, **how: Any) -> Answer:
    """Answer with this body, and with what else `web.Response` takes."""

    async def say(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, **how)

    return say


async def dropping(request: web.Request) -> web.StreamResponse:
    """Lose the connection instead of answering."""
    assert request.transport
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def fake_payments() -> AsyncIterator[FakePayments]:
    """Run a payment system."""
    fake = FakePayments()
    app = web.Application()
    app.add_routes([web.post("/pay", fake.handle), web.get("/login", fake.handle)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}/pay"
    yield fake
    await runner.cleanup()
