"""Watches the records and the log: what changed, and who had the right to change it."""

import hashlib
import logging
from collections import deque
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from bot.database.engine.connection import Database
from bot.database.schema import audit, expenses

# The fields of a claim, which never change once it is submitted.
_FROZEN = (
    *("requester", "amount", "currency", "description", "category", "spent_on"),
    *("manager", "receipts", "previous_id"),
)
_OWN = {"delivery", "temporal"}
_WORKER = {"create", "register_callback", "register_again"}
_PAYMENT = {"ask_payment", "pay", "refuse_payment"}


class Watch:
    """Reads every new line of the audit trail, and checks that its actor had the right to it.

    Args:
        database: the bot's.
        approvers: who may decide.
    """

    def __init__(self, database: Database, approvers: Collection[str]) -> None:
        self._database = database
        self._approvers = approvers
        self._last = 0
        self._lately: deque[set[str]] = deque(maxlen=50)
        self._approved: set[str] = set()
        self._states: dict[str, str] = {}
        self._frozen: dict[str, str] = {}
        self.lines = 0
        self.refusals = 0

    async def check(self, people: Collection[str] = (), *, is_worker: bool = False) -> None:
        """Check every new line.

        Args:
            people: the ids in the last request, if it was signed by Slack. That people of earlier
                requests were refused may follow late.
            is_worker: whether the request had the worker's key.
        """
        self._lately.append(set(people))
        query = (
            select(audit, expenses.c.requester)
            .join(expenses)
            .where(audit.c.number > self._last)
            .order_by(audit.c.number)
        )
        lines = await self._database.execute(query)
        for line in lines:
            self._last = line.number
            self.lines += 1
            self.refusals += line.event == "refuse"
            self._states[line.expense_id] = line.state
            words = f"{line.event} by {line.actor} on {line.expense_id}: {line.detail}"
            is_right = self._is_right(line, people, is_worker) or self._is_late(line)
            assert is_right, f"without a right to it: {words}"
            if line.event == "decide" and line.state == "APPROVED":
                self._approved.add(line.expense_id)

    def _is_right(self, line: Any, people: Collection[str], is_worker: bool) -> bool:
        event, actor = line.event, line.actor
        if event in ("submit", "refuse"):
            return actor in people
        if event in ("answer", "withdraw"):
            return actor in people and actor == line.requester
        if event in ("decide", "explain", "ask"):
            return actor in people and actor in self._approvers
        if event in _PAYMENT:
            return is_worker and line.expense_id in self._approved
        return actor in _OWN or (event in _WORKER and is_worker)

    def _is_late(self, line: Any) -> bool:
        return line.event == "refuse" and line.actor in set().union(*self._lately)

    async def check_all(self) -> None:
        """Check that no expense changed without a line of history, and that no claim changed."""
        found = await self._database.execute(select(expenses))
        rows = [row._asdict() for row in found]
        await self.check(is_worker=True)
        for row in rows:
            state = self._states.get(row["id"])
            assert state == row["state"], f"{row['id']} is {row['state']}, its history says {state}"
            seen = _digest(row)
            assert self._frozen.setdefault(row["id"], seen) == seen, f"{row['id']}: claim changed"


def _digest(row: Mapping[Any, Any]) -> str:
    return hashlib.sha256(repr([row[name] for name in _FROZEN]).encode()).hexdigest()


class LogWatch(logging.Handler):
    """Looks for secrets and for line breaks in everything that is logged.

    Args:
        secrets: what must never appear.
    """

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(logging.INFO)
        self._secrets = secrets
        self._format = logging.Formatter()
        self.lines = 0
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one record."""
        self.lines += 1
        whole = self._format.format(record)
        if any(secret in whole for secret in self._secrets):
            self.found.append(f"a secret is logged by {record.name}")
        if len(record.getMessage().splitlines()) > 1:
            self.found.append(f"a log line is broken by {record.name}: {record.getMessage()!r}")

    def check(self) -> None:
        """Check that nothing was found since the last time."""
        found, self.found = self.found, []
        assert not found, found[0]
