"""How many expenses wait for what, and which of them wait for something that should be there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.health.findings import Finding, Level, well

# A worker takes an expense, a decision or a payment within seconds.
LATE = timedelta(minutes=3)
OVERDUE = timedelta(minutes=1)
PART = "expenses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """The open expenses, counted."""

    submitted: int  # no workflow is in charge yet
    waiting: int  # people have to decide
    approved: int  # they are to be paid
    not_asked: int  # of `submitted` and `waiting`, those that no approver can decide since `LATE`
    undelivered: int  # decided `LATE` ago, and Temporal has not taken the decision
    unpaid: int  # of `approved`, those that were decided `LATE` ago
    stuck: int  # nobody can decide them, or too few
    overdue: int  # a bot should have looked at them `OVERDUE` ago

    def findings(self) -> Iterator[Finding]:
        """Say what waits for too long."""
        yield well(
            PART,
            f"{self.submitted} submitted, {self.waiting} waiting for people, "
            f"{self.approved} approved and not paid yet",
        )
        minutes = f"{LATE.seconds // 60} minutes"
        yield from _late(
            self.not_asked,
            f"submitted {minutes} ago or more that nobody can decide yet",
            do="See what is said here of Temporal, and the worker's log.",
            key="not asked",
        )
        yield from _late(
            self.undelivered,
            f"decided {minutes} ago or more, unknown to Temporal",
            do="See what is said here of Temporal; decisions are kept, and delivered later.",
            key="undelivered",
        )
        yield from _late(
            self.unpaid,
            f"approved {minutes} ago or more and not paid yet",
            do="See what is said here of Temporal and of the payment system.",
            key="unpaid",
            level=Level.WARNING,
        )
        yield from _late(
            self.overdue,
            "that a bot should have looked at a minute ago or earlier",
            do="See the bots' logs; what one bot cannot do in time, two can.",
            key="overdue",
            level=Level.WARNING,
        )


def _late(
    count: int, what: str, *, do: str, key: str, level: Level = Level.ERROR
) -> Iterator[Finding]:
    if count:
        yield Finding(part=PART, level=level, what=f"{count} {what}", do=do, key=key)
