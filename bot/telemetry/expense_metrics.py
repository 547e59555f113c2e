"""What becomes of expenses, in numbers: counted with each committed step, and in the database."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.database.engine.connection import Database
from bot.database.queries.census import Census, take_census
from bot.domain import errors
from bot.domain.audit_events import Event, PaymentAsked, PaymentUnanswered, Settled
from bot.domain.errors import ExpenseError, TryAgain
from bot.domain.expense import Expense, State
from bot.domain.health.stuck import Reason
from bot.domain.people.slack_ids import is_user_id
from bot.telemetry.instruments import Counter, Gauges, Histogram, Instruments, Values

logger = logging.getLogger(__name__)

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_DECIDED_WITHIN = (
    *(_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 4 * _HOUR, 8 * _HOUR),
    *(_DAY, 2 * _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY),
)
_PAID_WITHIN = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, _MINUTE, 10 * _MINUTE, _HOUR, _DAY)
_OPEN = (State.SUBMITTED, State.CREATED, State.APPROVED)
_DECISIONS = {State.APPROVED: "approved", State.REJECTED: "rejected"}
_CODES = {
    kind.code
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ExpenseError)
}
_CAUSES = {
    State.COMPLETED: ("paid", "left_to_finance"),
    State.REJECTED: ("rejected",),
    State.WITHDRAWN: ("withdrawn",),
    State.EXPIRED: ("nobody_decided", "nobody_asked", "nobody_can_decide", "too_late"),
    State.CANCELLED: ("stopped",),
    State.PAYMENT_FAILED: ("payment_refused",),
}


class Steps:
    """Counts the committed steps of expenses, and the errors that people are told."""

    def __init__(self, instruments: Instruments) -> None:
        self._events = Counter(
            "expense.events", "Steps of expenses that were recorded", ("event",), "{event}"
        )
        self._decisions = Counter(
            "expense.decisions", "Expenses that were decided", ("decision", "by"), "{expense}"
        )
        self._decided_after = Histogram(
            "expense.decision.duration",
            "Time from when a stage was asked until it had decided",
            _DECIDED_WITHIN,
            ("decision", "stage"),
        )
        self._payments = Counter(
            "expense.payments", "What came of asking for payments", ("outcome",), "{payment}"
        )
        self._paid_after = Histogram(
            "expense.payment.duration",
            "Time from the first question to the payment system until its answer",
            _PAID_WITHIN,
            ("outcome",),
        )
        self._closed = Counter(
            "expense.closed", "Expenses that ended, and why", ("state", "cause"), "{expense}"
        )
        self._told = Counter(
            "expense.errors.told", "Errors that people were told", ("code",), "{error}"
        )
        for decision in _DECISIONS.values():
            self._decisions.begin(decision, "person")
        for outcome in ("paid", "refused", "unanswered"):
            self._payments.begin(outcome)
        for state, causes in _CAUSES.items():
            for cause in causes:
                self._closed.begin(state, cause)
        for code in _CODES:
            self._told.begin(code)
        instruments += self._events, self._decisions, self._decided_after, self._payments
        instruments += self._paid_after, self._closed, self._told

    def count_error(self, code: str) -> None:
        """Count an error that a person is told; a payment system makes its codes itself."""
        self._told.add(code if code in _CODES else "other")

    def count(
        self, before: Expense | None, after: Expense, event: Event, actor: str, to: State | None
    ) -> None:
        """Count a step that was committed.

        Args:
            before: the expense as it was read; None if the step has made it.
            event: what its entry in the audit trail says.
            actor: as in that entry.
            to: the state into which the step has brought it; None if it kept its state.
        """
        self._events.add(event.stored_as)
        # A refused payment that is asked for again is no new decision.
        is_new = not isinstance(event, PaymentAsked)
        decision = _DECISIONS.get(to) if to and is_new else None
        if before and (decision or after.progress.stage != before.progress.stage):
            self._count_stage(before, decision or "approved")
        if decision:
            self._decisions.add(decision, _decided_by(after, actor))
        if isinstance(event, PaymentUnanswered):
            self._payments.add("unanswered")
        if to in _CAUSES:
            self._closed.add(to, _cause(after))
            self._count_payment(after, event)

    def _count_stage(self, before: Expense, decision: str) -> None:
        progress = before.progress
        if progress.since:
            self._decided_after.record(_since(progress.since), decision, str(progress.stage + 1))

    def _count_payment(self, after: Expense, event: Event) -> None:
        outcomes = {State.COMPLETED: "paid", State.PAYMENT_FAILED: "refused"}
        outcome = outcomes.get(after.state)
        if outcome is None or isinstance(event, Settled):
            return
        if after.awaits_finance:
            outcome = "left_to_finance"  # nobody is asked
        elif after.payment_asked_at:
            self._paid_after.record(_since(after.payment_asked_at), outcome)
        self._payments.add(outcome)


def _since(instant: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - instant).total_seconds())


def _decided_by(expense: Expense, actor: str) -> str:
    if not is_user_id(actor):
        return actor
    return "delegate" if expense.decided_for else "person"


def _cause(expense: Expense) -> str:
    """Name why an expense has ended."""
    if expense.awaits_finance:
        return "left_to_finance"
    if expense.state is not State.EXPIRED:
        return _CAUSES[expense.state][0]
    if expense.decision:
        return "too_late"
    if expense.decide_by is None:
        return "nobody_asked"
    return "nobody_can_decide" if expense.obstacle else "nobody_decided"


class Standing:
    """Shows how open expenses stand; all bots of a database show the same.

    Args:
        pause: seconds between two looks into the database.
    """

    def __init__(self, instruments: Instruments, database: Database, pause: float) -> None:
        self._database = database
        self._pause = pause
        # None while the database does not answer: old numbers would look like new ones.
        self._census: Census | None = None
        each = {State: ("state",), Reason: ("reason",)}
        instruments += (
            Gauges("expense.open", "Open expenses", self._open, each[State], "{expense}"),
            Gauges(
                "expense.oldest.age", "Age of the oldest open expense", self._age, each[State], "s"
            ),
            Gauges(
                "expense.stuck", "Expenses that are stuck", self._stuck, each[Reason], "{expense}"
            ),
            Gauges("expense.due", "Expenses that a bot should look at", self._due, (), "{expense}"),
            Gauges(
                "expense.due.lag",
                "Since when the most overdue one has been due",
                self._lag,
                (),
                "s",
            ),
        )

    async def watch(self) -> None:
        """Look into the database again and again, until cancelled."""
        while True:
            try:
                self._census = await take_census(self._database)
            except TryAgain:
                self._census = None  # the database's own line in the log says why
            except Exception:
                # What nobody foresaw must not end this for good.
                logger.exception("open expenses could not be counted")
                self._census = None
            await asyncio.sleep(self._pause)

    def _open(self) -> Values:
        if census := self._census:
            yield from (((state,), census.open.get(state, 0)) for state in _OPEN)

    def _age(self) -> Values:
        if census := self._census:
            for state in _OPEN:
                oldest = census.oldest.get(state)
                yield (state,), max(0.0, (census.at - oldest).total_seconds()) if oldest else 0

    def _stuck(self) -> Iterator[tuple[tuple[str], float]]:
        if census := self._census:
            yield from (((reason,), census.stuck.get(reason, 0)) for reason in Reason)

    def _due(self) -> Values:
        if census := self._census:
            yield (), census.due

    def _lag(self) -> Values:
        if census := self._census:
            since = census.due_since
            yield (), max(0.0, (census.at - since).total_seconds()) if since else 0
