"""`python -m bot paid` and `expenses pay-again`, on both databases."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.console import Exit
from bot.commands.payments import read_file
from bot.database.payment_runs import PaymentRuns
from bot.domain.expense import State
from tests.services.test_hand_payments import EVE, left
from tests.support.commands import Run
from tests.support.payments import KEY
from tests.support.rooms import Rooms, rooms

DAY = "2026-11-02"


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


@pytest.fixture
def run(database_url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys, DATABASE_URL=database_url)


async def test_a_file_is_marked_by_the_operator_and_confirmed_by_finance(
    here: Rooms, run: Run, tmp_path: Path
) -> None:
    one, two, three = await left(here, 3)
    number = (await here.expenses.get(two)).number
    assert number
    file = tmp_path / "paid.csv"
    # As spreadsheets write it in Europe, with a byte order mark.
    lines = f"Expense;Paid_on;Reference\r\n{one};{DAY};TX 1\r\n{number};{DAY};\r\n"
    file.write_text(lines, encoding="utf-8-sig", newline="")
    code, said = await run("paid", "--file", str(file), "--dry-run")
    assert (code, said) == (0, "2 expenses would be marked as paid\n")
    assert not await PaymentRuns(here.database, here.expenses).unconfirmed()
    for _ in range(2):  # as after a shell that was lost
        code, said = await run("paid", "--file", str(file))
        assert (code, "2 expenses are marked as paid" in said) == (0, True)
    runs = PaymentRuns(here.database, here.expenses)
    [marked] = await runs.unconfirmed()
    assert (marked.marked_by, marked.tally.count, marked.reference) == ("operator", 2, None)
    code, said = await run("expenses", "list")
    assert (said.count("approved; finance pays it"), said.count("and marked it as paid")) == (3, 2)
    assert await runs.confirm(marked.id, EVE) == 2
    code, said = await run("expenses", "show", one)
    assert f"paid on {DAY}" in said
    assert f"reference TX 1, confirmed_by {EVE}" in said
    assert (await here.events(three))[-1] == "leave_to_finance"


async def test_each_bad_line_is_named_and_nothing_is_marked(
    here: Rooms, run: Run, tmp_path: Path
) -> None:
    [good, marked] = await left(here, 2)
    runs = PaymentRuns(here.database, here.expenses)
    await runs.mark("V1", {marked: read_file(f"expense,paid_on\nx,{DAY}".encode())[0][2][1]}, EVE)
    file = tmp_path / "paid.csv"
    lines = [
        "expense,paid_on,reference",
        f"{good},{DAY},TX 1",
        f"{good},{DAY},TX 2",
        f"nobody,{DAY},",
        f"{marked},{DAY},",
        f"{good},3.12.2026,",
        f"{good},2999-01-01,",
        f"{good},1999-01-01,",
        f",{DAY},",
        f"{good},{DAY},DE89 3704 0044 0532 0130 00",
        f"{good},{DAY},{'x' * 141}",
        f"{good}",
    ]
    file.write_text("\n".join(lines))
    code, said = await run("paid", "--file", str(file), "--json")
    assert code == Exit.REFUSED
    answer = json.loads(said)
    assert answer["marked"] == 0
    why = {line["line"]: line["why"] for line in answer["wrong"]}
    assert why == {
        3: "this expense is in line 2, too",
        4: "finance has nothing to pay for this expense",
        5: "this expense is marked as paid already, and waits to be confirmed",
        6: "write paid_on such as 2026-12-03, not '3.12.2026'",
        7: "paid_on is still to come",
        8: "paid_on is more than two years ago",
        9: "expense is empty",
        10: "reference is an account number, which is never stored",
        11: "reference has more than 140 characters",
        12: "this line has not as many columns as the first one",
    }
    code, said = await run("paid", "--file", str(file))
    assert f"{file} line 4: finance has nothing to pay" in said
    assert "nothing is marked: 10 of its lines are wrong" in said
    assert (await here.events(good))[-1] == "leave_to_finance"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the first line has to name the columns"),
        (b"expense,paid_on,iban\n", "the first line has to name the columns"),
        (b"expense,expense,paid_on\n", "the first line has to name the columns"),
        (b"expense,paid_on\n", "there is no line below the first one"),
        (b"expense,paid_on\n\xff,2026-11-02\n", "this is not UTF-8"),
        (b'expense,paid_on\n"a"b,2026-11-02\n', "this is not CSV"),
    ],
)
def test_what_is_no_such_file_is_said(content: bytes, why: str) -> None:
    lines, [(_, said)] = read_file(content)
    assert lines == {}
    assert said.startswith(why)


async def test_without_a_payment_system_nothing_is_asked_for_again(here: Rooms, run: Run) -> None:
    [expense_id] = await left(here)
    code, said = await run("expenses", "pay-again", expense_id)
    assert (code, "there is no payment system" in said) == (Exit.REFUSED, True)
    there = {"EXPENSE_PAYMENT_URL": "http://127.0.0.1:9/pay", "EXPENSE_PAYMENT_KEY": KEY}
    code, said = await run("expenses", "pay-again", expense_id, **there)
    assert (code, "No payment of this expense is refused now" in said) == (Exit.REFUSED, True)
    assert (await here.expenses.get(expense_id)).state is State.COMPLETED
