"""Expenses as large, as odd and as hostile as they get, for what is built from them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.coding import Coding, Detail
from bot.domain.expense import Category, Claim, Decision, Expense, Money, State

# Texts that come alive in Slack when they are not left as text.
HOSTILE = (
    "<!channel>",
    "<!here>",
    "<!everyone>",
    "<@U0NRH6DDD4C>",
    "<#C0APPR0VLS1>",
    "<http://x|y>",
    "<!date^1^{date}|x>",
    "<!subteam^S0MANAGERS1>",
)
TEXTS = (
    *HOSTILE,
    "*bold* _it_ ~no~ `code` ```pre```",
    "@everyone @channel",
    "&amp; &lt;!channel&gt;",
    ":tada: :x: *Rejected*",
    "<script>alert(1)</script>",
    "'; DROP TABLE expenses; --",
    "👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 👍🏽",
    "漢字 עברית العربية",
)
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LONGEST_REASON = 1000
LONGEST_ID = 200


def claim(description: str = "Team lunch", **changes: Any) -> Claim:
    values = {
        "money": Money(Decimal("999999999.00"), "EUR"),
        "description": description,
        "category": Category.EQUIPMENT,
        "spent_on": date(2026, 1, 31),
    }
    return Claim(**values | changes)


def expense(state: State = State.CREATED, **changes: Any) -> Expense:
    values = {
        "id": "ABCDEFGHIJKL",
        "state": state,
        "version": 3,
        "created_at": NOW,
        "requester": "U0ADA4KFR7Q",
        "claim": claim(),
        "decide_by": NOW + timedelta(hours=72),
    }
    if state not in (State.SUBMITTED, State.CREATED):
        values |= {"decision": Decision.APPROVED, "decided_by": "U0MNA5LRT9W", "decided_at": NOW}
    if state is State.REJECTED:
        values |= {"decision": Decision.REJECTED}
    if state is State.PAYMENT_FAILED:
        values |= {"payment_refusal": "INSUFFICIENT_FUNDS"}
    return Expense(**values | changes)


def foreign(state: State = State.CREATED, expense_id: str = "&" * LONGEST_ID) -> Expense:
    """An expense that another service's workflow asked for: an id and nothing else."""
    return expense(state, id=expense_id, requester=None, claim=None)


def largest(state: State) -> Expense:
    """An expense in which everything is as long as it can be, and longer once escaped."""
    details = tuple(Detail(key=f"k{n}", value="&" * 200, label="&" * 40) for n in range(5))
    coding = Coding(label="&" * 60, dimensions=details, answers=details)
    long = {"claim": claim("&" * 500, coding=coding)}
    if state in (State.REJECTED, State.EXPIRED, State.CANCELLED):
        long |= {"reason": "&" * LONGEST_REASON, "decision": Decision.REJECTED}
    if state is State.PAYMENT_FAILED:
        long |= {"payment_refusal": "X" * 64}
    return expense(state, **long)
