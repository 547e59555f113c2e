"""Forms that come back."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import forms
from bot.errors import ExpenseError, TryAgain
from bot.expense import Decision
from bot.forms import InvalidForm
from bot.listeners.room import Room, explain


class ViewListeners:
    """Takes submitted forms; wrong input gets a sentence at its field."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def register(self, app: AsyncApp) -> None:
        """Say which forms are listened to."""
        app.view(forms.EXPENSE_MODAL)(self.handle_expense_submission)
        app.view(forms.REJECT_MODAL)(self.handle_reject_submission)

    async def handle_expense_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        """Submit a new expense."""
        person = body["user"]["id"]
        reader = await self._room.people.reader(person)
        try:
            claim = forms.parse_expense_modal(view["state"]["values"], reader)
            # A view is submitted once; what arrives again with its id is the same submission.
            await self._room.submissions.submit(person, claim, f"view {view['id']}")
        except InvalidForm as error:
            await ack(response_action="errors", errors=error.errors)
        except ExpenseError as error:
            await ack(response_action="errors", errors={"amount": explain(error, person)})
        else:
            await ack()

    async def handle_reject_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        """Reject an expense with the reason that was given."""
        person = body["user"]["id"]
        try:
            reason = forms.parse_reject_modal(view["state"]["values"])
            expense_id = view["private_metadata"]
            await self._room.decisions.decide(expense_id, Decision.REJECTED, person, reason)
        except InvalidForm as error:
            await ack(response_action="errors", errors=error.errors)
        except TryAgain as error:
            # The form stays open, with what was typed into it.
            await ack(response_action="errors", errors={"reason": explain(error, person)})
        except ExpenseError as error:
            notice = forms.notice_modal("Not rejected", explain(error, person))
            await ack(response_action="update", view=notice)
        else:
            await ack()
