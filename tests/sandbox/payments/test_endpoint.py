"""The payment endpoint of the demo."""

import asyncio
import base64
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.payments.endpoint import webhook
from tests.support.stopwatch import PATIENCE


async def pay(
    http: aiohttp.ClientSession,
    slack: Sandbox,
    key: str = "E-1",
    amount: str = "42.50",
    *,
    secret: str | None = None,
    age: int = 0,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    **fields: Any,
) -> tuple[int, dict[str, Any]]:
    document = {"expense_id": key, "amount": amount, "currency": "EUR", "payee": "U1", **fields}
    body = json.dumps(document).encode() if body is None else body
    stamp = int(time.time()) - age
    signed = {
        "webhook-id": key,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(secret or slack.payments.key, key, stamp, body),
    }
    signed |= headers or {}
    async with http.post(slack.payment_url, data=body, headers=signed) as response:
        return response.status, await response.json()


def signature(key: str, webhook_id: str, stamp: int, body: bytes) -> str:
    """Sign as Standard Webhooks describes, also bytes that are no text."""
    now, text = datetime.fromtimestamp(stamp, UTC), body.decode(errors="replace")
    return webhook(key).sign(webhook_id, now, text)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the Standard Webhooks specification.
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_paying_within_the_budget(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    status, answer = await pay(http, slack)
    assert status == 200
    assert answer["status"] == "paid"
    assert slack.payments.paid == [
        {
            "expense_id": "E-1",
            "amount": "42.50",
            "currency": "EUR",
            "payee": "U1",
            "reference": answer["reference"],
        }
    ]
    assert slack.payments.public()["budget"] == {"EUR": "957.50", "GBP": "1000", "USD": "1000"}


async def test_the_same_key_pays_once(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    answers = await asyncio.gather(*[pay(http, slack, note=str(number)) for number in range(5)])
    assert len({answer["reference"] for _, answer in answers}) == 1
    assert len(slack.payments.paid) == 1
    status, answer = await pay(http, slack, amount="43")
    assert status == 422
    assert "another payment" in answer["error"]


async def test_a_budget_ends(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    assert (await pay(http, slack, "E-1", "999.99"))[0] == 200
    for _ in range(2):
        assert await pay(http, slack, "E-2", "0.02") == (402, {"error": "INSUFFICIENT_FUNDS"})
    assert (await pay(http, slack, "E-3", "0.01"))[0] == 200
    assert (await pay(http, slack, "E-4", "1000", currency="CHF"))[0] == 200
    assert slack.payments.public()["budget"]["CHF"] == "0"


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,é"},
        {"webhook-id": ""},
        {"webhook-id": "é"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "١٢"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-id": "E-2"},
    ],
)
async def test_a_wrong_signature(
    slack: Sandbox, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    status, answer = await pay(http, slack, headers=headers)
    assert status == 401
    assert answer["error"].startswith("webhook-")
    assert slack.payments.paid == []


async def test_a_wrong_key(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    assert (await pay(http, slack, secret="other"))[0] == 401


@pytest.mark.parametrize("age", [301, -330])
async def test_an_old_signature(slack: Sandbox, http: aiohttp.ClientSession, age: int) -> None:
    assert (await pay(http, slack, age=age))[0] == 401


async def test_one_of_several_signatures_is_enough(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    body = json.dumps({"expense_id": "E-1", "amount": "1", "currency": "EUR"}).encode()
    stamp = int(time.time())
    other, right = (signature(key, "E-1", stamp, body) for key in ("other", slack.payments.key))
    headers = {"webhook-timestamp": str(stamp), "webhook-signature": f"{other} {right}"}
    assert (await pay(http, slack, body=body, headers=headers))[0] == 200


async def test_an_encoded_key(http: aiohttp.ClientSession) -> None:
    encoded = "whsec_" + base64.b64encode(b"0123456789").decode()
    async with Sandbox.start() as slack:
        slack.payments.key = encoded
        assert (await pay(http, slack, secret="0123456789"))[0] == 200


def test_a_key_that_is_not_base64() -> None:
    webhook("plain")
    for key in ("whsec_not base64", "whsec_"):
        with pytest.raises(ValueError, match="base64"):
            webhook(key)


@pytest.mark.parametrize(
    "amount", ["0", "-1", "NaN", "Infinity", "1e999999999999999999999", "1,50", "", "١٢", "lots"]
)
async def test_amounts_that_are_none(
    slack: Sandbox, http: aiohttp.ClientSession, amount: str
) -> None:
    status, answer = await pay(http, slack, amount=amount)
    assert status == 400
    assert "amount" in answer["error"]


async def test_a_huge_amount(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    assert (await pay(http, slack, amount="1e999"))[0] == 402


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 42.5},
        {"currency": "euro"},
        {"currency": None},
        {"expense_id": "E-2"},
        {"expense_id": 1},
    ],
)
async def test_malformed_payments(
    slack: Sandbox, http: aiohttp.ClientSession, fields: dict[str, Any]
) -> None:
    status, answer = await pay(http, slack, **fields)
    assert status == 400
    assert answer["error"].endswith(".")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
async def test_bodies_that_are_no_payment(
    slack: Sandbox, http: aiohttp.ClientSession, body: bytes
) -> None:
    assert (await pay(http, slack, body=body))[0] == 400


async def test_trouble(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    slack.faults.add("payments", "error", status=502, times=1)
    with pytest.raises(aiohttp.ContentTypeError):
        await pay(http, slack)
    slack.faults.add("payments", "lost", times=1)
    with pytest.raises(aiohttp.ClientError):
        await pay(http, slack)
    assert len(slack.payments.paid) == 1
    assert (await pay(http, slack))[0] == 200
    assert len(slack.payments.paid) == 1


async def test_while_the_first_request_is_worked_on_its_repetition_is_409(
    http: aiohttp.ClientSession,
) -> None:
    async with Sandbox.start() as slack:
        slack.faults.add("payments", "slow", seconds=PATIENCE, times=1)
        first = asyncio.create_task(pay(http, slack))
        async with asyncio.timeout(PATIENCE):
            while not slack.payments.in_progress:
                await asyncio.sleep(0.01)
        assert await pay(http, slack) == (409, {"error": "REQUEST_IN_PROGRESS"})
        assert (await pay(http, slack, "E-2"))[0] == 200
        first.cancel()  # hanging up stops nothing
    assert [paid["expense_id"] for paid in slack.payments.paid] == ["E-2", "E-1"]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, "<html>Nobody is here</html>", "text/html"),
        (200, "<!doctype html>", "text/html"),
        (403, "Forbidden", "text/plain"),
        (402, '{"error": "INSUFFICIENT_FUNDS"}', "application/json"),
    ],
)
async def test_what_stands_before_it_may_answer(
    slack: Sandbox, http: aiohttp.ClientSession, status: int, body: str, kind: str
) -> None:
    slack.faults.add("payments", "error", status=status, body=body, times=1)
    async with http.post(slack.payment_url) as response:
        assert (response.status, await response.text()) == (status, body)
        assert response.content_type == kind


async def test_what_was_paid_survives_a_restart(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with Sandbox.start(state_file=tmp_path / "state.db") as slack:
        first = await pay(http, slack)
    async with Sandbox.start(state_file=tmp_path / "state.db") as slack:
        assert await pay(http, slack) == first
        assert len(slack.payments.paid) == 1
        assert slack.payments.public()["budget"]["EUR"] == "957.50"


async def test_an_id_that_headers_cannot_hold_is_percent_encoded(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    status, _ = await pay(http, slack, quote("Müsli 🥣"), expense_id="Müsli 🥣")
    assert status == 200
    assert slack.payments.paid[0]["expense_id"] == "Müsli 🥣"


async def test_nothing_is_paid_whose_amount_nobody_knows(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    answer = await pay(http, slack, amount=None, currency=None)  # type: ignore[arg-type]
    assert answer == (422, {"error": "AMOUNT_UNKNOWN"})
    assert slack.payments.paid == []
