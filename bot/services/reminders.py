"""Reminds and escalates when that is due.

What is due is found in the database alone: it makes no difference who asks, or how late.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.approval_plan import Plan, Progress, ReminderCount, Stage
from bot.domain.audit_events import Event
from bot.domain.errors import AlreadyDecided, Conflict, InvalidState, TryAgain
from bot.domain.expense import Expense, State
from bot.domain.people.locale import ANYBODY, Reader
from bot.domain.people.slack_ids import is_group
from bot.policy.approvers import Policy
from bot.policy.awaited import Awaited, WhoIsAwaited
from bot.policy.directory import Delegations, Directory
from bot.services.submissions import own

NUDGE_EVERY = timedelta(days=1)
# How often a nudge gives way to something else that happens to the same expense.
_TRIES = 20


class People(Directory, Protocol):
    """Who is in which user group, and how people read; see `bot.slack.directory`."""

    async def reader(self, person: str) -> Reader: ...  # noqa: D102


class Reminders:
    """Sees to it that nobody's expense is forgotten."""

    def __init__(
        self, expenses: ExpenseStore, people: People, policy: Policy, delegations: Delegations
    ) -> None:
        self._expenses = expenses
        self._people = people
        self._policy = policy
        self._awaited = WhoIsAwaited(policy.plan_of, people, delegations)

    async def follow_up(self, expense: Expense) -> datetime | None:
        """Do what is due for an expense, and return when to look again, in UTC; None for never.

        Nobody looks for the next stage: its beginning is a change, after which delivery looks.

        Raises:
            TryAgain: Slack does not say who is in a group, or the database does not answer. What
                was due for others is done.
        """
        now = await self._expenses.now()
        if not expense.is_asking or (expense.decide_by and expense.decide_by <= now):
            return None
        plan = self._policy.plan_of(expense)
        first = expense.progress.first_follow_up(plan)
        if first is None or first > now:
            return first
        escalation = _escalation(expense.progress, plan)
        if escalation and escalation <= now:
            event = audit_events.Escalated(expense.progress.escalated_to(plan))
            return await self._record(expense, event, replace(expense.progress, escalated=True))
        reminders, unknown = await self._reminders(expense, plan, now)
        if due := await self._awaited.living([line for line in reminders if line.at <= now]):
            told = tuple(dict.fromkeys(reminder.told for reminder in due))
            progress = _with_reminders(expense.progress, due, now)
            return await self._record(expense, audit_events.Reminded(told), progress)
        if unknown:
            raise unknown  # delivery tries again
        times = [escalation, *(line.at for line in reminders if line.at > now)]
        return min((at for at in times if at), default=None)

    async def nudge(self, expense_id: str, person: str) -> tuple[str, ...]:
        """Remind those who have not decided, as the requester wants it, once a day.

        Args:
            expense_id: which expense.
            person: Slack user id of its requester.

        Returns:
            The Slack ids of who is reminded.

        Raises:
            InvalidId: this person asked for no expense with this id.
            AlreadyDecided: nobody can decide it, not yet or not any more.
            InvalidState: they were reminded within a day, or nobody is left who could be.
            TryAgain: Slack does not say who may decide.
        """
        for _ in range(_TRIES):
            expense = await own(self._expenses, expense_id, person)
            now = await self._expenses.now()
            if not expense.is_asking or (expense.decide_by and expense.decide_by <= now):
                raise AlreadyDecided("This expense is not open to decisions.", expense)
            history = await self._expenses.history(expense_id)
            nudges = [one.at for one in history if isinstance(one.event, audit_events.Nudged)]
            if nudges and now < nudges[-1] + NUDGE_EVERY:
                raise InvalidState(say("reminded-already"))
            awaited, unknown = await self._awaited.of(expense)
            awaited = await self._awaited.living(awaited)
            if not awaited:
                raise unknown or InvalidState(say("nobody-to-remind"))
            event = audit_events.Nudged(tuple(dict.fromkeys(line.told for line in awaited)))
            if await self._expenses.change(
                expense, expected={State.CREATED}, seen=expense.version, event=event, actor=person
            ):
                return event.whom
        raise Conflict("Much happens to this expense at the same time.")

    async def _record(self, expense: Expense, event: Event, progress: Progress) -> datetime | None:
        changed = await self._expenses.change(
            expense,
            event,
            "policy",
            expected={State.CREATED},
            seen=expense.version,
            progress=progress,
        )
        # What has changed meanwhile is looked at again for that.
        return await self.follow_up(changed) if changed else None

    async def _reminders(
        self, expense: Expense, plan: Plan, now: datetime
    ) -> tuple[list[Awaited], TryAgain | None]:
        """Return when each person who has not decided is to be reminded next.

        Also returns why somebody may be missing; those beside a group that Slack does not tell
        about just now are reminded all the same.
        """
        waiting, unknown = await self._awaited.of(expense)
        stage = expense.progress.present(plan)
        nexts = ((line, _next_reminder(expense.progress, stage, line)) for line in waiting)
        due = [(line, *after) for line, after in nexts if after]
        hours = stage.working_hours
        if hours is None:
            found = [replace(line, at=max(since + pause, now)) for line, since, pause in due]
            return found, unknown
        readers = await asyncio.gather(*(self._reader(line.told) for line, *_ in due))
        zones = [reader.timezone for reader in readers]
        return [
            replace(line, at=hours.next(max(hours.after(since, pause, zone), now), zone))
            for (line, since, pause), zone in zip(due, zones, strict=True)
        ], unknown

    async def _reader(self, person: str) -> Reader:
        return ANYBODY if is_group(person) else await self._people.reader(person)


def _with_reminders(progress: Progress, due: list[Awaited], now: datetime) -> Progress:
    reminded = {line.person: line for line in progress.reminded}
    for person in (reminder.person for reminder in due):
        count = reminded[person].count if person in reminded else 0
        reminded[person] = ReminderCount(person=person, count=count + 1, at=now)
    return replace(progress, reminded=tuple(reminded.values()))


def _escalation(progress: Progress, plan: Plan) -> datetime | None:
    stage = progress.present(plan)
    if progress.since is None or stage.escalate_after is None or progress.escalated:
        return None
    return progress.since + stage.escalate_after


def _next_reminder(
    progress: Progress, stage: Stage, waiting: Awaited
) -> tuple[datetime, timedelta] | None:
    """Return what the next reminder counts from, and the pause until it; None for no more."""
    before = next((line for line in progress.reminded if line.person == waiting.person), None)
    if stage.remind_after is None:
        return None
    if before is None:
        return waiting.at, stage.remind_after
    if stage.remind_every is None or before.count >= stage.remind_at_most:
        return None
    return before.at, stage.remind_every
