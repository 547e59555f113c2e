"""The worker's calls on real sockets: every answer of the contract, and bad input of every kind."""

import asyncio
import base64
import gzip
import io
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from temporalio.client import Client

from tests.support.claims import TEXTS
from tests.support.house import ADA, APPROVALS, KEY, MINA, House, house

TOKEN = "0a0b0c"
WORDS = re.compile(r"[^\n]{1,200}")


@pytest.fixture(scope="module")
async def shared(
    temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A bot with no worker: these tests are its worker."""
    queue, folder = f"test-{uuid.uuid4()}", tmp_path_factory.mktemp("api")
    async with house(temporal_client, queue, folder, worker=False) as running:
        yield running


def new_id() -> str:
    return f"e-{uuid.uuid4()}"


def of(workflow_id: str, run_id: str = "run-1", **more: str) -> dict[str, str]:
    """The headers by which a worker says for whom it calls."""
    return {
        "X-Temporal-Workflow-Id": quote(workflow_id),
        "X-Temporal-Run-Id": quote(run_id),
        **more,
    }


async def call(
    h: House, method: str, path: str, *, data: Any = None, headers: Any = None
) -> tuple[int, str]:
    async with h.http.request(method, h.bot_url + path, data=data, headers=headers) as response:
        return response.status, await response.text()


async def create(h: House, expense_id: str, headers: Any = None) -> tuple[int, str]:
    return await call(
        h, "GET", f"/create?id={quote(expense_id, safe='')}&is_api_call=true", headers=headers
    )


async def register(h: House, expense_id: str, headers: Any = None) -> tuple[int, str]:
    return await h.post("/registerCallback", {"task_token": TOKEN}, headers, id=expense_id)


async def pay(h: House, expense_id: str) -> tuple[int, str]:
    return await h.get("/action", type="payment", id=expense_id, is_api_call="true")


async def submitted(h: House) -> str:
    """Submit an expense in Slack, whose workflow nobody runs, and say its id."""
    ack = await h.slack.command(ADA, "/expense", "submit 42.50 EUR Team lunch")
    found = re.search(r"expense 2\d+-\d+, id ([A-Z2-7]{12})", ack.text)
    assert found, ack
    await h.until_started(found[1])
    return found[1]


async def asked(h: House) -> str:
    """Bring an expense to where the approvers are asked, as a worker does, and say its id."""
    expense_id = await submitted(h)
    headers = of(f"expense_{expense_id}")
    assert await create(h, expense_id, headers) == (200, "SUCCEED")
    assert await register(h, expense_id, headers) == (200, "SUCCEED")
    return expense_id


async def approved(h: House) -> str:
    expense_id = await asked(h)
    assert (await h.slack.click(MINA, h.message(expense_id), "approve_expense")).ok
    assert await h.status(expense_id) == "APPROVED"
    return expense_id


# /create


async def test_create_makes_an_expense_once(shared: House) -> None:
    expense_id = new_id()
    assert await h_status(shared, expense_id) == (200, "ERROR:INVALID_ID")
    assert await create(shared, expense_id) == (200, "SUCCEED")
    assert await h_status(shared, expense_id) == (200, "CREATED")
    assert await create(shared, expense_id) == (200, "ERROR:ID_ALREADY_EXISTS")


async def h_status(h: House, expense_id: str) -> tuple[int, str]:
    return await h.get("/status", id=expense_id)


async def test_create_repeated_by_the_same_run_says_the_same(shared: House) -> None:
    expense_id = new_id()
    for _ in range(3):
        assert await create(shared, expense_id, of("w")) == (200, "SUCCEED")
    assert await create(shared, expense_id, of("w", "run-2")) == (200, "ERROR:ID_ALREADY_EXISTS")
    assert await create(shared, expense_id, of("w2", "run-2")) == (200, "ERROR:ID_ALREADY_EXISTS")
    assert await create(shared, expense_id) == (200, "ERROR:ID_ALREADY_EXISTS")


async def test_create_at_the_same_instant_succeeds_once(shared: House) -> None:
    expense_id = new_id()
    answers = await asyncio.gather(*(create(shared, expense_id) for _ in range(20)))
    assert sorted(answers) == [(200, "ERROR:ID_ALREADY_EXISTS")] * 19 + [(200, "SUCCEED")]


async def test_create_takes_charge_of_what_was_submitted(shared: House) -> None:
    expense_id = await submitted(shared)
    assert await h_status(shared, expense_id) == (200, "SUBMITTED")
    stranger = of("another workflow", "run-9")
    assert await create(shared, expense_id, stranger) == (200, "ERROR:ID_ALREADY_EXISTS")
    own = of(f"expense_{expense_id}")
    assert await create(shared, expense_id, own) == (200, "SUCCEED")
    assert await create(shared, expense_id, own) == (200, "SUCCEED")
    assert await h_status(shared, expense_id) == (200, "CREATED")


# /registerCallback


async def test_a_registration_asks_the_approvers_once(shared: House) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    for _ in range(3):
        assert await register(shared, expense_id) == (200, "SUCCEED")
    about = [m for m in shared.slack.messages(APPROVALS) if expense_id in m["text"]]
    assert len(about) == 1


async def test_a_registration_of_an_unknown_id_is_refused(shared: House) -> None:
    assert await register(shared, new_id()) == (200, "ERROR:INVALID_ID")


async def test_a_registration_by_another_workflow_is_refused(shared: House) -> None:
    expense_id = new_id()
    await create(shared, expense_id, of("w1"))
    assert await register(shared, expense_id, of("w2")) == (200, "ERROR:INVALID_STATE")


async def test_a_registration_before_creation_is_refused(shared: House) -> None:
    expense_id = await submitted(shared)
    assert await register(shared, expense_id) == (200, "ERROR:INVALID_STATE")


@pytest.mark.parametrize(
    "token",
    [
        *("nothex", "0", "abc", "0x0a", "0a 0b", " 0a", "0a\n", "٠a", "0a0b0g", "🔑", "\x00\x00"),
        *("'; DROP TABLE expenses; --", "<b>", "%00", "aa" * 4097, "aa" * 10_000),
    ],
)
async def test_a_token_that_is_not_hex_is_refused(shared: House, token: str) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    answer = await shared.post("/registerCallback", {"task_token": token}, id=expense_id)
    assert answer == (200, "ERROR:INVALID_FORM_DATA")
    assert not [m for m in shared.slack.messages(APPROVALS) if expense_id in m["text"]]


@pytest.mark.parametrize("token", ["0a0b", "0A0B", "00", "ff" * 4096])
async def test_any_hex_is_a_token(shared: House, token: str) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    answer = await shared.post("/registerCallback", {"task_token": token}, id=expense_id)
    assert answer == (200, "SUCCEED")


@pytest.mark.parametrize(
    "form",
    [
        *(b"", b"task_token=", b"task_token=+", b"task_token", b"token=0a", b"Task_Token=0a"),
        *(b'{"task_token": "0a"}', b"[]", b"\n", b"&&&", b"=0a"),
        b'--x\r\nContent-Disposition: form-data; name="task_token"\r\n\r\n0a\r\n--x--\r\n',
    ],
)
async def test_a_missing_token_is_named(shared: House, form: bytes) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    answer = await call(shared, "POST", f"/registerCallback?id={expense_id}", data=form)
    assert answer == (422, "task_token is missing.")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (b"task_token=0a&task_token=0b", "task_token is given twice; give it once."),
        (b"task_token=0a&task_token=0a", "task_token is given twice; give it once."),
        (b"\xff\xfe=0a", "The form is not URL-encoded."),
        (b"task_token=%ff%fe", "The form is not UTF-8."),
        ("task_token=ключ".encode(), "The form is not URL-encoded."),
        (b"&".join(b"f%d=1" % n for n in range(25)), "The form has too many fields."),
        (b"\x1f\x8b\x08\x00garbage", "The form is not URL-encoded."),
    ],
)
async def test_a_form_that_cannot_be_read_gets_a_sentence(
    shared: House, form: bytes, sentence: str
) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    answer = await call(shared, "POST", f"/registerCallback?id={expense_id}", data=form)
    assert answer == (422, sentence)
    assert not [m for m in shared.slack.messages(APPROVALS) if expense_id in m["text"]]


@pytest.mark.parametrize("path", ["/registerCallback?id=e", "/action?type=payment&id=e"])
async def test_a_body_that_is_too_large_is_refused(shared: House, path: str) -> None:
    status, sentence = await call(
        shared, "POST", path, data=io.BytesIO(b"task_token=" + b"a" * 2_000_000)
    )
    assert status == 413
    assert WORDS.fullmatch(sentence)
    bomb = gzip.compress(b"task_token=" + b"a" * 50_000_000)
    status, _ = await call(shared, "POST", path, data=bomb, headers={"Content-Encoding": "gzip"})
    assert status == 413


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(shared: House) -> None:
    status, _ = await call(
        shared,
        "POST",
        "/registerCallback?id=e",
        data=b"task_token=0a",
        headers={"Content-Encoding": "gzip"},
    )
    assert status == 400


async def test_a_registration_while_slack_is_away_asks_to_try_again(shared: House) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    shared.slack.faults.add("chat.postMessage", "error", status=503)
    status, sentence = await register(shared, expense_id)
    shared.slack.faults.clear()
    assert (status, sentence) == (
        503,
        "The approvers cannot be asked in Slack just now. Please try again.",
    )
    assert await register(shared, expense_id) == (200, "SUCCEED")
    assert len([m for m in shared.slack.messages(APPROVALS) if expense_id in m["text"]]) == 1


# /action


async def test_a_payment_is_made_once_and_says_so_each_time(shared: House) -> None:
    expense_id = await approved(shared)
    for _ in range(3):
        assert await pay(shared, expense_id) == (200, "SUCCEED")
    assert await h_status(shared, expense_id) == (200, "COMPLETED")


@pytest.mark.parametrize("how", ["query", "form", "both"])
async def test_a_payment_may_be_asked_for_in_query_or_form(shared: House, how: str) -> None:
    expense_id = await approved(shared)
    words = {"type": "payment", "id": expense_id, "is_api_call": "true"}
    answer = await shared.post(
        "/action", words if how != "query" else {}, None, **(words if how != "form" else {})
    )
    assert answer == (200, "SUCCEED")


async def test_what_is_not_approved_is_not_paid(shared: House) -> None:
    expense_id = new_id()
    assert await pay(shared, expense_id) == (200, "ERROR:INVALID_ID")
    await create(shared, expense_id)
    assert await pay(shared, expense_id) == (200, "ERROR:INVALID_STATE")
    assert await h_status(shared, expense_id) == (200, "CREATED")
    assert await pay(shared, await submitted(shared)) == (200, "ERROR:INVALID_STATE")


async def test_what_is_rejected_is_not_paid(shared: House) -> None:
    expense_id = await asked(shared)
    assert (await shared.slack.click(MINA, shared.message(expense_id), "reject_expense")).ok
    form = await shared.slack.until(lambda: shared.slack.open_view(MINA))
    assert (await shared.slack.submit(MINA, form, {"reason": "No receipt"})).ok
    await shared.until_status(expense_id, "REJECTED")
    assert await pay(shared, expense_id) == (200, "ERROR:INVALID_STATE")
    assert await h_status(shared, expense_id) == (200, "REJECTED")


@pytest.mark.parametrize("kind", ["approve", "reject", "PAYMENT", "payment ", "refund", *TEXTS])
async def test_nothing_else_can_be_asked_for(shared: House, kind: str) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    answer = await shared.get("/action", type=kind, id=expense_id, is_api_call="true")
    assert answer == (200, "ERROR:INVALID_TYPE")
    assert await h_status(shared, expense_id) == (200, "CREATED")


async def test_query_and_form_that_disagree_are_refused(shared: House) -> None:
    words = {"type": "payment", "id": "one", "is_api_call": "true"}
    answer = await shared.post("/action", words, None, **{**words, "id": "two"})
    assert answer == (422, "id is given twice; give it once.")


# Parameters


@pytest.mark.parametrize(
    ("method", "path", "missing"),
    [
        ("GET", "/create?is_api_call=true", "id"),
        ("GET", "/create?id=&is_api_call=true", "id"),
        ("GET", "/create?id=%20%09&is_api_call=true", "id"),
        ("GET", "/create?id=%E2%80%83&is_api_call=true", "id"),
        ("GET", "/create?id=e", "is_api_call"),
        ("GET", "/create?id=e&is_api_call=", "is_api_call"),
        ("GET", "/create", "is_api_call"),
        ("GET", "/create?ID=e&is_api_call=true", "id"),
        ("POST", "/registerCallback", "id"),
        ("POST", "/registerCallback?id=", "id"),
        ("GET", "/action?id=e&is_api_call=true", "type"),
        ("GET", "/action?type=&id=e&is_api_call=true", "type"),
        ("GET", "/action?type=payment&is_api_call=true", "id"),
        ("GET", "/action?type=payment&id=e", "is_api_call"),
        ("POST", "/action", "is_api_call"),
        ("POST", "/action?type=payment&is_api_call=true", "id"),
        ("GET", "/status?id=", "id"),
    ],
)
async def test_a_missing_parameter_is_named(
    shared: House, method: str, path: str, missing: str
) -> None:
    assert await call(shared, method, path) == (422, f"{missing} is missing.")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/create?id=e&is_api_call=false", "is_api_call must be true."),
        ("/create?id=e&is_api_call=True", "is_api_call must be true."),
        ("/action?type=payment&id=e&is_api_call=1", "is_api_call must be true."),
        ("/create?id=a&id=b&is_api_call=true", "id is given twice; give it once."),
        ("/status?id=a&id=a", "id is given twice; give it once."),
        ("/status?id=%ff%fe", "The query is not UTF-8."),
        ("/status?id=%ed%a0%80", "The query is not UTF-8."),
        ("/status?" + "&".join(f"f{n}=1" for n in range(25)), "The query has too many fields."),
        ("/status?id=" + "x" * 201, "id is longer than 200 characters."),
    ],
)
async def test_a_query_that_cannot_be_read_gets_a_sentence(
    shared: House, path: str, sentence: str
) -> None:
    url = aiohttp.client.URL(shared.bot_url + path, encoded=True)
    async with shared.http.get(url) as response:
        assert (response.status, await response.text()) == (422, sentence)


@pytest.mark.parametrize(
    "odd",
    [
        "a\x00b",
        "a\nb",
        "a\rb",
        "\x1b[31m",
        "\u202eabc",
        "a\u200bb",
        "\ufeffid",
        "a\u2028b",
        "\u0085",
    ],
)
async def test_an_id_with_what_cannot_be_seen_is_refused(shared: House, odd: str) -> None:
    assert await create(shared, f"x{odd}x") == (422, "id has characters that cannot be seen.")
    assert await h_status(shared, f"x{odd}x") == (422, "id has characters that cannot be seen.")


async def test_an_id_of_ten_thousand_characters_is_refused(shared: House) -> None:
    status, _ = await create(shared, "x" * 10_000)
    assert 400 <= status < 500
    status, sentence = await create(shared, "x" * 5_000)
    assert (status, sentence) == (422, "id is longer than 200 characters.")


PRINTABLE = [text for text in TEXTS if text.isprintable()]


@pytest.mark.parametrize(
    "text",
    [
        *PRINTABLE,
        *("💸", "naïve id", "%41", "a/b?c#d&e=f", "..", '"', "\\", "-1", "null"),
        *("x" * 200, "漢" * 200, "&" * 200),
    ],
)
async def test_an_odd_id_is_an_id_like_any_other(shared: House, text: str) -> None:
    expense_id = text if len(text) == 200 else f"{text} {uuid.uuid4().hex[:8]}"
    assert await create(shared, expense_id) == (200, "SUCCEED")
    assert await create(shared, expense_id) == (200, "ERROR:ID_ALREADY_EXISTS")
    assert await h_status(shared, expense_id) == (200, "CREATED")
    before = len(shared.slack.messages(APPROVALS))
    assert await register(shared, expense_id) == (200, "SUCCEED")
    [message] = shared.slack.messages(APPROVALS)[before:]
    escaped = expense_id.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    number = re.search(r"expense (2\d+-\d+), id ", message["text"])
    assert number
    assert f"expense {number[1]}, id {escaped}" in message["text"]
    shown = {e["text"] for b in message["blocks"] if b["type"] == "context" for e in b["elements"]}
    assert shown == {f"Expense {number[1]}, id {expense_id}"}
    assert await pay(shared, expense_id) == (200, "ERROR:INVALID_STATE")


# Headers


@pytest.mark.parametrize(
    "header",
    [
        ("X-Temporal-Workflow-Id", b""),
        ("X-Temporal-Workflow-Id", b"%00"),
        ("X-Temporal-Workflow-Id", b"%ff"),
        ("X-Temporal-Workflow-Id", b"\xff"),
        ("X-Temporal-Workflow-Id", b"x" * 1001),
        ("X-Temporal-Run-Id", b""),
        ("X-Temporal-Run-Id", b"\xc3"),
        ("X-Temporal-Run-Id", b"x" * 101),
    ],
)
async def test_a_header_that_is_no_id_is_refused(shared: House, header: tuple[str, bytes]) -> None:
    name, value = header
    expense_id = new_id()
    query = f"/create?id={expense_id}&is_api_call=true"
    status, sentence = await raw(shared, "GET", query, {name: value})
    assert (status, sentence) == (422, f"The header {name} is not an id.")
    assert await h_status(shared, expense_id) == (200, "ERROR:INVALID_ID")


@pytest.mark.parametrize(
    "instant",
    [
        *("", "soon", "2026-01-31", "2026-01-31T12:00:00", "1769860800", "2026-02-30T00:00:00Z"),
        *("9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-12:00"),
        *("\u0661", "2026-01-31T12:00:00Z; x", "x" * 5000),
    ],
)
async def test_an_end_that_is_no_instant_is_refused(shared: House, instant: str) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    status, sentence = await raw(
        shared,
        "POST",
        f"/registerCallback?id={expense_id}",
        {"X-Temporal-Decide-By": instant.encode()},
        b"task_token=0a",
    )
    assert (status, sentence) == (
        422,
        "The header X-Temporal-Decide-By is not an instant such as 2026-01-31T12:00:00Z.",
    )
    assert not [m for m in shared.slack.messages(APPROVALS) if expense_id in m["text"]]


async def test_the_end_of_the_window_is_shown(shared: House) -> None:
    expense_id = new_id()
    await create(shared, expense_id)
    headers = {"X-Temporal-Decide-By": "2099-01-31T12:00:00+02:00"}
    assert await register(shared, expense_id, headers) == (200, "SUCCEED")
    assert "2099-01-31 10:00 UTC" in shared.message(expense_id)["text"]


# Keys


@pytest.mark.parametrize(
    "authorization",
    [
        *(None, b"", b"Bearer", b"Bearer ", b"Bearer wrong", f"Basic {KEY}".encode()),
        *(
            KEY.encode(),
            f"bearer {KEY}".encode(),
            f"Bearer {KEY}x".encode(),
            f"Bearer  {KEY}".encode(),
        ),
        *(f"Bearer {KEY[:-1]}".encode(), b"Bearer \xff\xfe", "Bearer ключ".encode(), b"x" * 5000),
        b"Basic " + base64.b64encode(KEY.encode()),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/create?id=locked&is_api_call=true"),
        ("POST", "/registerCallback?id=locked"),
        ("GET", "/action?type=payment&id=locked&is_api_call=true"),
        ("POST", "/action?type=payment&id=locked&is_api_call=true"),
        ("GET", "/status?id=locked"),
        ("GET", "/status"),
    ],
)
async def test_a_wrong_key_opens_nothing(
    shared: House,
    method: str,
    path: str,
    authorization: bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    status, sentence = await raw(shared, method, path, headers, key=None)
    assert (status, sentence) == (
        401,
        "The API key is missing or wrong; send Authorization: Bearer EXPENSE_API_KEY.",
    )
    assert await h_status(shared, "locked") == (200, "ERROR:INVALID_ID")
    assert KEY not in caplog.text


async def test_while_keys_are_replaced_either_opens(
    temporal_client: Client, task_queue: str, tmp_path: Any
) -> None:
    async with house(
        temporal_client, task_queue, tmp_path, worker=False, EXPENSE_API_KEY=f"next key,{KEY}"
    ) as h:
        assert await h_status(h, "e") == (200, "ERROR:INVALID_ID")
        status, _ = await raw(
            h, "GET", "/status?id=e", {"Authorization": b"Bearer next key"}, key=None
        )
        assert status == 200


@pytest.fixture(scope="module")
async def keyless(
    temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A bot without EXPENSE_API_KEY."""
    queue, folder = f"test-{uuid.uuid4()}", tmp_path_factory.mktemp("keyless")
    async with house(temporal_client, queue, folder, worker=False, EXPENSE_API_KEY="") as running:
        yield running


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:8099", "[::1]:8099"])
async def test_without_a_key_this_machine_is_answered(keyless: House, host: str) -> None:
    answer = await raw(keyless, "GET", "/status?id=e", {"Host": host.encode()}, key=None)
    assert answer == (200, "ERROR:INVALID_ID")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": b"bot.example.com"},
        {"Host": b"localhost.example.com"},
        {"Host": b"127.0.0.1.nip.io:80"},
        {"Host": b"localhost:port"},
        {"Host": b""},
        {"Host": b"a b"},
        {"Host": b"\xff"},
        {"Host": b"localhost:99999"},
        {"Host": b"localhost", "Origin": b"https://evil.example.com"},
        {"Host": b"localhost", "Origin": b"null"},
        {"Host": b"localhost", "Sec-Fetch-Site": b"cross-site"},
        {"Host": b"localhost", "Sec-Fetch-Site": b"same-site"},
    ],
)
async def test_without_a_key_nobody_else_is_answered(
    keyless: House, headers: dict[str, bytes]
) -> None:
    expense_id = new_id()
    path = f"/create?id={expense_id}&is_api_call=true"
    status, sentence = await raw(keyless, "GET", path, headers, key=None)
    assert status in (400, 403)
    if status == 403:
        assert sentence == "Without EXPENSE_API_KEY only callers on this machine are answered."
    assert await h_status(keyless, expense_id) == (200, "ERROR:INVALID_ID")


# Methods, paths and the log


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/create", "/registerCallback", "/action", "/status"])
async def test_other_methods_are_refused(shared: House, method: str, path: str) -> None:
    expense_id = new_id()
    query = f"{path}?id={expense_id}&is_api_call=true&type=payment"
    status, _ = await call(shared, method, query)
    assert status == 405
    assert await h_status(shared, expense_id) == (200, "ERROR:INVALID_ID")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/create"), ("GET", "/registerCallback"), ("POST", "/status")]
)
async def test_a_call_has_its_own_methods(shared: House, method: str, path: str) -> None:
    expense_id = new_id()
    assert (await call(shared, method, f"{path}?id={expense_id}&is_api_call=true"))[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/Create", "/create/", "/create/x", "//create", "/registercallback", "/.env"),
        *("/admin", "/status%00", "/..%2f..%2fetc/passwd", "/" + "x" * 5000, "/%ff", "/💸"),
    ],
)
async def test_other_paths_lead_nowhere(shared: House, path: str) -> None:
    assert (await call(shared, "GET", path))[0] == 404


async def test_nothing_secret_and_no_second_line_gets_into_the_log(
    shared: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="bot")
    secret, forged = "feedface" * 4, "x\nCRITICAL bot: forged"
    expense_id = new_id()
    await create(shared, expense_id)
    await shared.post("/registerCallback", {"task_token": f"{secret}zz"}, id=expense_id)
    await shared.post("/registerCallback", {"task_token": secret}, id=expense_id)
    await create(shared, forged)
    await h_status(shared, forged)
    await shared.get("/action", type=forged, id=expense_id, is_api_call="true")
    await shared.get("/status", **{forged: "1"})
    bot = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))
    assert secret not in bot
    assert KEY not in bot
    assert "forged" not in bot


async def raw(
    h: House,
    method: str,
    path: str,
    headers: dict[str, bytes],
    body: bytes = b"",
    key: str | None = KEY,
) -> tuple[int, str]:
    """Send a request byte by byte: clients would not send what some of these tests need."""
    host, port = h.bot_url.removeprefix("http://").split(":")
    lines = {"Host": f"{host}:{port}".encode(), "Content-Length": str(len(body)).encode()}
    if body:
        lines["Content-Type"] = b"application/x-www-form-urlencoded"
    if key is not None:
        lines["Authorization"] = f"Bearer {key}".encode()
    head = b"".join(b"%s: %s\r\n" % (k.encode(), v) for k, v in (lines | headers).items())
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"{method} {path} HTTP/1.1\r\n".encode() + head + b"Connection: close\r\n\r\n")
    writer.write(body)
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    top, _, text = answer.partition("\r\n\r\n")
    return int(top.split(" ")[1]), text
