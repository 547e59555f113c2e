"""What finance and auditors look for, and what they find on their Home."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.domain.expense import Expense, State
from bot.domain.inbox import Tally
from bot.domain.payment_runs import PaymentRun

MOST_LISTED = 3  # of each list on the Home
MOST_SUMMED = 10_000  # more are counted as “more than”, and not summed up

# The words by which people look for where an expense stands.
STATES = {
    "submitted": State.SUBMITTED,
    "waiting": State.CREATED,
    "approved": State.APPROVED,
    "paid": State.COMPLETED,
    "rejected": State.REJECTED,
    "refused": State.PAYMENT_FAILED,
    "withdrawn": State.WITHDRAWN,
    "expired": State.EXPIRED,
    "cancelled": State.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for; an expense has to have all that is given."""

    requester: str | None = None  # Slack user id
    month: date | None = None  # the first day of the month in which it was submitted (UTC)
    state: State | None = None
    ids: tuple[str, ...] = ()  # what id or number they may have meant, the likeliest first

    def begin(self) -> datetime:
        """Return the first instant of the month."""
        return _midnight(self.month or date.min)

    def end(self) -> datetime:
        """Return the first instant after the month."""
        month = self.month or date.min
        return _midnight(date(month.year + month.month // 12, month.month % 12 + 1, 1))

    def matches(self, expense: Expense) -> bool:
        """Return whether an expense has all of it, but for the id."""
        return (
            self.requester in (None, expense.requester)
            and self.state in (None, _stands(expense))
            and (self.month is None or self.begin() <= expense.created_at < self.end())
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Expenses that somebody looked for, the newest first, and whether there are older ones."""

    expenses: tuple[Expense, ...]
    is_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What finance finds on their Home, and auditors read; of lists, the first few."""

    is_finance: bool  # auditors change nothing
    to_pay: Tally  # of more than `MOST_SUMMED`, without sums
    waiting: tuple[Expense, ...]  # of what is to be paid, those that wait for longest
    refused: tuple[Expense, ...]
    stuck: tuple[Expense, ...]
    can_mark: bool = False  # whether there is something that they may mark as paid
    unconfirmed: tuple[PaymentRun, ...] = ()  # what was marked, the first few


def _stands(expense: Expense) -> State:
    """Return where an expense stands for people: finance may have to pay what is completed."""
    return State.APPROVED if expense.awaits_finance else expense.state


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
