"""Asking a payment system, on a real server that checks signatures with the library."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import nullcontext
from urllib.parse import unquote

import aiohttp
import pytest
from aiohttp import web

from bot import __version__
from bot.domain.errors import PaymentRefused, TryAgain, Unanswered
from bot.domain.expense import State
from bot.payment_system import FinancePays, PaymentSystem
from bot.slack.web_client import make_session
from tests.support.claims import expense, foreign
from tests.support.payments import KEY, FakePayments, fake_payments


@pytest.fixture
async def payments() -> AsyncIterator[FakePayments]:
    async with fake_payments() as fake:
        yield fake


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with make_session() as session:
        yield session


@pytest.fixture
def system(session: aiohttp.ClientSession, payments: FakePayments) -> PaymentSystem:
    return PaymentSystem(session, payments.url, [KEY])


async def test_a_payment_is_asked_for_with_all_that_it_takes(
    system: PaymentSystem, payments: FakePayments
) -> None:
    await system.pay(expense(State.APPROVED))
    [(headers, body)] = payments.requests
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == f"expense-approvals/{__version__}"
    assert body == {
        "expense_id": "ABCDEFGHIJKL",
        "payee": "U0ADA4KFR7Q",
        "amount": "999999999.00",
        "currency": "EUR",
        "description": "Team lunch",
        "approved_by": "U0MNA5LRT9W",
    }


async def test_the_expense_id_is_the_idempotency_key(
    system: PaymentSystem, payments: FakePayments
) -> None:
    await system.pay(expense(State.APPROVED))
    await system.pay(expense(State.APPROVED))
    keys = [(headers["Idempotency-Key"], headers["webhook-id"]) for headers, _ in payments.requests]
    assert keys == [("ABCDEFGHIJKL", "ABCDEFGHIJKL")] * 2


@pytest.mark.parametrize(
    "expense_id", ["💸 lunch", "a/b?c#d", "naïve", 'say "hi"', "%41", "漢" * 200, "a, b; c"]
)
async def test_an_odd_id_travels_whole_in_headers(
    system: PaymentSystem, payments: FakePayments, expense_id: str
) -> None:
    await system.pay(foreign(State.APPROVED, expense_id))
    [(headers, body)] = payments.requests
    assert unquote(headers["Idempotency-Key"]) == expense_id == body["expense_id"]
    assert headers["webhook-id"] == headers["Idempotency-Key"]
    assert body["amount"] is None


async def test_a_key_in_the_standard_s_own_form_signs_too(
    session: aiohttp.ClientSession, payments: FakePayments
) -> None:
    key = "whsec_YSBzaGFyZWQgc2VjcmV0IG9mIHRoZSBwYXltZW50IHRlc3Rz"  # KEY in base64
    await PaymentSystem(session, payments.url, [key]).pay(expense(State.APPROVED))
    assert len(payments.requests) == 1


async def test_while_keys_are_replaced_either_will_do(
    session: aiohttp.ClientSession, payments: FakePayments
) -> None:
    await PaymentSystem(session, payments.url, ["the next key", KEY]).pay(expense(State.APPROVED))
    assert len(payments.requests) == 1


async def test_a_wrong_key_pays_nothing(
    session: aiohttp.ClientSession, payments: FakePayments
) -> None:
    with pytest.raises(TryAgain):
        await PaymentSystem(session, payments.url, ["another key"]).pay(expense(State.APPROVED))
    assert payments.requests == []


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_is_a_payment(
    system: PaymentSystem, payments: FakePayments, status: int
) -> None:
    payments.says(b"" if status == 204 else "whatever", status=status)
    await system.pay(expense(State.APPROVED))


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ('{"reference": "TX-4711"}', "TX-4711"),
        ('{"reference": " TX\\n<b>\\u202e 1 "}', "TX <b> 1"),
        ('{"reference": ""}', None),
        ('{"reference": 4711}', None),
        ('{"reference": {"id": 1}}', None),
        (f'{{"reference": "{"x" * 140}"}}', "x" * 140),
        (f'{{"reference": "{"x" * 141}"}}', None),
        ('{"reference": "DE89 3704 0044 0532 0130 00"}', None),
        ('["reference"]', None),
        ("reference", None),
    ],
)
async def test_the_reference_of_an_answer_is_kept_in_a_line_if_it_is_one(
    system: PaymentSystem, payments: FakePayments, answer: str, reference: str | None
) -> None:
    payments.says(answer, status=200, content_type="application/json")
    assert await system.pay(expense(State.APPROVED)) == reference


@pytest.mark.parametrize(
    ("error", "is_paid"),
    [("null", True), ('""', True), ('"INSUFFICIENT_FUNDS"', False), ('{"code": 5}', False)],
)
async def test_a_success_that_names_an_error_is_neither_a_payment_nor_a_refusal(
    system: PaymentSystem, payments: FakePayments, error: str, *, is_paid: bool
) -> None:
    payments.says(f'{{"error": {error}}}', status=200, content_type="application/json")
    words = "EXPENSE_PAYMENT_URL answered 200, and not as a payment system does"
    with nullcontext() if is_paid else pytest.raises(TryAgain, match=words):
        await system.pay(expense(State.APPROVED))


@pytest.mark.parametrize("status", [400, 402, 403, 410, 422])
async def test_a_refusal_carries_its_code(
    system: PaymentSystem, payments: FakePayments, status: int
) -> None:
    payments.says('{"error": "INSUFFICIENT_FUNDS"}', status=status)
    with pytest.raises(PaymentRefused) as refusal:
        await system.pay(expense(State.APPROVED))
    assert refusal.value.code == "INSUFFICIENT_FUNDS"


@pytest.mark.parametrize(
    "body",
    [
        *(
            "",
            "no",
            "[]",
            "null",
            "{}",
            '{"error": null}',
            '{"error": 5}',
            '{"error": ""}',
            b"\xff",
        ),
        *('{"error": "not enough"}', '{"error": "A\\nB"}', '{"error": "<!channel>"}'),
        *('{"error": "1ST"}', json.dumps({"error": "X" * 65}), "[" * 100_000, '{"error": "ÄÖ"}'),
        *("<html>Payment required</html>", '{"title": "Idempotency-Key is already used"}'),
        '{"error": "IDEMPOTENCY_KEY_REUSED"}',
    ],
)
@pytest.mark.parametrize("status", [402, 422])
async def test_without_a_code_of_its_own_nothing_is_a_refusal(
    system: PaymentSystem, payments: FakePayments, body: str | bytes, status: int
) -> None:
    payments.says(body, status=status, content_type="application/json", charset="nonsense")
    with pytest.raises(TryAgain, match=f"answered {status}"):
        await system.pay(expense(State.APPROVED))


@pytest.mark.parametrize("status", [401, 404, 405, 408, 409, 418, 425, 429, 500, 502, 503, 504])
async def test_what_is_no_answer_to_the_question_is_asked_again(
    system: PaymentSystem, payments: FakePayments, status: int
) -> None:
    payments.says('{"error": "INSUFFICIENT_FUNDS"}', status=status)
    with pytest.raises(TryAgain, match=f"answered {status}"):
        await system.pay(expense(State.APPROVED))


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
async def test_what_may_be_working_on_the_payment_has_not_answered(
    system: PaymentSystem,
    payments: FakePayments,
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    payments.says('{"error": "REQUEST_IN_PROGRESS"}', status=status)
    with pytest.raises(Unanswered):
        await system.pay(expense(State.APPROVED))
    assert not [line for line in caplog.records if line.levelname == "ERROR"]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 410, 422])
async def test_the_operator_is_told_once_of_what_is_no_payment_system(
    system: PaymentSystem,
    payments: FakePayments,
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    payments.says("<html>Nobody is here</html>", status=status, content_type="text/html")
    for _ in range(3):
        with pytest.raises(TryAgain):
            await system.pay(expense(State.APPROVED))
    [line] = caplog.records
    assert line.levelname == "ERROR"
    assert f"EXPENSE_PAYMENT_URL answered {status}" in line.message
    assert KEY not in line.message
    [found] = await system.look()
    assert f"answered {status} to a payment" in found.what
    payments.answer = None
    await system.pay(expense(State.APPROVED))
    assert "answered" not in (await system.look())[0].what


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("<!DOCTYPE html><p>Log in</p>", "text/html"),
        ("\n<html>", "text/html"),
        ("<!-- a proxy --><HTML lang='en'>", "text/html"),
        ("<script>location = '/login'</script>", "text/html"),
        ("<?xml version='1.0'?><!DOCTYPE html>", "application/xhtml+xml"),
        ("<head><title>Log in</title>", "text/plain"),
        ("<!doctype html>", None),
    ],
)
async def test_a_web_page_is_no_payment_whatever_its_status(
    system: PaymentSystem,
    payments: FakePayments,
    page: str,
    kind: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    payments.says(page.encode(), status=200, content_type=kind)
    with pytest.raises(TryAgain, match="answered 200"):
        await system.pay(expense(State.APPROVED))
    assert "EXPENSE_PAYMENT_URL answered 200" in caplog.text
    # Frameworks that take every text for HTML say so of this, too.
    payments.says("paid", status=200, content_type="text/html")
    await system.pay(expense(State.APPROVED))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_no_payment(
    system: PaymentSystem, payments: FakePayments, status: int
) -> None:
    payments.says("", status=status, headers={"Location": "/login"})
    with pytest.raises(TryAgain, match=f"answered {status}"):
        await system.pay(expense(State.APPROVED))
    assert len(payments.requests) == 1


async def test_silence_is_asked_again(
    session: aiohttp.ClientSession, payments: FakePayments
) -> None:
    system = PaymentSystem(session, payments.url, [KEY], aiohttp.ClientTimeout(total=0.2))

    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    payments.answer = hang
    with pytest.raises(TryAgain, match="does not answer"):
        await system.pay(expense(State.APPROVED))


async def test_a_closed_door_is_tried_again(
    session: aiohttp.ClientSession, closed_port: int
) -> None:
    system = PaymentSystem(session, f"http://127.0.0.1:{closed_port}/pay", [KEY])
    with pytest.raises(TryAgain, match="does not answer"):
        await system.pay(expense(State.APPROVED))


@pytest.mark.parametrize(
    ("status", "kind", "is_paid"),
    [
        (402, "application/json", False),
        (200, "application/json", True),  # its status has said so
        (200, "text/html", False),  # and whose it is, only the rest would tell
    ],
)
async def test_of_an_answer_that_breaks_off_only_a_success_counts(
    system: PaymentSystem, payments: FakePayments, status: int, kind: str, is_paid: bool
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Length": "100", "Content-Type": kind}
        answer = web.StreamResponse(status=status, headers=headers)
        await answer.prepare(request)
        await answer.write(b'{"error": "INSUFF')
        await asyncio.sleep(0.05)  # so that the begin of it arrives
        assert request.transport
        request.transport.abort()
        return answer

    payments.answer = break_off
    with nullcontext() if is_paid else pytest.raises(Unanswered, match="does not answer"):
        await system.pay(expense(State.APPROVED))


async def test_without_a_payment_system_there_is_nothing_to_ask() -> None:
    await FinancePays().pay(expense(State.APPROVED))
