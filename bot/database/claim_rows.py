"""Turns the columns of what a requester asks for into a claim, and back."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, TypeAdapter, with_config
from sqlalchemy import Integer, String, bindparam, select

from bot.database.engine.connection import Database
from bot.database.schema import expenses
from bot.domain.coding import UNCODED, Coding, Detail
from bot.domain.expense import Category, Claim, Money, Receipt
from bot.domain.form import Chosen
from bot.domain.worth import Worth

# A key that a newer version wrote is refused, as in `expense_rows`.
for _kind in (Receipt, Coding, Detail, Worth):
    with_config(ConfigDict(extra="forbid"))(_kind)
_RECEIPTS = TypeAdapter(tuple[Receipt, ...])
_CODING = TypeAdapter(Coding)
_USUAL = frozenset(Category)
_CHOSEN = (
    select(expenses.c.manager, expenses.c.currency)
    .where(expenses.c.requester == bindparam("whose", type_=String))
    .order_by(expenses.c.created_at.desc(), expenses.c.id)
    .limit(bindparam("most", type_=Integer))
)
# How many of somebody's expenses are looked at for what they chose.
_LATEST = 10


def claim_columns(claim: Claim) -> dict[str, Any]:
    """Return the columns of a claim."""
    return {
        "amount": str(claim.money.amount),
        "currency": claim.money.currency,
        "description": claim.description,
        # A bot of the version before knows these only.
        "category": claim.category if claim.category in _USUAL else Category.OTHER,
        "spent_on": claim.spent_on,
        "manager": claim.manager,
        "receipts": _RECEIPTS.dump_json(claim.receipts).decode() if claim.receipts else None,
        "coding": _coding_column(claim),
    }


def _coding_column(claim: Claim) -> str | None:
    """Write the company's words, and its own category; nothing if there are none."""
    stored = _CODING.dump_python(claim.coding, mode="json", exclude_defaults=True)
    if claim.category not in _USUAL:
        stored["category"] = claim.category
    return json.dumps(stored) if stored else None


def claim_of(row: Any) -> Claim | None:
    """Read a claim from a row; None if another service started the workflow."""
    if row.amount is None:
        return None
    spent_on: date = row.spent_on
    coding = json.loads(row.coding) if row.coding else {}
    own = coding.pop("category", None)
    return Claim(
        money=Money(Decimal(row.amount), row.currency),
        description=row.description,
        category=own or Category(row.category),
        spent_on=spent_on,
        manager=row.manager,
        receipts=_RECEIPTS.validate_json(row.receipts) if row.receipts else (),
        coding=_CODING.validate_python(coding) if coding else UNCODED,
    )


async def chosen_by(database: Database, requester: str) -> Chosen:
    """Read what a requester chose in their latest expenses."""
    rows = await database.execute(_CHOSEN, {"whose": requester, "most": _LATEST})
    managers, currencies = zip(*rows, strict=True) if rows else ((), ())
    return Chosen(
        managers=tuple(dict.fromkeys(filter(None, managers))),
        currencies=tuple(dict.fromkeys(filter(None, currencies))),
    )
