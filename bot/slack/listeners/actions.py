"""Clicks on buttons."""

from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import message_blocks, modals, sentences
from bot.domain.errors import ExpenseError
from bot.domain.expense import Decision
from bot.slack.listeners.context import ListenerContext


class ActionListeners:
    """Answers clicks.

    Before Slack gets its acknowledgement the decision is durable, or the person has been told or
    shown why it is not: an acknowledged click never ends in silence, whoever dies after it.
    """

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: AsyncApp) -> None:
        """Say which clicks are listened to."""
        app.action(message_blocks.APPROVE_ACTION)(self.handle_approve_action)
        app.action(message_blocks.REJECT_ACTION)(self.handle_reject_action)
        app.action(message_blocks.NEW_EXPENSE_ACTION)(self.handle_new_expense_action)

    async def handle_approve_action(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Approve the expense on whose message Approve was clicked."""
        person = body["user"]["id"]
        try:
            expense = await self._context.decisions.decide(
                action["value"], Decision.APPROVED, person
            )
        except ExpenseError as error:
            await self._context.refuse(error, body, respond, client)
        else:
            self._context.clicked(body, expense)
        await ack()

    async def handle_reject_action(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Ask for the reason of a rejection; nothing is decided before that form comes back."""
        person, expense_id = body["user"]["id"], action["value"]

        form = modals.reject_modal(expense_id)
        try:
            await self._context.decisions.check_may_decide(expense_id, person)
            is_open = await self._context.open_form(client, body["trigger_id"], form)
            if not is_open:
                await self._context.decisions.decide(expense_id, Decision.REJECTED, person)
        except ExpenseError as error:
            await self._context.refuse(error, body, respond, client)
        else:
            if not is_open:
                await self._context.excuse(sentences.REJECTED_WITHOUT_REASON, body, respond, client)
        await ack()

    async def handle_new_expense_action(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        """Open the form for a new expense from the App Home."""
        form = partial(self._context.new_expense_form, body["user"]["id"])
        await self._context.open_form_or_say(
            sentences.FORM_DID_NOT_OPEN, form, body, respond, client
        )
        await ack()
