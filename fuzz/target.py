"""The running system that requests are thrown at, and the checks after each of them."""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import aiohttp
from temporalio.client import Client
from yarl import URL

from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from fuzz.case import DECIDED, OPEN, PAID, RESPONSE_URL, SUBMITTED, Case
from fuzz.watch import LogWatch, Watch
from sandbox.slack.delivery import sign
from tests.support.house import ADA, APPROVALS, KEY, MINA, SAM, House, house

MAX_SECONDS = 3.0
ENCRYPTION_KEY = "the key for task tokens while we fuzz"
DECIDE_BY = "2035-01-01T00:00:00Z"
# Checking every record takes longer than most requests.
WHOLE_LOOK = 500


class Target:
    """Throws requests, and checks what they did.

    Args:
        running: the system.
        stranger: an HTTP client without the worker's key.
        database: the bot's.
        log: reads everything that is logged.
    """

    def __init__(
        self,
        running: House,
        stranger: aiohttp.ClientSession,
        database: Database,
        log: LogWatch,
    ) -> None:
        self.h = running
        self._stranger = stranger
        self.log = log
        self.watch = Watch(database, {MINA.id, SAM.id})
        self.statuses: dict[int, int] = {}
        self._ids: dict[str, str] = {}
        self._count = 0

    async def prepare(self) -> None:
        """Make the expenses that the requests are about."""
        for name, state in ((OPEN, ""), (DECIDED, "decided"), (PAID, "paid"), (SUBMITTED, "new")):
            self._ids[name] = await self._make(state)

    async def _make(self, state: str) -> str:
        self._count += 1
        ack = await self.h.slack.command(
            ADA, "/expense", f"submit {self._count % 999 + 1} EUR Bait"
        )
        found = re.search(r"; expense [0-9-]+, id (\w+)\)", ack.text)
        assert found, ack
        expense_id = found[1]
        worker = {
            "X-Temporal-Workflow-Id": f"expense_{expense_id}",
            "X-Temporal-Run-Id": "the right run",
            "X-Temporal-Decide-By": DECIDE_BY,
        }
        url, id_ = self.h.bot_url, {"id": expense_id}
        if state != "new":
            call = {**id_, "is_api_call": "true"}
            async with self.h.http.get(f"{url}/create", params=call, headers=worker) as answer:
                assert await answer.text() == "SUCCEED"
            form = {"task_token": "0a0b0c"}
            assert await self.h.post("/registerCallback", form, worker, **id_) == (200, "SUCCEED")
        if state in ("decided", "paid"):
            click = await self.h.slack.click(MINA, self.h.message(expense_id), "approve_expense")
            assert click.ok
        if state == "paid":
            assert (await self.h.get("/action", type="payment", is_api_call="true", **id_))[
                0
            ] == 200
        await self.watch.check({ADA.id, MINA.id}, is_worker=True)
        return expense_id

    async def throw(self, case: Case) -> None:
        """Throw one request, and check what it did."""
        self._count += 1
        # On a busy machine any request can be slow once.
        if await self._throw(case) > MAX_SECONDS:
            seconds = await self._throw(case)
            assert seconds <= MAX_SECONDS, f"answered after {seconds:.1f} s"
        if self._count % WHOLE_LOOK == 0:
            await self.watch.check_all()
        if await self.h.status(self._ids[OPEN]) != "CREATED":
            self._ids[OPEN] = await self._make("")
        if await self.h.status(self._ids[SUBMITTED]) != "SUBMITTED":
            self._ids[SUBMITTED] = await self._make("new")

    async def _throw(self, case: Case) -> float:
        body, target = case.body, case.target
        for name, real in self._ids.items():
            body = body.replace(name.encode(), real.encode())
            target = target.replace(name, real)
        answers_to = self.h.slack.urls.issue("actions", MINA.id, APPROVALS.id, "1.2")
        body = body.replace(
            quote(RESPONSE_URL, safe="").encode(), quote(answers_to, safe="").encode()
        )
        headers = {**case.headers, **self._signed(case, body)}
        headers = {name: self._named(value) for name, value in headers.items()}
        if case.has_key:
            headers["Authorization"] = f"Bearer {KEY}"
        started = time.monotonic()
        async with self._stranger.request(
            case.method,
            URL(self.h.bot_url + target, encoded=True),
            data=body,
            headers=headers,
            allow_redirects=False,
        ) as response:
            text = await response.text(errors="replace")
        seconds = time.monotonic() - started
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        people = _people(case, body) if case.signature == "right" else ()
        await self.watch.check(people, is_worker=case.has_key)
        self.log.check()
        if response.status == 503 and quote(answers_to, safe="").encode() not in body:
            return seconds  # Slack could not be told what to tell the person
        assert response.status < 500, f"answered {response.status}: {text[:200]}"
        if response.status >= 400 and case.method != "HEAD":
            assert 0 < len(text) <= 200, f"{response.status}: not a short sentence: {text[:300]!r}"
            assert len(text.splitlines()) == 1, f"{response.status}: not one line: {text!r}"
        return seconds

    def _named(self, value: str) -> str:
        for name, real in self._ids.items():
            value = value.replace(name, real)
        return value

    def _signed(self, case: Case, body: bytes) -> dict[str, str]:
        secret, now = self.h.slack.config.signing_secret, int(time.time())
        match case.signature:
            case "right":
                return sign(secret, body)
            case "wrong":
                return sign(secret, body + b" ")
            case "old":
                return sign(secret, body, now - 301)
            case "future":
                return sign(secret, body, now + 310)
            case "other secret":
                return sign("0" * 32, body)
            case "garbled":
                return {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=\u00e9"}
            case "none":
                return {}

    async def throw_bytes(self, raw: bytes) -> None:
        """Throw bytes at the socket itself, and check that the bot still serves others."""
        raw = raw.replace(b"THEWORKERSKEY", KEY.encode())
        url = URL(self.h.bot_url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        try:
            writer.write(raw)
            writer.write_eof()
            async with asyncio.timeout(MAX_SECONDS + 7):
                answer = await reader.read(65536)
        except ConnectionError:
            answer = b""
        finally:
            writer.close()
        assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5")), answer[:300]
        self.log.check()
        await self.watch.check(is_worker=KEY.encode() in raw)
        assert await self.h.status(self._ids[OPEN]) == "CREATED"


def _people(case: Case, body: bytes) -> set[str]:
    """Return the ids of the people that a request says it comes from."""
    try:
        if case.headers.get("Content-Type") == "application/json":
            document = json.loads(body)
        else:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            document = json.loads(form["payload"]) if "payload" in form else form
    except ValueError:
        return set()
    return set(_ids_in(document))


def _ids_in(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        return
    user = document.get("user")
    for named in (user.get("id") if isinstance(user, dict) else user, document.get("user_id")):
        yield str(named)


@asynccontextmanager
async def target(temporal: Client, folder: Path, database_url: str | None) -> AsyncIterator[Target]:
    """Run the system, without a worker on its task queue."""
    url = database_url or f"sqlite:///{folder}/expenses.db"
    variables = {"DATABASE_URL": url, "EXPENSE_ENCRYPTION_KEY": ENCRYPTION_KEY}
    async with house(
        temporal, f"fuzz-{time.time()}", folder, worker=False, payments=True, **variables
    ) as running:
        config = running.slack.config
        log = LogWatch(
            [
                KEY,
                ENCRYPTION_KEY,
                config.signing_secret,
                config.bot_token,
                running.slack.payments.key,
            ]
        )
        root = logging.getLogger()
        level = root.level
        root.setLevel(logging.INFO)
        root.addHandler(log)
        database = Database(parse_database_url(url))  # type: ignore[arg-type]
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(timeout=timeout) as stranger:
            made = Target(running, stranger, database, log)
            try:
                await made.prepare()
                yield made
                await made.watch.check_all()
            finally:
                root.removeHandler(log)
                root.setLevel(level)
                await database.close()
