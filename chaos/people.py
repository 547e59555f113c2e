"""What one person does in Slack, again and again until it counts: submit, decide, withdraw."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from chaos.logbook import Act, Logbook, What
from chaos.watched_slack import doing
from sandbox.slack.block_kit import elements_of
from sandbox.slack.delivery import Ack
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.server import FakeSlack

APPROVE, REJECT, FORWARD = "approve_expense", "reject_expense", "forward_expense"
_BUTTONS: dict[What, str] = {"approve": APPROVE, "reject": REJECT, "forward": FORWARD}
SUBMITTED = "Submitted:"
ALREADY_SUBMITTED = "You had submitted this already, and that counts"
TRY_AGAIN = "try again"
# How often people try again, at most.
PATIENCE = 40
_PAUSE_SECONDS = 1.5


def buttons_of(message: dict[str, Any]) -> str | None:
    """Return the id of the expense that a message's buttons are about; None without buttons."""
    for block in message.get("blocks", []):
        for element in elements_of(block):
            if element["action_id"] == APPROVE:
                return str(element["value"])
    return None


def says(act: Act, *words: str) -> bool:
    """Return whether a person was told one of these words because of what they did."""
    return any(word in text for text in act.told for word in words)


@dataclass(frozen=True)
class Form:
    """A form that opens at a click, what sending it is called, and what is put into it."""

    callback_id: str
    what: What
    fields: dict[str, str]


class People:
    """Everybody in the workspace.

    Args:
        slack: where they are.
        logbook: learns what they do.
    """

    def __init__(self, slack: FakeSlack, logbook: Logbook) -> None:
        self._slack = slack
        self._logbook = logbook
        people = [user for user in slack.workspace.users.values() if not user.is_bot]
        self.managers = [user.id for user in people if user.name.startswith("manager")]
        self.employees = [user.id for user in people]
        # People have one form open at a time.
        self._hands = {person: asyncio.Lock() for person in self.employees}

    async def submit(self, person: str, version: tuple[str, str]) -> bool:
        """Submit an expense once, in one line; return whether it was taken.

        Args:
            person: who submits.
            version: amount and text.
        """
        amount, text = version
        act = await self._act(
            Act(who=person, what="submit", expense_id=text, amount=amount),
            self._slack.command(person, "/expense", f"submit {amount} EUR {text}"),
        )
        return bool(act and act.is_acknowledged and says(act, SUBMITTED))

    async def submit_form(self, person: str, *versions: tuple[str, str]) -> bool:
        """Submit an expense by a form; return whether that settled the matter.

        Args:
            person: who submits.
            versions: amount and text, as they are first, and as they are corrected because the
                answer comes too late.
        """
        async with self._hands[person]:
            await self._act(
                Act(who=person, what="submit", expense_id=""),
                self._slack.command(person, "/expense", "submit"),
            )
            view = await self._see_form(person, "expense_modal")
            if view is None:
                return False
            *earlier, last = versions
            for amount, text in earlier:
                await self._send_form(person, view, amount, text, is_answer_lost=True)
                await asyncio.sleep(_PAUSE_SECONDS)
            act = await self._send_form(person, view, *last)
            for _ in range(PATIENCE if earlier else 0):
                if act is None or act.is_acknowledged:
                    break
                await asyncio.sleep(_PAUSE_SECONDS)
                act = await self._send_form(person, view, *last)
            if self._slack.open_view(person):
                await self._slack.close_view(person)
                return bool(act and says(act, ALREADY_SUBMITTED))
            return bool(act and act.is_acknowledged)

    async def _send_form(
        self,
        person: str,
        view: dict[str, Any],
        amount: str,
        text: str,
        *,
        is_answer_lost: bool = False,
    ) -> Act | None:
        act = Act(
            who=person,
            what="submit",
            expense_id=text,
            amount=amount,
            form=view["id"],
            is_answer_lost=is_answer_lost,
        )
        fields = {"amount": amount, "currency": "EUR", "description": text, "category": "meals"}
        receipt = self._slack.upload(person, "receipt.pdf", f"%PDF-1.7 {text}".encode())
        given = fields | {"receipts": [receipt]}
        return await self._act(act, self._slack.submit(person, view, given))

    async def approve(self, person: str, message: dict[str, Any]) -> None:
        """Click on Approve until the click counts or is refused."""
        for _ in range(PATIENCE):
            act = await self.click(person, message, "approve")
            if act is None or (act.is_acknowledged and not says(act, TRY_AGAIN)):
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def reject(self, person: str, message: dict[str, Any]) -> None:
        """Click on Reject, and give a reason, until both count or are refused."""
        form = Form("reject_modal", "give_reason", {"reason": "Not this quarter"})
        await self._click_and_fill_in(person, message, "reject", form)

    async def forward(self, person: str, message: dict[str, Any], to: str) -> None:
        """Click on Forward, and name a colleague, until both count or are refused."""
        form = Form("forward_modal", "name_colleague", {"colleague": to, "note": "Yours"})
        await self._click_and_fill_in(person, message, "forward", form)

    async def _click_and_fill_in(
        self, person: str, message: dict[str, Any], what: What, form: "Form"
    ) -> None:
        for _ in range(PATIENCE):
            async with self._hands[person]:
                act = await self.click(person, message, what)
                if act is None:
                    return
                if act.is_acknowledged:
                    if await self._fill_in(person, act.expense_id, form):
                        return
                    if act.told and not says(act, TRY_AGAIN):
                        return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def withdraw(self, person: str, expense_id: str) -> None:
        """Withdraw an expense, until that counts or is refused."""
        for _ in range(PATIENCE):
            act = await self._act(
                Act(who=person, what="withdraw", expense_id=expense_id),
                self._slack.command(person, "/expense", f"withdraw {expense_id}"),
            )
            if act is None or (act.is_acknowledged and not says(act, TRY_AGAIN)):
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def click(self, person: str, message: dict[str, Any], what: What) -> Act | None:
        """Click on a message once.

        Args:
            person: who clicks.
            message: as the person saw it.
            what: `approve`, `reject` or `forward`.

        Returns:
            How it was answered; None if the message is gone.
        """
        act = Act(who=person, what=what, expense_id=buttons_of(message) or "")
        return await self._act(act, self._slack.click(person, message, _BUTTONS[what]))

    async def _fill_in(self, person: str, expense_id: str, form: "Form") -> bool:
        """Fill in a form; return whether that settled the matter."""
        for _ in range(PATIENCE):
            view = await self._see_form(person, form.callback_id, expense_id)
            if view is None:
                return False
            act = await self._act(
                Act(who=person, what=form.what, expense_id=expense_id),
                self._slack.submit(person, view, form.fields),
            )
            if act is None:
                return False
            if act.is_acknowledged and not says(act, TRY_AGAIN):
                if self._slack.open_view(person):
                    await self._slack.close_view(person)
                return True
            await asyncio.sleep(_PAUSE_SECONDS)
        return False

    async def _see_form(
        self, person: str, callback_id: str, about: str = ""
    ) -> dict[str, Any] | None:
        for _ in range(30):
            view = self._slack.open_view(person)
            if view and (view["callback_id"], view["private_metadata"]) == (callback_id, about):
                return view
            await asyncio.sleep(0.1)
        return None

    async def _act(self, act: Act, action: Coroutine[Any, Any, Ack]) -> Act | None:
        self._logbook.acts.append(act)
        mine = doing.set(act)
        try:
            await action
        except ClientRefusal:
            self._logbook.acts.remove(act)
            return None
        finally:
            doing.reset(mine)
        return act
