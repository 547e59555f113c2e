"""The chain over the audit trail: what is done to it is named, with the expense and the line."""
# ruff: noqa: S608 - the names in these statements are those of this file.

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.database.engine.connection import Connection
from bot.database.trail.chain import NOTHING, commitment, line_hash
from bot.database.trail.erasure import erase
from bot.database.trail.sealing import BATCH, Sealer, Signed
from bot.database.trail.signing import Signer
from bot.database.trail.verification import Verification
from bot.domain import audit_events
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, SECRET, Rooms, rooms

NEW_SECRET = "another secret, of 34 characters.."


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Rooms]:
    """The rooms where both kinds of databases do the same."""
    async with rooms(sqlite_url) as opened:
        yield opened


async def rejected(here: Rooms, key: str) -> Expense:
    """An expense with a trail of three lines, of which a person wrote something."""
    expense = await here.submissions.submit(REQUESTER, LUNCH, key)
    await here.expenses.note(expense, audit_events.Refused("You cannot."), MANAGER)
    await here.submissions.withdraw(expense.id, REQUESTER)
    return expense


async def seal(here: Rooms, *keys: str) -> list[Signed]:
    """Seal everything, as a bot does that has just started."""
    sealer, found = Sealer(here.database, Signer([*keys, SECRET])), []
    while signed := await sealer.sweep():
        found.append(signed)
    return found


async def verify(here: Rooms, *published: str, secret: str = SECRET) -> list[str]:
    looking = Verification(here.database, Signer([secret]).public_keys, published)
    return [str(finding) async for finding in looking.findings()]


async def run(here: Rooms, sql: str, **given: Any) -> Any:
    async with here.database.writing() as connection:
        return await connection.execute(text(sql), given)


async def number(here: Rooms, expense: Expense, line: int) -> int:
    history = await here.expenses.history(expense.id)
    return history[line - 1].number


async def test_an_untouched_trail_is_clean_and_covered_by_a_signed_root(here: Rooms) -> None:
    assert await seal(here) == []
    assert await verify(here) == []
    one, other = await rejected(here, "1"), await rejected(here, "2")
    [signed] = await seal(here)
    assert [(entry.expense, entry.line) for entry in signed.root.entries] == [
        (expense.id, line) for expense in (one, other) for line in (1, 2, 3)
    ]
    assert await verify(here, signed.hash) == []
    assert await seal(here) == []
    await here.expenses.note(one, audit_events.Retried(), "operator")
    [second] = await seal(here)
    assert (second.root.number, second.root.previous) == (2, signed.hash)
    assert [(entry.expense, entry.line) for entry in second.root.entries] == [(one.id, 4)]
    assert await verify(here, signed.hash, second.hash) == []


CHANGES = {
    "expense_id": "(SELECT id FROM expenses WHERE id <> :expense)",
    "at": "(SELECT at FROM audit WHERE number > :number LIMIT 1)",
    "event": "'approve'",
    "actor": "'U0EVIL'",
    "state": "'COMPLETED'",
    "detail": "'Something else.'",
}


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize("column", CHANGES)
async def test_each_column_that_is_changed_is_named(file: Rooms, column: str, line: int) -> None:
    expense = await rejected(file, "1")
    await rejected(file, "2")
    await seal(file)
    which = await number(file, expense, line)
    sql = f"UPDATE audit SET {column} = {CHANGES[column]} WHERE number = :number"
    given = {"expense": expense.id} if ":expense" in sql else {}
    await run(file, sql, number=which, **given)
    found = await verify(file)
    assert found[0].startswith(f"expense {expense.id}, line {line}, was ")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("requester", "U0EVIL"), ("amount", "4250.00"), ("currency", "USD")),
        *(("description", "Dinner"), ("category", "travel"), ("spent_on", "2026-01-30")),
        *(("manager", "U0EVIL"), ("receipts", "[]"), ("plan", None), ("previous_id", "other")),
        *(("policy_sha256", "0"), ("coding", "{}")),
    ],
)
async def test_a_claim_that_is_changed_is_named(
    file: Rooms, column: str, value: str | None
) -> None:
    expense = await rejected(file, "1")
    await run(file, "UPDATE expenses SET plan = 'a plan'")
    await seal(file)
    assert await verify(file) == []
    await run(file, f"UPDATE expenses SET {column} = :value", value=value)
    assert await verify(file) == [
        f"expense {expense.id}, line 1, was changed, or the claim that it seals was"
    ]


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize("with_seal", [True, False], ids=["with seal", "alone"])
async def test_a_line_that_is_removed_is_named(file: Rooms, line: int, with_seal: bool) -> None:
    expense = await rejected(file, "1")
    await rejected(file, "2")
    await seal(file)
    which = await number(file, expense, line)
    await run(file, "DELETE FROM audit WHERE number = :number", number=which)
    if with_seal:
        await run(file, "DELETE FROM audit_seals WHERE number = :number", number=which)
    found = await verify(file)
    assert found[0].startswith(f"expense {expense.id}, line {line}, was removed")


async def test_what_is_cut_off_is_named(here: Rooms) -> None:
    """With all that belongs to it, and from two places: the newest root, and one before it."""
    expense = await rejected(here, "1")
    other = await rejected(here, "2")
    await seal(here)
    await here.expenses.note(other, audit_events.Retried(), "operator")
    await seal(here)
    which = await number(here, expense, 2)
    for table in ("audit", "audit_seals"):
        sql = f"DELETE FROM {table} WHERE number >= :number AND expense_id = :expense"
        await run(here, sql, number=which, expense=expense.id)
    assert [line for line in await verify(here) if ", line " in line] == [
        f"expense {expense.id}, line {line}, was removed, or its seal was" for line in (2, 3)
    ]


async def test_lines_in_another_order_are_named(here: Rooms) -> None:
    expense = await rejected(here, "1")
    await seal(here)
    second, third = await number(here, expense, 2), await number(here, expense, 3)
    for old, new in ((second, 0), (third, second), (0, third)):
        await run(here, "UPDATE audit SET number = :new WHERE number = :old", new=new, old=old)
    found = await verify(here)
    assert found[0] == f"expense {expense.id}, line 2, was changed"
    assert f"expense {expense.id}, line 3, was changed" in found


async def test_lines_that_change_places_between_expenses_are_named(file: Rooms) -> None:
    one, other = await rejected(file, "1"), await rejected(file, "2")
    await seal(file)
    mine, yours = await number(file, one, 2), await number(file, other, 2)
    for which, to in ((mine, other.id), (yours, one.id)):
        sql = "UPDATE audit SET expense_id = :to WHERE number = :which"
        await run(file, sql, to=to, which=which)
    assert (await verify(file))[:2] == [
        f"expense {one.id}, line 2, was moved to expense {other.id}",
        f"expense {other.id}, line 2, was moved to expense {one.id}",
    ]


@pytest.mark.parametrize("with_seals", [True, False], ids=["with seals", "alone"])
async def test_an_expense_that_is_removed_is_named(file: Rooms, with_seals: bool) -> None:
    expense = await rejected(file, "1")
    await rejected(file, "2")
    await seal(file)
    tables = ["audit", "audit_seals"] if with_seals else ["audit"]
    for table in tables:
        await run(file, f"DELETE FROM {table} WHERE expense_id = :it", it=expense.id)
    await run(file, "DELETE FROM expenses WHERE id = :it", it=expense.id)
    found = await verify(file)
    assert found[0].startswith(f"expense {expense.id}, line 1, was removed")
    assert len(found) == 3


async def test_a_state_that_no_line_tells_of_is_named(file: Rooms) -> None:
    expense = await rejected(file, "1")
    await seal(file)
    await run(file, "UPDATE expenses SET state = 'COMPLETED'")
    assert await verify(file) == [
        f"expense {expense.id} is recorded as COMPLETED, and its last line says WITHDRAWN"
    ]


async def test_a_seal_that_is_removed_is_named_also_when_its_line_is_sealed_again(
    file: Rooms,
) -> None:
    expense = await rejected(file, "1")
    await seal(file)
    await run(file, "DELETE FROM audit_seals WHERE line = 3")
    await seal(file)
    assert await verify(file) == [
        f"expense {expense.id}, line 3, was removed, or its seal was",
        f"expense {expense.id}, line 3, was sealed a second time",
    ]


# Roots


async def three_roots(here: Rooms) -> tuple[Expense, list[str]]:
    expense, hashes = await rejected(here, "1"), []
    for _ in range(3):
        [signed] = await seal(here)
        hashes.append(signed.hash)
        await here.expenses.note(expense, audit_events.Retried(), "operator")
    await seal(here)
    return expense, hashes


@pytest.mark.parametrize("which", [1, 2, 4])
async def test_a_root_that_is_removed_is_named(file: Rooms, which: int) -> None:
    expense, hashes = await three_roots(file)
    await run(file, "DELETE FROM audit_roots WHERE number = :it", it=which)
    found = await verify(file, *hashes[:1])
    assert found[0] == f"root {which} was removed"
    assert (f"the published root {hashes[0]} is missing" in found) == (which == 1)
    assert expense


@pytest.mark.parametrize("which", [1, 2, 4])
@pytest.mark.parametrize("column", ["body", "lines", "signature"])
async def test_a_root_that_is_changed_is_named(file: Rooms, which: int, column: str) -> None:
    expense, _ = await three_roots(file)
    sql = f"UPDATE audit_roots SET {column} = replace({column}, :a, :b) WHERE number = :it"
    # Another instant, other lines, or another signature.
    a, b = ("+00:00", "+01:00") if column == "body" else (expense.id, "other")
    if column == "signature":
        a, b = "1", "2"
    await run(file, sql, it=which, a=a, b=b)
    [found] = await verify(file)
    assert found.startswith(f"root {which} ")
    if column == "signature":
        assert f"seals expense {expense.id}, line {(1, 1, 4, 5, 6)[which]}" in found


async def test_a_cut_to_an_earlier_day_is_shown_by_what_was_published(file: Rooms) -> None:
    """As a restored backup does it: what is left is in order."""
    await three_roots(file)
    expense = await rejected(file, "2")
    [signed] = await seal(file)
    for table in ("audit", "audit_seals"):
        await run(file, f"DELETE FROM {table} WHERE expense_id = :it", it=expense.id)
    await run(file, "DELETE FROM expenses WHERE id = :it", it=expense.id)
    await run(file, "DELETE FROM audit_roots WHERE number = :it", it=signed.root.number)
    assert await verify(file) == []
    assert await verify(file, signed.hash) == [f"the published root {signed.hash} is missing"]
    await rejected(file, "3")
    await seal(file)
    assert await verify(file) == []


async def test_who_writes_everything_anew_lacks_the_key(file: Rooms) -> None:
    expense, _ = await three_roots(file)
    for table in ("audit_seals", "audit_roots"):
        await run(file, f"DELETE FROM {table}")
    await run(file, "UPDATE audit SET actor = 'U0EVIL' WHERE actor = :it", it=REQUESTER)
    sealer = Sealer(file.database, Signer(["a secret that somebody has made up"]))
    while await sealer.sweep():
        pass
    found = await verify(file)
    assert found == [
        "root 1 is not signed with a key of yours; it seals expense "
        f"{expense.id}, line 1 and 5 more lines"
    ]


async def test_old_roots_are_verified_after_the_key_was_replaced(file: Rooms) -> None:
    expense, hashes = await three_roots(file)
    await file.expenses.note(expense, audit_events.Retried(), "operator")
    [signed] = await seal(file, NEW_SECRET)
    assert await verify(file, *hashes, secret=NEW_SECRET) == []
    assert await verify(file) == [
        f"root {signed.root.number} is not signed with a key of yours; it seals expense "
        f"{expense.id}, line 7"
    ]


# Sealing


async def test_what_was_written_before_or_by_another_version_is_sealed_late(here: Rooms) -> None:
    expense = await rejected(here, "1")
    long_ago = await here.database.now() - timedelta(days=400)
    await run(here, "UPDATE audit SET at = :at", at=_as_stored(here, long_ago))
    assert (await verify(here))[0] == (
        f"expense {expense.id} has a line of {long_ago:%Y-%m-%d %H:%M} UTC that is not sealed: "
        "start a bot, then look"
    )
    await seal(here)
    looking = Verification(here.database, Signer([SECRET]).public_keys)
    assert [finding async for finding in looking.findings()] == []
    assert (looking.lines.late, looking.lines.lines) == (3, 3)


def _as_stored(here: Rooms, at: Any) -> Any:
    return at if here.database.is_postgres else str(at.replace(tzinfo=None))


async def test_two_bots_that_seal_at_once_make_one_chain(here: Rooms) -> None:
    for key in range(BATCH // 3 + 1):
        await rejected(here, str(key))
    sealers = [Sealer(here.database, Signer([SECRET])) for _ in range(4)]
    made: list[Signed] = []

    async def work(sealer: Sealer) -> None:
        for _ in range(4):
            made.extend(filter(None, [await sealer.sweep()]))

    await asyncio.gather(*map(work, sealers))
    while signed := await sealers[0].sweep():
        made.append(signed)
    assert [one.root.number for one in sorted(made, key=lambda one: one.root.number)] == [1, 2]
    assert await verify(here) == []


async def test_a_line_that_is_committed_late_is_sealed(here: Rooms) -> None:
    """Its number is smaller than those of lines that others have committed and sealed since."""
    expense = await rejected(here, "1")
    which = await number(here, expense, 2)
    held = await run(here, "DELETE FROM audit WHERE number = :it RETURNING *", it=which)
    sealer = Sealer(here.database, Signer([SECRET]))
    assert await sealer.sweep()
    assert await sealer.sweep() is None
    columns = ("number", "expense_id", "at", "event", "actor", "state", "detail")
    values = ", ".join(f":{name}" for name in columns)
    sql = f"INSERT INTO audit ({', '.join(columns)}) VALUES ({values})"
    await run(here, sql, **dict(zip(columns, held[0], strict=True)))
    signed = await sealer.sweep()
    assert signed
    assert [(entry.expense, entry.line) for entry in signed.root.entries] == [(expense.id, 3)]
    assert await verify(here) == []


async def test_a_root_ends_each_day_also_if_nothing_happened(file: Rooms) -> None:
    await rejected(file, "1")
    sealer = Sealer(file.database, Signer([SECRET]))
    first = await sealer.sweep()
    assert first
    assert not first.ends_day
    yesterday = replace(first.root, at=first.root.at - timedelta(days=2))
    signature = Signer([SECRET]).sign(yesterday.body)
    sql = "UPDATE audit_roots SET body = :body, signature = :signature"
    await run(file, sql, body=yesterday.body, signature=signature)
    assert await verify(file) == [
        f"root 1 is the newest, of {yesterday.at:%Y-%m-%d %H:%M} UTC: either no "
        "bot has run since then, or what came after it was cut off"
    ]
    [signed] = await seal(file)
    assert (signed.root.entries, signed.ends_day) == ((), True)
    assert await verify(file) == []


@given(st.text(), st.text(), st.text(), st.text())
def test_what_is_hashed_is_what_json_says(expense: str, event: str, state: str, value: str) -> None:
    """Somebody with another program gets the same hashes from docs/audit.md."""
    at, salt = datetime(2026, 11, 30, 23, 59, tzinfo=UTC), "ab" * 16
    committed = hashlib.sha256(f"{salt}{json.dumps(value)}".encode()).hexdigest()
    assert commitment(salt, value) == committed
    assert commitment(salt, None) == hashlib.sha256(f"{salt}null".encode()).hexdigest()
    facts = {
        "at": "2026-11-30T23:59:00.000000+00:00",
        "commitments": {"actor": committed, "claim.amount": NOTHING},
        "event": event,
        "expense": expense,
        "state": state,
        "line": 1,
        "number": 2,
        "previous": NOTHING,
    }
    body = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    assert (
        line_hash(
            NOTHING,
            expense=expense,
            line=1,
            number=2,
            at=at,
            event=event,
            state=state,
            commitments={"claim.amount": NOTHING, "actor": committed},
        )
        == hashlib.sha256(body.encode()).hexdigest()
    )


# Erasure


async def test_an_erasure_is_a_line_and_breaks_nothing(here: Rooms) -> None:
    expense = await rejected(here, "1")
    second = await number(here, expense, 2)

    async def forget(connection: Connection) -> None:
        lines = {second: {"actor": "somebody", "detail": None}}
        claim = {"requester": "somebody", "description": "Erased"}
        now = await here.database.now()
        await erase(connection, expense.id, lines, claim, "operator", now)

    with pytest.raises(TryAgain):
        await here.database.transaction(forget)
    await seal(here)
    [before] = await run(here, "SELECT * FROM audit_seals WHERE number = :it", it=second)
    for _ in range(2):  # the second time changes nothing
        await here.database.transaction(forget)
        assert await verify(here) == []  # before the erasure is sealed, and after
        await seal(here)
        assert await verify(here) == []
    history = await here.expenses.history(expense.id)
    assert [line.event for line in history[3:]] == [
        audit_events.Erased(("1.claim.requester", "1.claim.description", "2.actor", "2.detail"))
    ]
    [after] = await run(here, "SELECT * FROM audit_seals WHERE number = :it", it=second)
    assert (after[4], json.loads(after[5])) == (before[4], {})
    assert (await here.expenses.get(expense.id)).requester == "somebody"


async def test_an_erasure_without_its_line_is_named(file: Rooms) -> None:
    expense = await rejected(file, "1")
    await seal(file)
    which = await number(file, expense, 2)
    [[salts]] = await run(file, "SELECT salts FROM audit_seals WHERE number = :it", it=which)
    kept = {
        name: commitment(salt, {"actor": MANAGER, "detail": "You cannot."}[name])
        for name, salt in json.loads(salts).items()
    }
    await run(file, "UPDATE audit SET detail = NULL WHERE number = :it", it=which)
    sql = "UPDATE audit_seals SET salts = '{}', erased = :kept WHERE number = :it"
    await run(file, sql, kept=json.dumps(kept), it=which)
    assert await verify(file) == [
        f"expense {expense.id}, line 2, lost its {name}, and no line says that it was erased"
        for name in ("actor", "detail")
    ]


async def test_sealing_goes_on_over_a_root_that_was_changed(
    file: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    expense = await rejected(file, "1")
    await seal(file)
    await run(file, "UPDATE audit_roots SET body = 'something else'")
    await file.expenses.note(expense, audit_events.Retried(), "operator")
    assert await seal(file)
    assert "root 1 of the audit trail was changed" in caplog.text
    assert await verify(file) == ["root 1 was changed"]


async def test_bots_go_on_sealing_while_somebody_verifies(here: Rooms) -> None:
    expense = await rejected(here, "1")
    await seal(here)
    looking = Verification(here.database, Signer([SECRET]).public_keys)
    found, working = [], True

    async def work() -> None:
        sealer = Sealer(here.database, Signer([SECRET]))
        while working:
            await here.expenses.note(expense, audit_events.Retried(), "operator")
            await sealer.sweep()

    writing = asyncio.create_task(work())
    for _ in range(8):
        looking = Verification(here.database, Signer([SECRET]).public_keys)
        found += [finding async for finding in looking.findings()]
    working = False
    await writing
    assert found == []
    assert looking.roots > 1
