"""Reminds and escalates; a workflow's durable timers say when to look.

What is due is found in the database alone: it makes no difference who asks, or how late.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.expense import Expense, State
from bot.ledger import Ledger
from bot.plan import Plan, Progress, Reminded, Stage
from bot.policy import Policy
from bot.ports import Delegations, Directory
from bot.reader import ANYBODY, Reader

# A group with more members is reminded as one, at any hour of theirs.
LARGE_GROUP = 20
# A workflow's history has room for some hundred looks, however long its window is.
MOST_LOOKS = 200
SOON = timedelta(seconds=1)
NOT_ASKED_YET = timedelta(seconds=30)


class Readers(Protocol):
    """Knows how people read; `bot.people` describes the call."""

    async def reader(self, person: str) -> Reader:
        """Say how this person reads."""


class FollowUps:
    """Sees to it that nobody's expense is forgotten.

    Args:
        ledger: has the expenses.
        policy: says who may decide.
        directory: knows who is in which user group.
        readers: know people's time zones.
        delegations: knows who stands in for whom.
    """

    def __init__(
        self,
        ledger: Ledger,
        policy: Policy,
        directory: Directory,
        readers: Readers,
        delegations: Delegations,
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._directory = directory
        self._readers = readers
        self._delegations = delegations

    async def follow_up(self, expense_id: str) -> timedelta | None:
        """Do what is due for an expense, and say after how long to look again; None for never.

        Raises:
            InvalidId: no expense has this id.
            TryAgain: Slack does not say who is in a group, or the database does not answer.
        """
        expense = await self._ledger.get(expense_id)
        if expense.state is State.SUBMITTED or (expense.is_open and expense.decide_by is None):
            return NOT_ASKED_YET
        plan, now = expense.plan, datetime.now(UTC)
        if not (expense.is_open and expense.decide_by and plan and plan.stages):
            return None
        escalation = _escalation(expense.progress, plan)
        if escalation and escalation <= now:
            changed = await self._escalate(expense, plan)
            return SOON if changed is None else await self.follow_up(expense_id)
        reminders = await self._reminders(expense, plan, now)
        if due := [person for person, at in reminders.items() if at <= now]:
            changed = await self._remind(expense, due, now)
            return SOON if changed is None else await self.follow_up(expense_id)
        later = plan.first_follow_up(expense.progress.stage + 1)
        looks = [at - now for at in (escalation, *reminders.values()) if at]
        looks += [later] if later else []
        shortest = (expense.decide_by - (expense.progress.since or now)) / MOST_LOOKS
        return max(min(looks), shortest, SOON) if looks else None

    async def _escalate(self, expense: Expense, plan: Plan) -> Expense | None:
        return await self._ledger.change(
            expense.id,
            expected={State.CREATED},
            seen=expense.version,
            event="escalate",
            actor="policy",
            detail=" ".join(expense.progress.present(plan).escalate_to),
            progress=replace(expense.progress, escalated=True),
        )

    async def _remind(self, expense: Expense, people: list[str], now: datetime) -> Expense | None:
        before = {line.person: line for line in expense.progress.reminded}
        for person in people:
            count = before[person].count if person in before else 0
            before[person] = Reminded(person=person, count=count + 1, at=now)
        stand_ins = await self._delegations.delegates_of(people)
        told = dict.fromkeys(stand_ins.get(person, person) for person in people)
        return await self._ledger.change(
            expense.id,
            expected={State.CREATED},
            seen=expense.version,
            event="remind",
            actor="policy",
            detail=" ".join(told),
            progress=replace(expense.progress, reminded=tuple(before.values())),
        )

    async def _reminders(self, expense: Expense, plan: Plan, now: datetime) -> dict[str, datetime]:
        """Say when each of those who have not decided is to be reminded next."""
        progress, stage = expense.progress, expense.progress.present(plan)
        waiting: set[str] = set()
        for id in self._policy.may_decide_now(expense):
            members = await self._directory.group_members(id) if id.startswith("S") else {id}
            waiting |= members if len(members) <= LARGE_GROUP else {id}
        people = sorted(
            person
            for person in waiting
            if person != expense.requester and not progress.has_approved(person)
        )
        times = {
            person: max(at, now) for person in people if (at := _reminder(progress, stage, person))
        }
        readers = await asyncio.gather(*(self._reader(person) for person in times))
        return {
            person: _at_work(at, stage, reader)
            for (person, at), reader in zip(times.items(), readers, strict=True)
        }

    async def _reader(self, person: str) -> Reader:
        return ANYBODY if person.startswith("S") else await self._readers.reader(person)


def _escalation(progress: Progress, plan: Plan) -> datetime | None:
    stage = progress.present(plan)
    if progress.since is None or stage.escalate_after is None or progress.escalated:
        return None
    return progress.since + stage.escalate_after


def _reminder(progress: Progress, stage: Stage, person: str) -> datetime | None:
    before = next((line for line in progress.reminded if line.person == person), None)
    if progress.since is None or stage.remind_after is None:
        return None
    if before is None:
        return progress.since + stage.remind_after
    if stage.remind_every is None or before.count >= stage.remind_at_most:
        return None
    return before.at + stage.remind_every


def _at_work(instant: datetime, stage: Stage, reader: Reader) -> datetime:
    hours = stage.working_hours
    return hours.next(instant, reader.timezone) if hours else instant
