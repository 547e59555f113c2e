"""What an export writes: exact, in columns that stay, and nothing that a spreadsheet would run."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.approval_plan import Approval, Plan, Progress
from bot.domain.coding import Coding, Detail
from bot.domain.expense import Decision, Expense, Money, Receipt, State
from bot.domain.export.columns import COLUMNS, VERSION, By, Line, Period, is_in
from bot.domain.export.formats import Format, defused, write
from bot.domain.payments.payment import Payment
from bot.domain.worth import Worth
from tests.support.rooms import LUNCH

DOCS = Path(__file__).parents[2] / "docs/export.md"
AT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
PAID = Line(
    expense=Expense(
        id="ANML7ACBPM5W",
        number="2026-0042",
        state=State.COMPLETED,
        version=5,
        created_at=AT,
        requester="U0REQ",
        claim=replace(
            LUNCH,
            money=Money(Decimal("100.10"), "CHF"),
            description='Lunch, "big"',
            category="taxi",
            receipts=(Receipt(id="F1", name="a", permalink="https://x"),),
            coding=Coding(
                label="Taxi",
                account="6400",
                dimensions=(Detail(key="cost_center", value="4711", name="Marketing"),),
                answers=(Detail(key="attendees", value="Ada; Bo"),),
                employee_number="007",
                worth=Worth(Decimal("105.6055"), "EUR", Decimal("1.055")),
            ),
        ),
        plan=Plan(rule="over 100 EUR"),
        progress=Progress(
            approvals=(Approval(person="U0DEL", on_behalf_of="U0MAN", stage=0, at=AT),)
        ),
        decision=Decision.APPROVED,
        decided_by="U0FIN",
        decided_at=AT,
        payment=Payment(
            is_by_hand=True,
            marked_by="U0FIN",
            paid_on=date(2026, 12, 3),
            reference="SEPA 1",
            confirmed_by="U0TOO",
        ),
        previous_id="OLD",
        previous_number="2026-0041",
    ),
    receipt_hashes=("ab" * 32,),
)
AS_CSV = {
    "number": "2026-0042",
    "id": "ANML7ACBPM5W",
    "state": "COMPLETED",
    "requester": "U0REQ",
    "employee_number": "007",
    "submitted_at": "2026-11-30T23:30:00Z",
    "spent_on": "2026-01-31",
    "description": 'Lunch, "big"',
    "amount": "100.10",
    "currency": "CHF",
    "base_amount": "105.6055",
    "base_currency": "EUR",
    "rate": "1.055",
    "category": "taxi",
    "category_label": "Taxi",
    "account": "6400",
    "dimensions": "cost_center=4711",
    "answers": "attendees=Ada; Bo",
    "rule": "over 100 EUR",
    "decision": "APPROVED",
    "decided_at": "2026-11-30T23:30:00Z",
    "decided_by": "U0FIN",
    "decided_for": "",
    "approvals": "U0DEL for U0MAN at 2026-11-30T23:30:00Z; U0FIN at 2026-11-30T23:30:00Z",
    "reason": "",
    "payment_refusal": "",
    "payment": "paid",
    "paid_on": "2026-12-03",
    "paid_by": "U0FIN",
    "confirmed_by": "U0TOO",
    "payment_reference": "SEPA 1",
    "receipts": "1",
    "receipt_hashes": "ab" * 32,
    "previous_number": "2026-0041",
    "previous_id": "OLD",
}


def described(text: str) -> Line:
    assert PAID.expense.claim
    claim = replace(PAID.expense.claim, description=text)
    return replace(PAID, expense=replace(PAID.expense, claim=claim))


def test_csv_has_a_header_and_every_fact() -> None:
    text = write(Format.CSV, [PAID], is_first=True)
    assert text.startswith("\ufeffnumber,id,state,")
    assert text.count("\r\n") == 2
    [row] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert row == AS_CSV
    assert write(Format.CSV, [PAID], is_first=False) == text[text.index("\r\n") + 2 :]


def test_json_lines_have_the_same_in_full() -> None:
    text = write(Format.JSONL, [PAID, PAID], is_first=True)
    first, second = map(json.loads, text.splitlines())
    assert first == second
    assert [*first] == [*COLUMNS]
    assert (first["amount"], first["rate"], first["receipts"]) == ("100.10", "1.055", 1)
    assert first["dimensions"] == {"cost_center": "4711"}
    assert first["approvals"][0] == {
        "approver": "U0DEL",
        "on_behalf_of": "U0MAN",
        "at": "2026-11-30T23:30:00Z",
    }
    assert first["decided_for"] is None
    assert first["receipt_hashes"] == ["ab" * 32]


def test_what_another_service_started_has_a_line_too() -> None:
    bare = Line(
        expense=Expense(id="order-1", state=State.CREATED, version=1, created_at=AT),
        said_at=AT,
        said_by="payments",
    )
    [row] = csv.DictReader(io.StringIO(write(Format.CSV, [bare], is_first=True)[1:], newline=""))
    assert {name: value for name, value in row.items() if value} == {
        "id": "order-1",
        "state": "CREATED",
        "submitted_at": "2026-11-30T23:30:00Z",
    }


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        # Where a semicolon separates cells.
        ("Tea; =1+1", "Tea;' =1+1"),
        # These run nowhere.
        ("-12.50", "-12.50"),
        ("-5", "-5"),
        ("a=b", "a=b"),
        ("Tea - 2 cups", "Tea - 2 cups"),
        ("mail@example.com", "mail@example.com"),
        ("'quoted", "'quoted"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_defused_in_csv_only(
    written: str, cell: str
) -> None:
    assert defused(written) == cell
    line = described(written)
    text = write(Format.CSV, [line], is_first=True)[1:]
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["description"] == cell
    assert json.loads(write(Format.JSONL, [line], is_first=True))["description"] == written


@pytest.mark.parametrize(
    ("by", "day"),
    [
        (By.SUBMITTED, date(2026, 11, 30)),
        (By.DECIDED, date(2026, 11, 30)),
        (By.SPENT, date(2026, 1, 31)),
        (By.PAID, date(2026, 12, 3)),
    ],
)
def test_both_days_of_a_period_are_in_it(by: By, day: date) -> None:
    before, after = date.fromordinal(day.toordinal() - 1), date.fromordinal(day.toordinal() + 1)
    for first, last, expected in (
        (day, day, True),
        (None, day, True),
        (day, None, True),
        (None, None, True),
        (after, None, False),
        (None, before, False),
    ):
        assert is_in(Period(by=by, first=first, last=last), PAID) is expected


@pytest.mark.parametrize(
    ("state", "payment", "expected"),
    [
        (State.CREATED, None, None),
        (State.APPROVED, None, "to_pay"),
        (State.COMPLETED, None, "paid"),
        (State.COMPLETED, Payment(is_by_hand=True), "to_pay"),
        (State.COMPLETED, Payment(is_by_hand=True, marked_by="U0FIN"), "marked"),
        (State.PAYMENT_FAILED, None, "refused"),
    ],
)
def test_what_is_not_paid_does_not_say_so(
    state: State, payment: Payment | None, expected: str | None
) -> None:
    expense = replace(PAID.expense, state=state, payment=payment)
    line = Line(expense=expense, said_at=AT, said_by="payments")
    assert COLUMNS["payment"](line) == expected
    is_paid = expected == "paid"
    assert COLUMNS["paid_on"](line) == (AT.date() if is_paid else None)
    assert COLUMNS["paid_by"](line) == ("payments" if is_paid else None)
    assert is_in(Period(by=By.PAID), line) == is_paid


def test_the_document_describes_every_column_in_order() -> None:
    text = DOCS.read_text()
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert named == [*COLUMNS]
    assert f"version {VERSION}" in text
