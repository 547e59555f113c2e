"""The columns of an export; docs/export.md describes them, and a test compares the two.

A column is only ever added, behind the others; any other change raises `VERSION`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum, auto
from typing import Any

from bot.domain.coding import Detail
from bot.domain.expense import Claim, Decision, Expense, State
from bot.domain.worth import Worth

VERSION = 1


class By(StrEnum):
    """Which of an expense's days says whether it is in the period of an export."""

    SUBMITTED = auto()
    DECIDED = auto()
    PAID = auto()
    SPENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From the first to the last day, both of them included; None for no end.

    Days are those of UTC, but for the day on which money was spent or, by hand, paid: these are as
    people named them.
    """

    by: By
    first: date | None = None
    last: date | None = None

    def has(self, day: date | None) -> bool:
        """Return whether a day is in it."""
        return day is not None and (self.first or day) <= day <= (self.last or day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An expense with what else is recorded of it."""

    expense: Expense
    # When the record first said that it is paid, and by whose word; of any that is not paid, too.
    said_at: datetime | None = None
    said_by: str | None = None  # Slack user id, or a part such as "payments"
    receipt_hashes: tuple[str, ...] = ()  # SHA-256 of the receipts that are kept, hexadecimal

    @property
    def is_paid(self) -> bool:
        """Whether it is certain that it was paid."""
        return self.expense.is_paid


def cells(line: Line) -> dict[str, Any]:
    """Return what stands in each column."""
    return {name: value(line) for name, value in COLUMNS.items()}


def _of_claim(value: Callable[[Claim], Any]) -> Callable[[Line], Any]:
    return lambda line: value(line.expense.claim) if line.expense.claim else None


def _of_worth(value: Callable[[Worth], Any]) -> Callable[[Line], Any]:
    return _of_claim(lambda claim: value(claim.coding.worth) if claim.coding.worth else None)


def _of(value: Callable[[Expense], Any]) -> Callable[[Line], Any]:
    return lambda line: value(line.expense)


def _named(details: tuple[Detail, ...]) -> dict[str, str]:
    return {one.key: one.value for one in details}


def _approvals(expense: Expense) -> list[Any]:
    """List who approved, on whose behalf and when, also where no plan counts approvals."""
    found = [
        {"approver": one.person, "on_behalf_of": one.on_behalf_of, "at": one.at}
        for one in expense.progress.approvals
    ]
    names = {one["approver"] for one in found}
    last = expense.decided_by
    if expense.decision is Decision.APPROVED and last and last not in names:
        whose, at = expense.decided_for or last, expense.decided_at
        found.append({"approver": last, "on_behalf_of": whose, "at": at})
    return found


def _how_paid(expense: Expense) -> str | None:
    if expense.is_paid:
        return "paid"
    if _marked(expense):
        return "marked"
    if expense.state is State.APPROVED or expense.awaits_finance:
        return "to_pay"
    return "refused" if expense.state is State.PAYMENT_FAILED else None


def _marked(expense: Expense) -> str | None:
    """Return who of finance has marked it as paid, if anybody has."""
    return expense.payment.marked_by if expense.payment else None


def _paid_on(line: Line) -> date | None:
    payment = line.expense.payment
    if not line.is_paid:
        return None
    if payment and payment.paid_on:
        return payment.paid_on
    return line.said_at.astimezone(UTC).date() if line.said_at else None


COLUMNS: Mapping[str, Callable[[Line], Any]] = {
    "number": _of(lambda one: one.number),
    "id": _of(lambda one: one.id),
    "state": _of(lambda one: one.state),
    "requester": _of(lambda one: one.requester),
    "employee_number": _of_claim(lambda claim: claim.coding.employee_number or None),
    "submitted_at": _of(lambda one: one.created_at),
    "spent_on": _of_claim(lambda claim: claim.spent_on),
    "description": _of_claim(lambda claim: claim.description),
    "amount": _of_claim(lambda claim: claim.money.amount),
    "currency": _of_claim(lambda claim: claim.money.currency),
    "base_amount": _of_worth(lambda worth: worth.amount),
    "base_currency": _of_worth(lambda worth: worth.currency),
    "rate": _of_worth(lambda worth: worth.rate),
    "category": _of_claim(lambda claim: str(claim.category)),
    "category_label": _of_claim(lambda claim: claim.coding.label or None),
    "account": _of_claim(lambda claim: claim.coding.account or None),
    "dimensions": _of_claim(lambda claim: _named(claim.coding.dimensions)),
    "answers": _of_claim(lambda claim: _named(claim.coding.answers)),
    "rule": _of(lambda one: one.plan and one.plan.rule),
    "decision": _of(lambda one: one.decision),
    "decided_at": _of(lambda one: one.decided_at),
    "decided_by": _of(lambda one: one.decided_by),
    "decided_for": _of(lambda one: one.decided_for),
    "approvals": _of(_approvals),
    "reason": _of(lambda one: one.reason),
    "payment_refusal": _of(lambda one: one.payment_refusal),
    "payment": _of(_how_paid),
    "paid_on": _paid_on,
    "paid_by": lambda line: (_marked(line.expense) or line.said_by) if line.is_paid else None,
    "confirmed_by": _of(
        lambda one: one.payment.confirmed_by if one.payment and _marked(one) else None
    ),
    "payment_reference": _of(lambda one: one.payment.reference if one.payment else None),
    "receipts": _of_claim(lambda claim: len(claim.receipts)),
    "receipt_hashes": lambda line: [*line.receipt_hashes],
    "previous_number": _of(lambda one: one.previous_number),
    "previous_id": _of(lambda one: one.previous_id),
}


def is_in(period: Period, line: Line) -> bool:
    """Return whether an expense belongs to an export."""
    expense = line.expense
    match period.by:
        case By.SUBMITTED:
            day: date | None = expense.created_at.astimezone(UTC).date()
        case By.DECIDED:
            day = expense.decided_at and expense.decided_at.astimezone(UTC).date()
        case By.SPENT:
            day = expense.claim.spent_on if expense.claim else None
        case By.PAID:
            day = _paid_on(line)
    return period.has(day)
