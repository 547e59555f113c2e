"""Reminds and escalates; a workflow's durable timers say when to look.

What is due is found in the database alone: it makes no difference who asks, or how late.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.approval_plan import Plan, Progress, ReminderCount, Stage
from bot.domain.audit_events import Event
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense, State
from bot.domain.locale import ANYBODY, Reader
from bot.domain.slack_ids import is_group
from bot.policy.directory import Delegations, Directory
from bot.policy.members import look_up

# A group with more members is reminded as one in a channel, whose working hours are UTC's.
LARGE_GROUP = 20
# A workflow looks 250 times at most, as its history has room for no more. The whole window has so
# many looks, and the first ones that remind somebody may be closer together than that.
MOST_LOOKS = 180
MOST_PUNCTUAL = 40
SOON = timedelta(seconds=1)
NOT_ASKED = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Reminder:
    """When somebody is to be reminded, and who is told: mostly they themselves."""

    person: str
    told: str
    at: datetime


class People(Directory, Protocol):
    """Who is in which user group, and how people read; see `bot.slack.directory`."""

    async def reader(self, person: str) -> Reader: ...  # noqa: D102


class Reminders:
    """Sees to it that nobody's expense is forgotten."""

    def __init__(self, expenses: ExpenseStore, people: People, delegations: Delegations) -> None:
        self._expenses = expenses
        self._people = people
        self._delegations = delegations

    async def follow_up(self, expense_id: str) -> timedelta | None:
        """Do what is due for an expense, and say after how long to look again; None for never.

        Raises:
            TryAgain: Slack does not say who is in a group, or the database does not answer. What
                was due for others is done.
        """
        expense = await self._expenses.get(expense_id)
        plan, now = expense.plan, datetime.now(UTC)
        if plan is None or plan.is_automatic:
            return None
        if not (expense.is_open or expense.state is State.SUBMITTED):
            return None
        if expense.decide_by is None:
            # Ever more seldom, so that there are looks left when people are asked in the end.
            return max(NOT_ASKED, (now - expense.created_at) / 4)
        if expense.decide_by <= now:
            return NOT_ASKED  # the workflow comes back until its window ends
        escalation = _escalation(expense.progress, plan)
        if escalation and escalation <= now:
            event = audit_events.Escalated(expense.progress.present(plan).escalate_to)
            return await self._record(expense, event, replace(expense.progress, escalated=True))
        reminders, unknown = await self._reminders(expense, plan, now)
        reminders = await self._to_the_living(reminders, now)
        if due := [reminder for reminder in reminders if reminder.at <= now]:
            told = tuple(dict.fromkeys(reminder.told for reminder in due))
            progress = _with_reminders(expense.progress, due, now)
            return await self._record(expense, audit_events.Reminded(told), progress)
        if unknown:
            raise unknown  # the workflow asks again
        looks = [at - now for at in (escalation, *(line.at for line in reminders)) if at]
        if later := plan.first_follow_up(expense.progress.stage + 1):
            # The next stage can begin at any time.
            looks.append(max(later, _spread(expense)))
        if not looks:
            return None
        is_punctual = await self._looks_so_far(expense) < MOST_PUNCTUAL
        return max(min(looks), SOON if is_punctual else _spread(expense))

    async def _looks_so_far(self, expense: Expense) -> int:
        """Count the looks at which something was due."""
        history = await self._expenses.history(expense.id)
        return sum(
            isinstance(entry.event, audit_events.Reminded | audit_events.Escalated)
            for entry in history
        )

    async def _record(self, expense: Expense, event: Event, progress: Progress) -> timedelta | None:
        changed = await self._expenses.change(
            expense,
            event,
            "policy",
            expected={State.CREATED},
            seen=expense.version,
            progress=progress,
        )
        return await self.follow_up(expense.id) if changed else SOON

    async def _reminders(
        self, expense: Expense, plan: Plan, now: datetime
    ) -> tuple[list[_Reminder], TryAgain | None]:
        """Return when each person who has not decided is to be reminded next.

        Also returns why somebody may be missing; those beside a group that Slack does not tell
        about just now are reminded all the same.
        """
        progress, stage = expense.progress, expense.progress.present(plan)
        begun, unknown = await self._begun(progress, stage)
        requester = expense.requester or ""
        away = await self._delegations.delegates_of({*begun, requester})
        barred = {requester, away.get(requester)}
        found: list[_Reminder] = []
        for person in sorted(begun.keys() - barred):
            at = _next_reminder(progress, stage, person, begun[person])
            if at is None or progress.has_approved(person):
                continue
            told = away.get(person, person)
            if told in barred or progress.has_approved(told):
                told = person
            found.append(_Reminder(person, told, max(at, now)))
        if stage.working_hours is None:
            return found, unknown
        readers = await asyncio.gather(*(self._reader(reminder.told) for reminder in found))
        return [
            replace(reminder, at=stage.working_hours.next(reminder.at, reader.timezone))
            for reminder, reader in zip(found, readers, strict=True)
        ], unknown

    async def _begun(
        self, progress: Progress, stage: Stage
    ) -> tuple[dict[str, datetime], TryAgain | None]:
        """Return since when each person, or each large group in a channel, can decide."""
        begun: dict[str, datetime] = {}
        unknown: TryAgain | None = None
        if progress.since is None:
            return begun, unknown
        later = stage.escalate_to if progress.escalated else ()
        for ids, delay in ((later, stage.escalate_after or timedelta(0)), (stage.asked, None)):
            for id in ids:
                found = await look_up((id,), self._people)
                members, unknown = found.people, found.unknown or unknown
                if stage.channel and len(members) > LARGE_GROUP:
                    members = frozenset({id})
                begun |= dict.fromkeys(members, progress.since + (delay or timedelta(0)))
        return begun, unknown

    async def _to_the_living(self, reminders: list[_Reminder], now: datetime) -> list[_Reminder]:
        """Drop what is due for people who have left; whose delegate has left is told themselves."""
        due = {one for line in reminders if line.at <= now for one in (line.person, line.told)}
        people = sorted(one for one in due if not is_group(one))
        answers = await asyncio.gather(*map(self._people.is_full_member, people))
        gone = {one for one, is_there in zip(people, answers, strict=True) if not is_there}
        return [
            replace(line, told=line.person) if line.told in gone else line
            for line in reminders
            if line.person not in gone
        ]

    async def _reader(self, person: str) -> Reader:
        return ANYBODY if is_group(person) else await self._people.reader(person)


def _with_reminders(progress: Progress, due: list[_Reminder], now: datetime) -> Progress:
    reminded = {line.person: line for line in progress.reminded}
    for person in (reminder.person for reminder in due):
        count = reminded[person].count if person in reminded else 0
        reminded[person] = ReminderCount(person=person, count=count + 1, at=now)
    return replace(progress, reminded=tuple(reminded.values()))


def _spread(expense: Expense) -> timedelta:
    """Return the pause at which `MOST_LOOKS` looks take the whole window."""
    return ((expense.decide_by or expense.created_at) - expense.created_at) / MOST_LOOKS


def _escalation(progress: Progress, plan: Plan) -> datetime | None:
    stage = progress.present(plan)
    if progress.since is None or stage.escalate_after is None or progress.escalated:
        return None
    return progress.since + stage.escalate_after


def _next_reminder(
    progress: Progress, stage: Stage, person: str, begun: datetime
) -> datetime | None:
    before = next((line for line in progress.reminded if line.person == person), None)
    if stage.remind_after is None:
        return None
    if before is None:
        return begun + stage.remind_after
    if stage.remind_every is None or before.count >= stage.remind_at_most:
        return None
    return before.at + stage.remind_every
