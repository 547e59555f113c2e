"""A payment endpoint: pays each expense once, while the budget lasts.

Requests are signed as Standard Webhooks describes: https://www.standardwebhooks.com. Repeated ones
are answered as the IETF's draft on the Idempotency-Key header has it: 409 while the first is worked
on, 422 for a key that comes with another payment, and after that as the first time.
https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import base64
import json
import secrets
import time
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from sandbox.faults import Faults, drop
from sandbox.ids import new_id
from sandbox.state_file import StateFile

# What may be paid in each currency.
BUDGET = Decimal(1000)
PREFIX = "whsec_"


class _Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        self.status = status
        self.error = error


class Payments:
    """Pays what the bot asks for.

    Args:
        state_file: keeps what was paid.
        faults: the faults in force; the endpoint's method is `payments`.
        changed: is called after each payment.

    Attributes:
        in_progress: the idempotency keys of the payments that it works on.
        key: the secret that the bot shares; what follows `whsec_` is base64, and any other key
            stands for its own bytes.
    """

    def __init__(
        self, state_file: StateFile, faults: Faults, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.key = secrets.token_hex(16)
        self._state_file = state_file
        self._faults = faults
        self._changed = changed
        # By idempotency key: the expense's id, and with :2 behind it if it is asked for again.
        self._answers: dict[str, dict[str, Any]] = state_file.load("payment")
        self._spent: dict[str, Decimal] = {}
        self.in_progress: set[str] = set()
        for payment in self.paid:
            self._spend(payment)

    @property
    def paid(self) -> list[dict[str, Any]]:
        """List what was paid, oldest first."""
        answers = sorted(self._answers.values(), key=lambda answer: float(answer["at"]))
        return [
            {**answer["payment"], "reference": answer["body"].get("reference")}
            for answer in answers
            if answer["status"] == 200
        ]

    def left(self, currency: str) -> Decimal:
        """Return what is left of a currency's budget."""
        return BUDGET - self._spent.get(currency, Decimal(0))

    def _spend(self, payment: dict[str, Any]) -> None:
        currency = payment["currency"]
        self._spent[currency] = self._spent.get(currency, Decimal(0)) + Decimal(payment["amount"])

    def public(self) -> dict[str, Any]:
        """Describe the budget and the payments as JSON, for the page."""
        currencies = sorted({"EUR", "GBP", "USD"} | set(self._spent))
        budget = {currency: str(self.left(currency)) for currency in currencies}
        return {"budget": budget, "paid": self.paid}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one payment request; the caller's hanging up stops nothing."""
        fault = self._faults.take("payments")
        if fault and fault.kind not in ("lost", "slow"):
            refused = await self._faults.play(fault)
            if refused is not None:
                return refused
        try:
            key, payment = self._checked(request, await request.read())
            if key in self.in_progress:
                raise _Refused(409, "REQUEST_IN_PROGRESS")
            self.in_progress.add(key)
            try:
                if fault and fault.kind == "slow":
                    await self._faults.play(fault)
                answer = self._answer(key, payment)
            finally:
                self.in_progress.discard(key)
        except _Refused as refusal:
            return web.json_response({"error": refusal.error}, status=refusal.status)
        if fault and fault.kind == "lost":
            return drop(request)
        return web.json_response(answer["body"], status=answer["status"])

    def _checked(self, request: web.Request, body: bytes) -> tuple[str, dict[str, str]]:
        payment = _read(self._verified(request, body))
        # Header values are ASCII; an expense id need not be, and then stands there percent-encoded.
        key = request.headers["webhook-id"]
        id, _, number = key.partition(":")
        if payment["expense_id"] != unquote(id):
            raise _Refused(400, "expense_id and webhook-id must be the same.")
        if number:
            before = int(number) - 1 if number.isdecimal() else 0
            former = self._answers.get(id if before == 1 else f"{id}:{before}")
            if former is None or former["status"] == 200:
                raise _Refused(400, "Only what was refused may be asked for with a new webhook-id.")
        return key, payment

    def _answer(self, key: str, payment: dict[str, str]) -> dict[str, Any]:
        known = self._answers.get(key)
        if known is not None:
            if known["payment"] != payment:
                raise _Refused(422, "This webhook-id was used for another payment.")
            return known
        if Decimal(payment["amount"]) > self.left(payment["currency"]):
            status, answer = 402, {"error": "INSUFFICIENT_FUNDS"}
        else:
            status, answer = 200, {"status": "paid", "reference": new_id("pay_")}
            self._spend(payment)
        record = {"status": status, "body": answer, "payment": payment, "at": str(time.time())}
        self._answers[key] = record
        self._state_file.put("payment", key, record)
        self._changed()
        return record

    def _verified(self, request: web.Request, body: bytes) -> str:
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise _Refused(400, "The body must be JSON.") from error
        try:
            webhook(self.key).verify(text, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            # A header that is no signature at all makes the library raise ValueError.
            raise _Refused(401, f"webhook-signature: {error}") from error
        return text


def webhook(key: str) -> Webhook:
    """Make a signer and verifier from a shared key.

    Raises:
        ValueError: what follows `whsec_` is not base64.
    """
    secret = key.encode()
    if key.startswith(PREFIX):
        try:
            secret = base64.b64decode(key.removeprefix(PREFIX), validate=True)
        except ValueError:
            secret = b""
    if not secret:
        raise ValueError(f"what follows {PREFIX} must be base64")
    return Webhook(secret)


def _read(text: str) -> dict[str, str]:
    try:
        document = json.loads(text)
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
