"""Asks the payment system to pay, or only records the payment where there is none."""

import json
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
from standardwebhooks import Webhook

from bot.domain.errors import PaymentRefused, TryAgain
from bot.domain.expense import Expense
from bot.domain.findings import Finding, Level, well
from bot.domain.outages import Outage, cause_of

logger = logging.getLogger(__name__)

PART = "payment system"

# Below the payment activity's start-to-close time-out of 10 s, so that it hears what happened.
TIMEOUT = aiohttp.ClientTimeout(total=8)
LOOK_TIMEOUT = aiohttp.ClientTimeout(total=5)

_REFUSALS = {400, 402, 403, 409, 410, 422}


class RecordedPayments:
    """Pays nothing: that the expense is recorded as paid is all there is to do."""

    async def pay(self, expense: Expense) -> None:
        """Take every payment for done; nobody is asked."""

    async def look(self) -> Sequence[Finding]:
        """Say that payments are only recorded."""
        return [well(PART, "there is none: approved expenses are only recorded as paid")]


class PaymentSystem:
    """Asks the payment system at EXPENSE_PAYMENT_URL.

    Requests are signed as Standard Webhooks (standardwebhooks.com) describes, so that the
    receiving side needs no code of its own either. The expense id is the idempotency key: however
    often an expense is asked for, the payment system pays it once.

    Args:
        session: lends its connections.
        url: where to POST.
        keys: shared secrets; the bytes of each sign the request, so that the receiving side may
            know any of them.
        timeout: how long to wait for an answer.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        keys: list[str],
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._session = session
        self._url = url
        self._timeout = timeout
        self._outage = Outage("The payment system", logger)
        self._webhooks = [
            Webhook(key if key.startswith("whsec_") else key.encode()) for key in keys
        ]

    async def pay(self, expense: Expense) -> None:
        """Ask for the payment of an expense.

        Raises:
            PaymentRefused: the payment system said no.
            TryAgain: it did not answer, or could not be asked; it may have paid all the same.
        """
        with self._outage:
            await self._ask(expense)

    async def _ask(self, expense: Expense) -> None:
        body = json.dumps(_payment_request(expense))
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=self._headers(expense.id, body),
                timeout=self._timeout,
                # Followed, a redirect to some page that exists would pass for a payment.
                allow_redirects=False,
            ) as response:
                if 200 <= response.status < 300:
                    return
                if response.status in _REFUSALS:
                    raise PaymentRefused(_refusal_code(await response.text(errors="replace")))
                raise TryAgain(f"The payment system answered {response.status}.", after=5)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryAgain("The payment system does not answer.", after=5) from error

    async def look(self) -> Sequence[Finding]:
        """Find out whether somebody answers at the address; only a payment would prove more."""
        what = "it answers at EXPENSE_PAYMENT_URL; whether it pays, only a payment shows"
        try:
            # HEAD changes nothing, and whatever is answered to it is an answer.
            async with self._session.head(
                self._url, timeout=LOOK_TIMEOUT, allow_redirects=False
            ) as response:
                if response.status < 500:
                    return [well(PART, what)]
                what = f"HTTP {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            what = cause_of(error)
        do = "See EXPENSE_PAYMENT_URL, and whether the payment system runs. Payments wait for it."
        what = f"nobody answers at EXPENSE_PAYMENT_URL ({what})"
        return [Finding(part=PART, level=Level.ERROR, what=what, do=do, key="no answer")]

    def _headers(self, expense_id: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        key = quote(expense_id)  # header values are ASCII, expense ids need not be
        return {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(hook.sign(key, now, body) for hook in self._webhooks),
        }


def _payment_request(expense: Expense) -> dict[str, Any]:
    claim = expense.claim
    return {
        "expense_id": expense.id,
        "payee": expense.requester,
        "amount": str(claim.money.amount) if claim else None,
        "currency": claim.money.currency if claim else None,
        "description": claim.description if claim else None,
        "approved_by": expense.decided_by,
    }


def _refusal_code(body: str) -> str:
    """Read the reason from {"error": "INSUFFICIENT_FUNDS"}; anything else is just REFUSED."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return "REFUSED"
    code = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(code, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", code):
        return code
    return "REFUSED"


def make_payments(
    session: aiohttp.ClientSession, url: str | None, keys: list[str]
) -> PaymentSystem | RecordedPayments:
    """Make what pays approved expenses; without an address, they are only recorded as paid."""
    return PaymentSystem(session, url, keys) if url else RecordedPayments()
