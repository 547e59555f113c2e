"""What requesters click below their own expenses, in messages and in the App Home."""

from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import message_blocks, sentences
from bot.block_kit.bulk_approval import read_pages
from bot.domain.errors import ExpenseError, InvalidState
from bot.domain.expense import RESUBMITTABLE
from bot.slack.listeners.context import ListenerContext, explain
from bot.slack.listeners.home import redraw


class RequesterListeners:
    """Takes expenses back, and opens the form to submit them once more."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: AsyncApp) -> None:
        """Say which clicks are listened to."""
        app.action(message_blocks.WITHDRAW_ACTION)(self.handle_withdraw_action)
        app.action(message_blocks.RESUBMIT_ACTION)(self.handle_resubmit_action)

    async def handle_withdraw_action(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Take back an expense of one's own; its messages say so soon, and the App Home at once."""
        person, view = body["user"]["id"], body.get("view")
        try:
            await self._context.submissions.withdraw(action["value"], person)
        except ExpenseError as error:
            await self._context.tell(explain(error, person), body, respond, client)
        if isinstance(view, dict) and view.get("type") == "home":
            redraw(self._context, body, client, read_pages(view))
        await ack()

    async def handle_resubmit_action(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Open the form, filled in from an expense of one's own that was not paid."""
        person = body["user"]["id"]
        try:
            previous = await self._context.submissions.own(action["value"], person)
            if previous.state not in RESUBMITTABLE:
                raise InvalidState(
                    "Only what was rejected, withdrawn or expired is submitted again."
                )
            form = partial(self._context.new_expense_form, person, previous)
            await self._context.open_form_or_say(
                sentences.FORM_DID_NOT_OPEN, form, body, respond, client
            )
        except ExpenseError as error:
            await self._context.tell(explain(error, person), body, respond, client)
        await ack()
