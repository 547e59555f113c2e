"""Asks the payment system to pay, or leaves that to finance where there is none."""

import json
import logging
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
from standardwebhooks import Webhook
from yarl import URL

from bot.domain.errors import PaymentRefused, TryAgain, Unanswered
from bot.domain.expense import Expense
from bot.domain.health.findings import Finding, well, wrong
from bot.domain.health.outages import Outage, cause_of
from bot.domain.payments.payment import read_reference

logger = logging.getLogger(__name__)

PART = "payment system"

# Longer than anybody waits for it: also an answer that comes late says what was paid.
TIMEOUT = aiohttp.ClientTimeout(total=30)
LOOK_TIMEOUT = aiohttp.ClientTimeout(total=5)

# With these and a code of its own, the payment system refuses this payment.
_REFUSALS = {400, 402, 403, 410, 422}
# These pass by themselves: it is at work on the payment, or asks for patience.
_PASSING = {408, 409, 425, 429}
# The IETF's draft on the Idempotency-Key header has errors that are about the key: the payment
# itself may have been made.
_ABOUT_THE_KEY = "IDEMPOTENCY"
# Of these types, the last of which stands for none, an answer may be a page for people.
_PAGES = {"text/html", "application/xhtml+xml", "text/plain", "application/octet-stream"}
_MEND = "See EXPENSE_PAYMENT_URL, EXPENSE_PAYMENT_KEY, and the proxy before it; nobody is paid."
# How often the operator is told of answers with the same status.
_SILENCE_SECONDS = 3600.0


class _Misdirected(TryAgain):
    """Something else than the payment system has answered, or it does not know the key."""


class FinancePays:
    """Asks nobody: finance pays what is approved, by hand."""

    place: str | None = None

    async def pay(self, expense: Expense, times: int = 1) -> str | None:
        """Ask nobody."""

    async def look(self) -> Sequence[Finding]:
        """Say that finance pays."""
        return [well(PART, "there is none: finance pays what is approved, and marks it as paid")]


class PaymentSystem:
    """Asks the payment system at EXPENSE_PAYMENT_URL.

    Requests are signed as Standard Webhooks (standardwebhooks.com) describes, so that the
    receiving side needs no code of its own either. The expense id is the idempotency key: however
    often an expense is asked for, the payment system pays it once. If people have a refused
    payment asked for again, `:2` follows the id, and so on.

    Args:
        keys: shared secrets; the bytes of each sign the request, so that the receiving side may
            know any of them.
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
        self._outage = Outage(
            "The payment system",
            logger,
            besides=(_Misdirected,),
            do="See EXPENSE_PAYMENT_URL, and whether the payment system runs.",
        )
        self._webhooks = [
            Webhook(key if key.startswith("whsec_") else key.encode()) for key in keys
        ]
        self.place = host_of(url)
        self._told: dict[int, float] = {}
        self._misdirected: str | None = None

    async def pay(self, expense: Expense, times: int = 1) -> str | None:
        """Ask for the payment of an expense, and return its reference, if the answer names one.

        Args:
            expense: what is paid.
            times: how often people have wanted it, each time but the last refused for good.

        Raises:
            PaymentRefused: the payment system said no to this payment.
            Unanswered: it did not answer, or not yet; it may have paid all the same.
            TryAgain: what answered says nothing about this payment.
        """
        with self._outage:
            try:
                reference = await self._ask(expense, times)
            except PaymentRefused:
                self._misdirected = None
                raise
            self._misdirected = None
            return reference

    async def _ask(self, expense: Expense, times: int) -> str | None:
        body = json.dumps(_payment_request(expense))
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=self._headers(_key(expense, times), body),
                timeout=self._timeout,
                # Followed, a redirect to some page that exists would pass for a payment.
                allow_redirects=False,
            ) as response:
                status, is_success = response.status, 200 <= response.status < 300
                try:
                    answer = await response.text(errors="replace")
                except (aiohttp.ClientError, TimeoutError):
                    if is_success and response.content_type not in _PAGES:
                        return None
                    raise
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unanswered("The payment system does not answer.", after=5) from error
        if is_success and not _is_web_page(answer) and not _read(answer, "error"):
            return _reference(answer)
        if status in _REFUSALS and (code := _refusal_code(answer)):
            raise PaymentRefused(code)
        words = f"The payment system answered {status}."
        if status in _PASSING or status >= 500:
            raise Unanswered(words, after=5)
        words = f"EXPENSE_PAYMENT_URL answered {status}, and not as a payment system does."
        self._misdirected = f"it answered {status} to a payment, and not as a payment system does"
        self._tell(status, expense)
        raise _Misdirected(words, after=5)

    def _tell(self, status: int, expense: Expense) -> None:
        now = time.monotonic()
        if now - self._told.get(status, -_SILENCE_SECONDS) < _SILENCE_SECONDS:
            return
        self._told[status] = now
        logger.error(
            "EXPENSE_PAYMENT_URL answered %s to the payment of expense %s, and not as a payment "
            "system does (docs/http-api.md). %s The bot keeps asking.",
            *(status, expense.id, _MEND),
        )

    async def look(self) -> Sequence[Finding]:
        """Find out whether somebody answers at the address; only a payment would prove more."""
        if self._misdirected:
            return [wrong(PART, self._misdirected, _MEND)]
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
        return [wrong(PART, what, do, key="no answer")]

    def _headers(self, key: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(hook.sign(key, now, body) for hook in self._webhooks),
        }


def _key(expense: Expense, times: int) -> str:
    """Return the idempotency key: header values are ASCII, expense ids need not be."""
    # No quoted id has a colon, so it is nobody else's key.
    return quote(expense.id) + (f":{times}" if times > 1 else "")


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


def _is_web_page(body: str) -> bool:
    """Return whether somebody who logs in or reads would see this, and no payment was made."""
    return body.lstrip("\ufeff \t\r\n").startswith("<")


def _read(body: str, name: str) -> Any:
    """Read a member of an answer, such as its error, which some systems send as a success."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer.get(name) if isinstance(answer, dict) else None


def _reference(body: str) -> str | None:
    """Read the reference from {"reference": "TX-4711"}; None without one that can be kept."""
    reference = _read(body, "reference")
    try:
        return read_reference(reference) if isinstance(reference, str) else None
    except ValueError:
        return None


def _refusal_code(body: str) -> str | None:
    """Read the reason for a refusal from {"error": "INSUFFICIENT_FUNDS"}; None without one."""
    code = _read(body, "error")
    if not isinstance(code, str) or code.startswith(_ABOUT_THE_KEY):
        return None
    return code if re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", code) else None


def host_of(url: str | None) -> str | None:
    """Return the host of an address, by which payment systems are told apart."""
    return URL(url).host if url else None


def make_payments(
    session: aiohttp.ClientSession, url: str | None, keys: list[str]
) -> PaymentSystem | FinancePays:
    """Make what pays approved expenses; without an address, finance does."""
    return PaymentSystem(session, url, keys) if url else FinancePays()
