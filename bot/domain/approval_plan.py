"""Who is asked about one expense, one stage after another, and how far that has come.

Only the standard library is used here.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """When people may be reminded, in their own time zone.

    Attributes:
        start: when work begins.
        end: when it ends, on the same day.
        days: Monday is 0.
    """

    start: time = time(9)
    end: time = time(17)
    days: tuple[int, ...] = (0, 1, 2, 3, 4)

    def next(self, instant: datetime, zone: tzinfo) -> datetime:
        """Return the first instant from this one on that lies in working hours.

        Args:
            instant: with a time zone.
            zone: in which somebody works.
        """
        today = instant.astimezone(zone).date()
        for ahead in range(15):
            day = today + timedelta(days=ahead)
            # In UTC, as two times of one zone are compared by what its clocks show; on the day
            # on which clocks are put forward, the hours may end before they begin.
            begin, end = (
                datetime.combine(day, time, zone).astimezone(UTC) for time in (self.start, self.end)
            )
            if day.weekday() in self.days and max(instant, begin) < end:
                return max(instant, begin)
        return instant  # no day is a working day


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """People who are asked at the same time.

    Attributes:
        asked: Slack ids of the users and user groups that may decide.
        needed: how many of them have to agree; one rejection ends it.
        channel: Slack id of the channel where they are asked; None for direct messages.
        remind_after: since the stage began; None to remind nobody.
        remind_every: between two reminders of the same person; None for a single one.
        remind_at_most: how often the same person is reminded.
        working_hours: when people may be reminded; None for at any time.
        escalate_after: since the stage began; None for never.
        escalate_to: Slack ids of users and user groups that may decide from then on, too.
    """

    asked: tuple[str, ...]
    needed: int = 1
    channel: str | None = None
    remind_after: timedelta | None = None
    remind_every: timedelta | None = None
    remind_at_most: int = 3
    working_hours: WorkingHours | None = None
    escalate_after: timedelta | None = None
    escalate_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What may be approved automatically for one person in one month, in the base currency.

    Attributes:
        amount: how much of it the expense takes.
        ceiling: how much there is in a month; None for any amount.
        currency: the base currency.
    """

    amount: Decimal
    ceiling: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a policy asks of one expense; frozen when it is submitted.

    Attributes:
        rule: the rule's name, such as "over 500 EUR in travel", for people.
        stages: who is asked, one after another; none to approve automatically.
        window: how long people have in all; None for the bot's own.
        allowance: what automatic approval is taken from.
    """

    rule: str
    stages: tuple[Stage, ...] = ()
    window: timedelta | None = None
    allowance: Allowance | None = None

    @property
    def is_automatic(self) -> bool:
        """Whether nobody is asked."""
        return not self.stages

    def first_follow_up(self, from_stage: int = 0) -> timedelta | None:
        """Say how soon after its begin a stage can have to be followed up; None for never."""
        delays = (
            delay
            for stage in self.stages[from_stage:]
            for delay in (stage.remind_after, stage.escalate_after)
        )
        return min((delay for delay in delays if delay), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's agreement.

    Attributes:
        person: Slack user id of the approver who clicked.
        on_behalf_of: their own id, or that of the colleague who delegated to them.
    """

    person: str
    on_behalf_of: str
    stage: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderCount:
    """How often somebody was reminded in the present stage, and when last."""

    person: str
    count: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a plan has come.

    Attributes:
        stage: the number of the present stage, from 0.
        since: when it began; None before anybody was asked.
        approvals: of all stages.
        escalated: whether others were asked in this stage, too.
        reminded: in this stage.
    """

    stage: int = 0
    since: datetime | None = None
    approvals: tuple[Approval, ...] = ()
    escalated: bool = False
    reminded: tuple[ReminderCount, ...] = ()

    def present(self, plan: Plan) -> Stage:
        """Return the stage in which it is."""
        return plan.stages[self.stage]

    def may_decide(self, plan: Plan) -> tuple[str, ...]:
        """List the Slack ids of the users and user groups that may decide now."""
        stage = self.present(plan)
        return (*stage.asked, *(stage.escalate_to if self.escalated else ()))

    def missing(self, plan: Plan) -> int:
        """Count the approvals that this stage still needs."""
        given = sum(approval.stage == self.stage for approval in self.approvals)
        return max(0, self.present(plan).needed - given)

    def has_approved(self, person: str) -> bool:
        """Say whether a person has agreed in any stage, or somebody in their place.

        Two pairs of eyes are two people, also when one person is asked in both stages.
        """
        return any(
            person in (approval.person, approval.on_behalf_of) for approval in self.approvals
        )

    def with_approval(self, plan: Plan, approval: Approval) -> tuple["Progress", bool]:
        """Count one more approval, and say whether it was the last that the plan needs.

        Args:
            plan: what is asked.
            approval: by somebody who has not approved yet.
        """
        given = replace(self, approvals=(*self.approvals, approval))
        if given.missing(plan):
            return given, False
        if self.stage + 1 == len(plan.stages):
            return given, True
        next_stage = Progress(stage=self.stage + 1, since=approval.at, approvals=given.approvals)
        return next_stage, False


NOT_BEGUN = Progress()
