"""What finance takes out: numbers without a gap, and an export that adds up."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from chaos.facts import Facts


def numbers(facts: Facts) -> Iterator[str]:
    """The numbers of expenses have no gap, and none comes twice."""
    found: dict[int, list[int]] = {}
    for expense_id, row in facts.expenses.items():
        if row["number"] is None:
            yield f"{expense_id} has no number"
        else:
            found.setdefault(row["number_year"], []).append(row["number"])
    for year, taken in found.items():
        if sorted(taken) != [*range(1, len(taken) + 1)]:
            yield f"{len(taken)} expenses of {year} have the numbers {sorted(taken)}"


def export(facts: Facts) -> Iterator[str]:
    """An export adds up to the record, and to what the payment system paid."""
    exported: Counter[tuple[str, str]] = Counter()
    paid: Counter[str] = Counter()
    for line in facts.export:
        amount, currency = Decimal(line["amount"] or 0), str(line["currency"])
        exported[line["state"], currency] += amount  # type: ignore[assignment]
        if line["payment"] == "paid":
            paid[currency] += amount  # type: ignore[assignment]
    recorded: Counter[tuple[str, str]] = Counter()
    for row in facts.expenses.values():
        recorded[row["state"], str(row["currency"])] += Decimal(row["amount"] or 0)  # type: ignore[assignment]
    if exported != recorded:
        yield f"the export has {dict(exported)}, and the record {dict(recorded)}"
    if len(facts.export) != len(facts.expenses):
        yield f"the export has {len(facts.export)} lines for {len(facts.expenses)} expenses"
    bank: Counter[str] = Counter()
    bodies = {
        ask.body["expense_id"]: ask.body
        for ask in facts.logbook.payment_requests
        if ask.answer == "paid" and ask.body["expense_id"] in facts.expenses
    }
    for body in bodies.values():
        bank[str(body.get("currency"))] += Decimal(body.get("amount") or 0)  # type: ignore[assignment]
    if paid != bank:
        yield f"the export has {dict(paid)} as paid, and the payment system {dict(bank)}"
