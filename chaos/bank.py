"""A payment system that pays once for each idempotency key, and fails when it is told to."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Literal
from urllib.parse import unquote

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from chaos.logbook import Logbook, PaymentRequest
from chaos.network.http_server import SLOWNESS, Lost, Server
from chaos.network.moments import Moments

Fault = Literal["error", "hang", "lost", "slow", "late"]
FAULTS: tuple[Fault, ...] = ("error", "hang", "lost", "slow", "late")

# Moods last: a payment takes longer than anybody waits, and asking again meanwhile is a conflict,
# as the IETF's draft on idempotency keys has it; or something else answers at the address.
Mood = Literal["in progress", "elsewhere"]
PROGRESS_SECONDS = 12.0

# Larger amounts are refused, so that the invariants see refusals, too.
LIMIT = Decimal(900)


class Bank:
    """Pays what the bots ask for, up to a limit for each expense.

    Args:
        key: the secret shared with the bots.
        moments: learns when a payment is asked for and answered.
        logbook: learns what was paid.
    """

    def __init__(self, key: str, moments: Moments, logbook: Logbook) -> None:
        self._webhook = Webhook(key.encode())
        self._moments = moments
        self._logbook = logbook
        self._faults: deque[Fault] = deque()
        self._moods: list[Mood] = []
        self._in_progress: set[str] = set()
        self.server = Server(self._handle)

    def disturb(self, fault: Fault) -> None:
        """Disturb the next request."""
        self._faults.append(fault)

    def calm(self) -> None:
        """Forget the faults that are still to come."""
        self._faults.clear()

    @asynccontextmanager
    async def mood(self, mood: Mood) -> AsyncIterator[None]:
        """Be in a mood while the body runs."""
        self._moods.append(mood)
        try:
            yield
        finally:
            self._moods.remove(mood)

    async def _handle(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            return web.Response(status=405)
        await request.read()  # before its sender gives up
        key = request.headers["Idempotency-Key"]
        if key in self._in_progress:
            return web.json_response({"error": "IN_PROGRESS"}, status=409)
        if "elsewhere" in self._moods:
            return web.Response(status=404, text="<h1>Not found</h1>", content_type="text/html")
        if "in progress" not in self._moods:
            return await self._answer(request)
        self._in_progress.add(key)
        try:
            await asyncio.sleep(PROGRESS_SECONDS)
            return await self._answer(request)
        finally:
            self._in_progress.discard(key)

    async def _answer(self, request: web.Request) -> web.Response:
        raw, where = await request.read(), request.path.strip("/").split("/")[0]
        fault = self._faults.popleft() if self._faults else None
        if fault:
            self._logbook.faults[f"web>bank {fault}"] += 1
        if fault == "error":
            return web.Response(status=500, text="Internal error")
        if fault == "hang":
            await asyncio.sleep(20)
            raise Lost
        if fault == "slow":
            await asyncio.sleep(SLOWNESS)
        if not await self._moments.reached("payment begun, not asked", where):
            raise Lost
        answer = self._pay(request, raw)
        if not await self._moments.reached("paid, answer held", where):
            raise Lost
        if fault == "late":
            # It has paid, and answers after the bot has given up.
            await asyncio.sleep(12)
        if fault == "lost":
            raise Lost
        return answer

    def _pay(self, request: web.Request, raw: bytes) -> web.Response:
        try:
            self._webhook.verify(raw, dict(request.headers))
        except WebhookVerificationError:
            return web.json_response({"error": "WRONG_SIGNATURE"}, status=401)
        body, key = json.loads(raw), unquote(request.headers["Idempotency-Key"])
        amount = Decimal(body["amount"] or 0)
        paid = amount <= LIMIT
        known = [old for old in self._logbook.payment_requests if old.key == key]
        self._logbook.payment_requests.append(
            PaymentRequest(
                key=key,
                body=body,
                answer=known[0].answer if known else ("paid" if paid else "refused"),
            )
        )
        if paid:
            return web.json_response({"status": "paid"})
        return web.json_response({"error": "LIMIT_EXCEEDED"}, status=402)
