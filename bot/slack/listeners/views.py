"""Forms that come back."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import modals
from bot.block_kit.expense_modal import field_of, parse_expense_modal
from bot.block_kit.modals import InvalidForm
from bot.domain.errors import ExpenseError, InvalidInput
from bot.domain.expense import Decision, Receipt
from bot.slack.listeners.context import ListenerContext, answer_form, explain
from bot.slack.listeners.home import draw


class ViewListeners:
    """Takes submitted forms; wrong input gets a sentence at its field."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: AsyncApp) -> None:
        """Say which forms are listened to."""
        app.view(modals.EXPENSE_MODAL)(self.handle_expense_submission)
        app.view(modals.REJECT_MODAL)(self.handle_reject_submission)

    async def handle_expense_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient
    ) -> None:
        """Submit a new expense, or an earlier one once more."""
        person, values = body["user"]["id"], view["state"]["values"]
        previous_id = view.get("private_metadata") or None
        reader = await self._context.people.reader(person)
        try:
            before = await self._receipts_of(previous_id, person)
            claim = parse_expense_modal(values, reader, before)
            # A view is submitted once; what arrives again with its id is the same submission.
            await self._context.submissions.submit(person, claim, f"view {view['id']}", previous_id)
        except InvalidForm as error:
            await ack(response_action="errors", errors=error.errors)
        except InvalidInput as error:
            await ack(response_action="errors", errors={field_of(error, values): str(error)})
        except ExpenseError as error:
            await ack(response_action="errors", errors={"amount": explain(error, person)})
        else:
            await ack()
            # The form may have been opened from there, and nothing says so.
            self._context.background.start(draw(self._context, client, person))

    async def _receipts_of(self, previous_id: str | None, person: str) -> tuple[Receipt, ...]:
        if previous_id is None:
            return ()
        claim = (await self._context.submissions.own(previous_id, person)).claim
        return claim.receipts if claim else ()

    async def handle_reject_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        """Reject an expense with the reason that was given."""
        person = body["user"]["id"]

        async def record() -> None:
            reason = modals.parse_reject_modal(view["state"]["values"])
            expense_id = view["private_metadata"]
            await self._context.decisions.decide(expense_id, Decision.REJECTED, person, reason)

        await answer_form(ack, person, "reason", "Not rejected", record)
