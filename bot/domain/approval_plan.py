"""The approval plan of one expense: its stages, and how far they have come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.handover import Handover
from bot.domain.working_hours import WorkingDays, WorkingHours

USUAL_REMINDERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """People who are asked at the same time."""

    asked: tuple[str, ...]  # Slack ids of the users and user groups that may decide
    needed: int = 1  # how many of them have to approve; a single rejection decides the expense
    # Slack id of the channel where they are asked; None for direct messages.
    channel: str | None = None
    # Time from the stage's beginning to the first reminder; None for no reminders.
    remind_after: timedelta | None = None
    # Time between two reminders of one person; None for a single reminder.
    remind_every: timedelta | None = None
    remind_at_most: int = USUAL_REMINDERS  # number of reminders for one person
    working_hours: WorkingHours | None = None  # when people may be reminded; None for any time
    # Time from the stage's beginning to the escalation; None for no escalation.
    escalate_after: timedelta | None = None
    # Slack ids of the users and user groups that may also decide after it.
    escalate_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an automatic approval takes from the requester's monthly ceiling."""

    amount: Decimal  # the expense's amount in the policy's base currency
    # What may be approved automatically for one person in a month; None for no limit.
    ceiling: Decimal | None
    currency: str  # the base currency (ISO 4217)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a policy asks of one expense, fixed when the expense is submitted."""

    rule: str  # the name of the rule that matched, such as "over 500 EUR in travel"
    # The stages in order; none if the expense is approved automatically.
    stages: tuple[Stage, ...] = ()
    # The decision window of all stages together; None for EXPENSE_DECISION_WINDOW.
    window: timedelta | None = None
    allowance: Allowance | None = None  # what an automatic approval takes from the monthly ceiling

    @property
    def is_automatic(self) -> bool:
        """Whether nobody is asked."""
        return not self.stages


def usual_plan(asked: tuple[str, ...] = (), channel: str | None = None) -> Plan:
    """Return what is asked of an expense that no rule matches.

    Args:
        asked: Slack ids of the users and user groups that may decide.
        channel: Slack id of the channel where they are asked.
    """
    day = timedelta(days=1)
    stage = Stage(
        asked=asked,
        channel=channel,
        remind_after=day,
        remind_every=day,
        remind_at_most=5,
        working_hours=WorkingDays(),
    )
    return Plan(rule="", stages=(stage,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's approval."""

    person: str  # Slack user id of the approver who clicked
    on_behalf_of: str  # the same id, or that of the colleague who delegated to them
    stage: int  # number of the stage, from 0
    at: datetime  # in UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderCount:
    """How often a person or group was reminded in the current stage, and when last (UTC)."""

    person: str
    count: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a plan has come."""

    stage: int = 0  # number of the current stage, from 0
    since: datetime | None = None  # when it began, in UTC; None before anybody was asked
    approvals: tuple[Approval, ...] = ()
    escalated: bool = False  # whether the current stage was escalated
    reminded: tuple[ReminderCount, ...] = ()
    # The changes of who is asked, in all stages, oldest first.
    handovers: tuple[Handover, ...] = ()

    def present(self, plan: Plan) -> Stage:
        """Return the current stage."""
        return plan.stages[self.stage]

    def first_follow_up(self, plan: Plan) -> datetime | None:
        """Return before when nobody is reminded and nothing escalated, in UTC; None for never."""
        stage = self.present(plan)
        delays = [delay for delay in (stage.remind_after, stage.escalate_after) if delay]
        # Since when people are asked is not known of what waited before there were reminders.
        return self.since + min(delays) if self.since and delays else None

    def may_decide(self, plan: Plan) -> tuple[str, ...]:
        """Return the Slack ids of the users and user groups that may decide now.

        Members of these groups may not who have handed it over; see `released`.
        """
        return self.asked_in(plan, self.stage, is_escalated=self.escalated)

    def asked_in(self, plan: Plan, number: int, *, is_escalated: bool) -> tuple[str, ...]:
        """Return the Slack ids of the users and user groups that a stage asks."""
        first, later = self._asked_first_and_later(plan, number)
        return (*first, *(one for one in later if one not in first)) if is_escalated else first

    def escalated_to(self, plan: Plan) -> tuple[str, ...]:
        """Return the Slack ids of the users and user groups that an escalation of now adds."""
        return self._asked_first_and_later(plan, self.stage)[1]

    def _asked_first_and_later(
        self, plan: Plan, number: int
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return whom a stage asks when it begins, and whom when it is escalated."""
        stage = plan.stages[number]
        first, later = dict.fromkeys(stage.asked), dict.fromkeys(stage.escalate_to)
        for change in self.handovers_in(number):
            # Who comes in the place of somebody who is asked later is asked later, too.
            is_later = change.of in later and change.of not in first
            for asked in (first, later):
                asked.pop(change.of or "", None)
            (later if is_later else first)[change.to] = None
        return tuple(first), tuple(later)

    def released(self, number: int | None = None) -> frozenset[str]:
        """Return the Slack user ids of those who are not asked any more in a stage.

        They have handed it over, or somebody has done so for them, and have not got it back.

        Args:
            number: of the stage, from 0; None for the current one.
        """
        released: set[str] = set()
        for change in self.handovers_in(number):
            released = (released | {change.of or ""}) - {change.to, ""}
        return frozenset(released)

    def handovers_in(self, number: int | None = None) -> list[Handover]:
        """Return the changes of who is asked in a stage, or in the current one, oldest first."""
        wanted = self.stage if number is None else number
        return [change for change in self.handovers if change.stage == wanted]

    def missing(self, plan: Plan) -> int:
        """Return the number of approvals that the current stage still needs."""
        given = sum(approval.stage == self.stage for approval in self.approvals)
        return max(0, self.present(plan).needed - given)

    def has_approved(self, person: str) -> bool:
        """Return whether any stage has an approval by this person or on their behalf.

        One person counts once in all stages together: two stages are two people.
        """
        return any(
            person in (approval.person, approval.on_behalf_of) for approval in self.approvals
        )

    def with_approval(self, plan: Plan, approval: Approval) -> tuple["Progress", bool]:
        """Return the progress with one more approval, and whether the plan is then complete.

        Args:
            approval: by a person for whom `has_approved` is false.
        """
        given = replace(self, approvals=(*self.approvals, approval))
        if given.missing(plan):
            return given, False
        if self.stage + 1 == len(plan.stages):
            return given, True
        next_stage = Progress(
            stage=self.stage + 1,
            since=approval.at,
            approvals=given.approvals,
            handovers=self.handovers,
        )
        return next_stage, False


NOT_BEGUN = Progress()
