"""The demo's payment system: pays once per idempotency key, out of a budget per currency.

Requests are signed as Standard Webhooks describes: https://www.standardwebhooks.com.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.faults import Faults, drop
from sandbox.ids import new_id
from sandbox.slack.config import WorkspaceConfig
from sandbox.slack.workspace import Workspace
from sandbox.store import Store

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"


class _Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        self.status = status
        self.error = error


def signature(key: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """Sign a request as Standard Webhooks does; a plain key is used as its own bytes."""
    secret = base64.b64decode(key[len(PREFIX) :]) if key.startswith(PREFIX) else key.encode()
    signed = f"{webhook_id}.{timestamp}.".encode(errors="surrogateescape") + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class Payments:
    """Pays what it is asked to, while the budget lasts."""

    def __init__(
        self, config: WorkspaceConfig, store: Store, faults: Faults, workspace: Workspace
    ) -> None:
        self.config = config
        self.store = store
        self.faults = faults
        self.workspace = workspace
        self._answers: dict[str, dict[str, Any]] = store.load("payment")
        self._spent: dict[str, Decimal] = {}
        for payment in self.paid:
            self._spend(payment)

    @property
    def paid(self) -> list[dict[str, Any]]:
        """List what was paid, oldest first."""
        answers = sorted(self._answers.values(), key=lambda answer: float(answer["at"]))
        return [
            {**answer["payment"], "payment_id": answer["body"]["payment_id"]}
            for answer in answers
            if answer["status"] == 200
        ]

    def left(self, currency: str) -> Decimal:
        """Tell what is left of a currency's budget."""
        return self.config.budget - self._spent.get(currency, Decimal(0))

    def _spend(self, payment: dict[str, Any]) -> None:
        currency = payment["currency"]
        self._spent[currency] = self._spent.get(currency, Decimal(0)) + Decimal(payment["amount"])

    def public(self) -> dict[str, Any]:
        """Describe budget and payments for the page."""
        currencies = sorted({"EUR", "GBP", "USD"} | set(self._spent))
        budget = {currency: str(self.left(currency)) for currency in currencies}
        return {"budget": budget, "paid": self.paid}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one payment request."""
        fault = self.faults.take("payments")
        if fault and fault.kind != "lost":
            refused = await self.faults.play(fault)
            if refused is not None:
                return refused
        try:
            answer = self._answer(request, await request.read())
        except _Refused as refusal:
            return web.json_response({"error": refusal.error}, status=refusal.status)
        if fault and fault.kind == "lost":
            return drop(request)
        return web.json_response(answer["body"], status=answer["status"])

    def _answer(self, request: web.Request, body: bytes) -> dict[str, Any]:
        key = self._verified_key(request, body)
        payment = _read(body)
        # Header values are ASCII; an expense id need not be, and then stands there percent-encoded.
        if payment["expense_id"] != unquote(key):
            raise _Refused(400, "expense_id and webhook-id must be the same.")
        known = self._answers.get(key)
        if known is not None:
            if known["payment"] != payment:
                raise _Refused(409, "This webhook-id was used for another payment.")
            return known
        if Decimal(payment["amount"]) > self.left(payment["currency"]):
            status, answer = 402, {"error": "INSUFFICIENT_FUNDS"}
        else:
            status, answer = 200, {"status": "paid", "payment_id": new_id("pay_")}
            self._spend(payment)
        record = {"status": status, "body": answer, "payment": payment, "at": str(time.time())}
        self._answers[key] = record
        self.store.put("payment", key, record)
        self.workspace.changed()
        return record

    def _verified_key(self, request: web.Request, body: bytes) -> str:
        key = request.headers.get("webhook-id", "")
        timestamp = request.headers.get("webhook-timestamp", "")
        given = request.headers.get("webhook-signature", "").split(" ")
        if not (key and timestamp.isascii() and timestamp.isdigit()):
            raise _Refused(401, "webhook-id and webhook-timestamp are required.")
        if len(timestamp) > 12 or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
            raise _Refused(401, "webhook-timestamp is too far from now.")
        right = signature(self.config.payment_key, key, timestamp, body).encode()
        matches = [hmac.compare_digest(right, one.encode(errors="replace")) for one in given]
        if not any(matches):
            raise _Refused(401, "webhook-signature does not match.")
        return key


def _read(body: bytes) -> dict[str, str]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Refused(400, "The body must be JSON.") from error
    if not isinstance(document, dict):
        raise _Refused(400, "The body must be a JSON object.")
    if "amount" in document and document["amount"] is None:
        raise _Refused(422, "AMOUNT_UNKNOWN")
    fields = ("expense_id", "amount", "currency")
    wrong = [name for name in fields if not isinstance(document.get(name), str)]
    if wrong or not document["expense_id"].strip():
        raise _Refused(400, f"{', '.join(wrong) or 'expense_id'} must be a string with content.")
    try:
        amount = Decimal(document["amount"])
    except InvalidOperation as error:
        raise _Refused(400, "amount must be a decimal number.") from error
    if not document["amount"].isascii() or not amount.is_finite() or amount <= 0:
        raise _Refused(400, "amount must be a positive number.")
    currency = document["currency"]
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise _Refused(400, "currency must be a code of three capital letters.")
    payment = {name: document[name] for name in fields}
    if isinstance(document.get("payee"), str):
        payment["payee"] = document["payee"]
    return payment


def check_key(key: str) -> None:
    """Refuse a key that claims to be base64 and is not, at start rather than per request."""
    if key.startswith(PREFIX):
        try:
            base64.b64decode(key[len(PREFIX) :], validate=True)
        except binascii.Error as error:
            raise ValueError("a payment key that starts with whsec_ must be base64") from error
