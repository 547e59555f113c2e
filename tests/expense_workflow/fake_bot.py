"""A stand-in for the bot: a real HTTP server that answers what it was told to answer."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.support.stopwatch import PATIENCE


@dataclass
class Answer:
    """One answer.

    Attributes:
        body: its text.
        status: its HTTP status.
        delay: after how many seconds it comes.
        trickle: whether it comes one byte a second, without an end.
    """

    body: str = "SUCCEED"
    status: int = 200
    delay: float = 0
    trickle: bool = False


@dataclass
class Call:
    """One call as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: Mapping[str, str]


@dataclass
class FakeBot:
    """Answers SUCCEED, or the scripted answers of a path in turn, the last one again and again."""

    url: str
    script: dict[str, list[Answer]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    tokens: dict[str, bytes] = field(default_factory=dict)
    _seen: defaultdict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )

    def answer(self, path: str, *answers: Answer) -> None:
        self.script[path] = list(answers)

    def to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    async def called(self, path: str) -> None:
        """Wait until a call to this path came in; "/path id" means the call about one expense."""
        async with asyncio.timeout(PATIENCE):
            await self._seen[path].wait()

    async def called_often(self, path: str, times: int) -> None:
        """Wait until this many calls to this path came in."""
        async with asyncio.timeout(PATIENCE):
            while len(self.to(path)) < times:
                await asyncio.sleep(0.02)

    async def registered(self, expense_id: str) -> bytes:
        """Wait until this expense's task token was registered with success, and return it."""
        async with asyncio.timeout(PATIENCE):
            await self._seen[f"token of {expense_id}"].wait()
        return self.tokens[expense_id]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        call = Call(request.method, request.path, dict(request.query), form, request.headers)
        self.calls.append(call)
        assert request.transport
        self.connections.add(request.transport.get_extra_info("peername"))
        self._seen[request.path].set()
        self._seen[f"{request.path} {(call.query | form).get('id')}"].set()
        answers = self.script.get(request.path, [Answer()])
        answer = answers[0] if len(answers) == 1 else answers.pop(0)
        await asyncio.sleep(answer.delay)
        if answer.trickle:
            return await _trickle(request)
        if "task_token" in form and answer == Answer():
            self.tokens[request.query["id"]] = bytes.fromhex(form["task_token"])
            self._seen[f"token of {request.query['id']}"].set()
        return web.Response(text=answer.body, status=answer.status)


async def _trickle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x")
        await asyncio.sleep(1)


@asynccontextmanager
async def running_fake_bot() -> AsyncIterator[FakeBot]:
    """Serve a fake bot on a free port of this machine."""
    bot = FakeBot("")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", bot.handle)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield bot
    finally:
        await runner.cleanup()
