"""The table of payments: what finance pays by hand, and by which references anything was paid."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Insert, String, bindparam, cast, insert, select

from bot.database.functions import JsonArray
from bot.database.payments.schema import payments
from bot.database.schema import expenses
from bot.domain.payments.payment import Payment

# An expense's payment as one column, so that one statement reads both.
PAYMENT = (
    select(
        JsonArray(
            payments.c.left_at.is_not(None),
            payments.c.marked_by,
            cast(payments.c.paid_on, String),
            payments.c.reference,
            payments.c.confirmed_by,
        )
    )
    .where(payments.c.expense_id == expenses.c.id)
    .correlate(expenses)
    .scalar_subquery()
    .label("payment")
)
_COLUMNS = ("left_at", "paid_on", "reference", "confirmed_by", "confirmed_at")
_PREFIX = "payment_"


def read_payment(stored: str | None) -> Payment | None:
    """Read a payment from the column `PAYMENT`."""
    if stored is None:
        return None
    is_by_hand, marked_by, paid_on, reference, confirmed_by = json.loads(stored)
    return Payment(
        is_by_hand=bool(is_by_hand),
        marked_by=marked_by,
        paid_on=date.fromisoformat(paid_on) if paid_on else None,
        reference=reference,
        confirmed_by=confirmed_by,
    )


def payment_values(payment: Payment, now: datetime) -> Mapping[str, Any]:
    """Return the parameters of `adding_payment`."""
    values = {
        "left_at": now if payment.is_by_hand else None,
        "paid_on": payment.paid_on,
        "reference": payment.reference,
        "confirmed_by": payment.confirmed_by,
        "confirmed_at": now if payment.is_made else None,
    }
    return {_PREFIX + name: value for name, value in values.items()}


def adding_payment(source: FromClause, *conditions: ColumnElement[bool]) -> Insert:
    """Build the statement that inserts a payment for each expense in a source."""
    given = (bindparam(_PREFIX + name, type_=payments.c[name].type) for name in _COLUMNS)
    rows = select(source.c.id, *given).where(*conditions)
    return insert(payments).from_select(["expense_id", *_COLUMNS], rows)
