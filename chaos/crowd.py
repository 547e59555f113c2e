"""Employees who submit and managers who decide, with all the ways in which people click."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from chaos.ledger import TWO_PEOPLE, Deed, Start, What
from chaos.slack_side import doing
from chaos.system import HASTE, LONG_WINDOW, TASK_QUEUE, System
from expense_workflow import DECISION_WINDOW_MEMO
from expense_workflow.workflow import SampleExpenseWorkflow
from sandbox.slack.block_kit import elements_of
from sandbox.slack.config import APPROVALS
from sandbox.slack.delivery import Ack
from sandbox.slack.errors import ClientRefusal

APPROVE, REJECT = "approve_expense", "reject_expense"
SUBMITTED = "Submitted"
TRY_AGAIN = "try again"

MANNERS = {
    "approve": 44,
    "reject": 18,
    "double": 8,
    "duel": 12,
    "stranger": 5,
    "late": 9,
    "withdraw": 5,
    "ignore": 4,
}
_PATIENCE = 40


def buttons_of(message: dict[str, Any]) -> str | None:
    """Read from its buttons which expense a message asks about; None if it has none."""
    for block in message.get("blocks", []):
        for element in elements_of(block):
            if element["action_id"] == APPROVE:
                return str(element["value"])
    return None


class Crowd:
    """Everybody in the workspace.

    Args:
        system: where they are.
        seed: decides who does what.
    """

    def __init__(self, system: System, seed: int) -> None:
        self._system = system
        self._slack = system.slack
        self._ledger = system.ledger
        self._seed = seed
        names = [user for user in self._slack.workspace.users.values() if not user.is_bot]
        self._managers = [user.id for user in names if user.name.startswith("manager")]
        self._employees = [user.id for user in names]
        # People have one form open at a time.
        self._hands = {user.id: asyncio.Lock() for user in names}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: set[str] = set()
        self._seen = 0
        self.begun = 0

    @property
    def busy(self) -> int:
        """Tell how much is under way."""
        return len(self._tasks)

    def begin(self) -> None:
        """Have somebody ask for something."""
        self.begun += 1
        dice = random.Random(f"{self._seed} {self.begun}")
        foreign = dice.random() < 0.12
        windows = (self._system.short_window, LONG_WINDOW, LONG_WINDOW)
        name, seconds = f"{self._seed}-{self.begun}", dice.choice(windows)
        work = self.start_workflow(name, seconds) if foreign else self._submit(self.begun, dice)
        self._do(work)

    def look(self) -> None:
        """Let the managers see what is new in the channel."""
        messages = self._slack.messages(APPROVALS)
        for message in messages[self._seen :]:
            expense_id = buttons_of(message)
            if expense_id and expense_id not in self._asked:
                self._asked.add(expense_id)
                self._do(self._respond(expense_id, message))
        self._seen = len(messages)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()

    # Asking

    async def _submit(self, number: int, dice: random.Random) -> None:
        person, haste = dice.choice(self._employees), HASTE if dice.random() < 0.15 else ""
        amount = f"{dice.uniform(1, 1000):.2f}"
        has_form = dice.random() < 0.1
        for attempt in range(_PATIENCE):
            text = f"Errand {self._seed}.{number}.{attempt} {haste}".strip()
            if has_form:
                deed = await self._submit_form(person, amount, text)
            else:
                deed = await self._act(
                    Deed(who=person, what="submit", expense_id=text),
                    self._slack.command(person, "/expense", f"submit {amount} EUR {text}"),
                )
            if deed and deed.is_acknowledged and (has_form or _says(deed, SUBMITTED)):
                return
            await asyncio.sleep(dice.uniform(1, 3))

    async def _submit_form(self, person: str, amount: str, text: str) -> Deed | None:
        async with self._hands[person]:
            await self._act(
                Deed(who=person, what="submit", expense_id=""),
                self._slack.command(person, "/expense", "submit"),
            )
            view = await self._see_form(person, "expense_modal")
            if view is None:
                return None
            deed = Deed(who=person, what="submit", expense_id=text)
            fields = {
                "amount": amount,
                "currency": "EUR",
                "description": text,
                "category": "meals",
            }
            await self._act(deed, self._slack.submit(person, view, fields))
            if self._slack.open_view(person):
                await self._slack.close_view(person)
                return None
            return deed

    async def start_workflow(self, name: str, seconds: float) -> None:
        """Start a workflow as another service does.

        Args:
            name: what its ids are made of.
            seconds: how long people have to decide.
        """
        start = Start(expense_id=f"ORDER-{name}", workflow_id=f"order-{name}")
        self._ledger.starts[start.expense_id] = start
        while not start.is_started:
            try:
                await self._start(start, seconds)
                start.is_started = True
            except RPCError:
                await asyncio.sleep(1)

    async def _start(self, start: Start, seconds: float) -> WorkflowHandle[Any, Any] | None:
        try:
            return await self._system.temporal.start_workflow(
                SampleExpenseWorkflow.run,
                start.expense_id,
                id=start.workflow_id,
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                memo={DECISION_WINDOW_MEMO: seconds},
            )
        except WorkflowAlreadyStartedError:
            return None  # the answer to an earlier try was lost

    # Deciding

    async def _respond(self, expense_id: str, message: dict[str, Any]) -> None:
        dice = random.Random(message["text"][:60])
        manner = dice.choices([*MANNERS], [*MANNERS.values()])[0]
        first, second, third = dice.sample(self._managers, 3)
        await asyncio.sleep(dice.uniform(0, 3))
        match manner:
            case "approve":
                await self._approve(first, message)
            case "reject":
                await self._reject(first, message)
            case "double":
                await asyncio.gather(self._approve(first, message), self._approve(first, message))
            case "duel":
                other = self._reject if dice.random() < 0.5 else self._approve
                await asyncio.gather(self._approve(first, message), other(second, message))
            case "stranger":
                nobody = next(p for p in self._employees if p not in self._managers)
                await self._approve(dice.choice([nobody, *self._requester(message)]), message)
                await self._approve(first, message)
            case "late":
                await self._until_closed(message)
                await self._approve(first, message)
            case "withdraw":
                work = [self._withdraw(person, expense_id) for person in self._requester(message)]
                await asyncio.gather(*work, self._approve(first, message))
        # Whoever submitted it cannot decide it, and leaves it to somebody else.
        if manner != "ignore" and first in self._requester(message):
            await self._approve(second, message)
        if manner != "ignore" and TWO_PEOPLE in message["text"]:
            await asyncio.gather(self._approve(second, message), self._approve(third, message))

    def _requester(self, message: dict[str, Any]) -> list[str]:
        return [person for person in self._employees if f"<@{person}>" in message["text"]]

    async def _until_closed(self, message: dict[str, Any]) -> None:
        for _ in range(60):
            now = self._slack.workspace.message(APPROVALS.id, message["ts"])
            if now is None or buttons_of(now) is None:
                return
            await asyncio.sleep(1)

    async def _approve(self, person: str, message: dict[str, Any]) -> None:
        for _ in range(_PATIENCE):
            deed = await self.click(person, message, "approve")
            if deed is None or (deed.is_acknowledged and not _says(deed, TRY_AGAIN)):
                return
            await asyncio.sleep(1.5)

    async def _reject(self, person: str, message: dict[str, Any]) -> None:
        for _ in range(_PATIENCE):
            async with self._hands[person]:
                deed = await self.click(person, message, "reject")
                if deed is None:
                    return
                if deed.is_acknowledged:
                    if await self._give_reason(person, deed.expense_id):
                        return
                    if deed.told and not _says(deed, TRY_AGAIN):
                        return
            await asyncio.sleep(1.5)

    async def _withdraw(self, person: str, expense_id: str) -> None:
        for _ in range(_PATIENCE):
            deed = await self._act(
                Deed(who=person, what="withdraw", expense_id=expense_id),
                self._slack.command(person, "/expense", f"withdraw {expense_id}"),
            )
            if deed is None or (deed.is_acknowledged and not _says(deed, TRY_AGAIN)):
                return
            await asyncio.sleep(1.5)

    async def _give_reason(self, person: str, expense_id: str) -> bool:
        """Fill in the form for the reason; say whether that settled the matter."""
        for _ in range(_PATIENCE):
            view = await self._see_form(person, "reject_modal", expense_id)
            if view is None:
                return False
            deed = await self._act(
                Deed(who=person, what="give_reason", expense_id=expense_id),
                self._slack.submit(person, view, {"reason": "Not this quarter"}),
            )
            if deed is None:
                return False
            if deed.is_acknowledged and not _says(deed, TRY_AGAIN):
                if self._slack.open_view(person):
                    await self._slack.close_view(person)
                return True
            await asyncio.sleep(1.5)
        return False

    async def click(self, person: str, message: dict[str, Any], what: What) -> Deed | None:
        """Click on a message as it was when it was looked at; None if it is gone."""
        deed = Deed(who=person, what=what, expense_id=buttons_of(message) or "")
        action = APPROVE if what == "approve" else REJECT
        return await self._act(deed, self._slack.click(person, message, action))

    async def _see_form(
        self, person: str, callback_id: str, about: str = ""
    ) -> dict[str, Any] | None:
        for _ in range(30):
            view = self._slack.open_view(person)
            if view and (view["callback_id"], view["private_metadata"]) == (callback_id, about):
                return view
            await asyncio.sleep(0.1)
        return None

    async def _act(self, deed: Deed, action: Coroutine[Any, Any, Ack]) -> Deed | None:
        self._ledger.deeds.append(deed)
        mine = doing.set(deed)
        try:
            await action
        except ClientRefusal:
            self._ledger.deeds.remove(deed)
            return None
        finally:
            doing.reset(mine)
        return deed


def _says(deed: Deed, words: str) -> bool:
    return any(words in text for text in deed.told)
