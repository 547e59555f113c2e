"""The crowd: employees submit, and managers decide in all the ways in which people click."""

import asyncio
import random
import time
from collections.abc import Coroutine
from typing import Any

from chaos.logbook import TWO_PEOPLE
from chaos.other_service import start_workflow
from chaos.people import PATIENCE, People, buttons_of
from chaos.settings import HASTE, LONG_WINDOW
from chaos.system import System
from sandbox.slack.config import APPROVALS

# The ways in which managers answer, and how many of a hundred do.
MANNERS = {
    "approve": 40,
    "forward": 4,
    "reject": 18,
    "double": 8,
    "duel": 12,
    "stranger": 5,
    "late": 9,
    "withdraw": 5,
    "ignore": 4,
}

# Who fills in the form, with a receipt, and whose answer to it comes so late that they correct what
# they sent.
BY_FORM, CORRECTED = 0.2, 0.4
_LOOK_SECONDS = 2.0


class Crowd:
    """Everybody in the workspace, at work.

    Args:
        system: where they are.
        seed: decides who does what.
    """

    def __init__(self, system: System, seed: int) -> None:
        self._system = system
        self._slack = system.slack
        self._seed = seed
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: set[str] = set()
        self._seen = 0
        self._looked_at = 0.0
        self.people = People(system.slack, system.logbook)
        self.begun = 0

    @property
    def busy(self) -> int:
        """Return how many of them are doing something."""
        return len(self._tasks)

    def begin(self) -> None:
        """Have somebody ask for something."""
        self.begun += 1
        dice = random.Random(f"{self._seed} {self.begun}")
        is_foreign = dice.random() < 0.12
        seconds = dice.choice((self._system.short_window, LONG_WINDOW, LONG_WINDOW))
        self._do(
            self.start_workflow(f"{self._seed}-{self.begun}", seconds)
            if is_foreign
            else self._submit(self.begun, dice)
        )

    async def start_workflow(self, name: str, seconds: float) -> None:
        """Have another service start a workflow; see `chaos.other_service`."""
        await start_workflow(self._system.temporal, self._system.logbook, name, seconds)

    def look(self) -> None:
        """Let the managers see what is new in the channel."""
        messages = self._slack.messages(APPROVALS)
        for message in messages[self._seen :]:
            expense_id = buttons_of(message)
            if expense_id and expense_id not in self._asked:
                self._asked.add(expense_id)
                self._do(self._respond(expense_id, message))
        self._seen = len(messages)
        reopened = self._system.logbook.reopened
        if reopened and time.monotonic() > self._looked_at + _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            for message in messages:
                if (expense_id := buttons_of(message)) in reopened and expense_id:
                    reopened.remove(expense_id)
                    self._do(self._respond(expense_id, message))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()

    async def _submit(self, number: int, dice: random.Random) -> None:
        person = dice.choice(self.people.employees)
        haste = HASTE if dice.random() < 0.15 else ""
        amount, other = (f"{dice.uniform(1, 1000):.2f}" for _ in range(2))
        by_form = dice.random() < BY_FORM
        submit = self.people.submit_form if by_form else self.people.submit
        is_corrected = by_form and dice.random() < CORRECTED
        for attempt in range(PATIENCE):
            about = f"{self._seed}.{number}.{attempt} {haste}".strip()
            versions = [(amount, f"Errand {about}"), (other, f"Corrected errand {about}")]
            is_taken = await submit(person, *versions[: 1 + is_corrected])
            if is_taken:
                return
            await asyncio.sleep(dice.uniform(1, 3))

    async def _respond(self, expense_id: str, message: dict[str, Any]) -> None:
        people, requester = self.people, self._requester(message)
        dice = random.Random(message["text"][:60])
        manner = dice.choices([*MANNERS], [*MANNERS.values()])[0]
        first, second, third = dice.sample(people.managers, 3)
        await asyncio.sleep(dice.uniform(0, 3))
        match manner:
            case "approve":
                await people.approve(first, message)
            case "reject":
                await people.reject(first, message)
            case "double":
                await asyncio.gather(people.approve(first, message), people.approve(first, message))
            case "duel":
                other = people.reject if dice.random() < 0.5 else people.approve
                await asyncio.gather(people.approve(first, message), other(second, message))
            case "forward":
                await people.forward(first, message, to=second)
                await asyncio.gather(
                    people.approve(first, message), people.approve(second, message)
                )
            case "stranger":
                nobody = next(p for p in people.employees if p not in people.managers)
                await people.approve(dice.choice([nobody, *requester]), message)
                await people.approve(first, message)
            case "late":
                await self._until_closed(message)
                await people.approve(first, message)
            case "withdraw":
                work = [people.withdraw(person, expense_id) for person in requester]
                await asyncio.gather(*work, people.approve(first, message))
        # The requester cannot decide it, and leaves it to somebody else.
        if manner != "ignore" and first in requester:
            await people.approve(second, message)
        if manner != "ignore" and TWO_PEOPLE in message["text"]:
            await asyncio.gather(people.approve(second, message), people.approve(third, message))

    def _requester(self, message: dict[str, Any]) -> list[str]:
        """Return the person who asks for it; nobody where a service does."""
        return [person for person in self.people.employees if f"<@{person}>" in message["text"]]

    async def _until_closed(self, message: dict[str, Any]) -> None:
        # Longer than a short window, so that the click comes too late for what expires.
        for _ in range(self._system.short_window + 20):
            now = self._slack.workspace.message(APPROVALS.id, message["ts"])
            if now is None or buttons_of(now) is None:
                return
            await asyncio.sleep(1)
