"""Clicks on buttons."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import blocks, forms, sentences
from bot.expense import AlreadyDecided, Decision, ExpenseError
from bot.listeners.room import Room, explain


class ActionListeners:
    """Answers clicks: the decision is durable before Slack gets its acknowledgement."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def register(self, app: AsyncApp) -> None:
        """Say which clicks are listened to."""
        app.action(blocks.APPROVE_ACTION)(self.handle_approve_action)
        app.action(blocks.REJECT_ACTION)(self.handle_reject_action)
        app.action(blocks.NEW_EXPENSE_ACTION)(self.handle_new_expense_action)

    async def handle_approve_action(
        self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Approve the expense on whose message Approve was clicked."""
        person = body["user"]["id"]
        try:
            expense = await self._room.decisions.decide(action["value"], Decision.APPROVED, person)
        except ExpenseError as error:
            self._refuse(error, body, person, respond)
        else:
            self._room.heal(body, expense)
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

        async def reject_without_reason() -> None:
            try:
                await self._room.decisions.decide(expense_id, Decision.REJECTED, person)
                self._room.whisper(respond, sentences.REJECTED_WITHOUT_REASON)
            except ExpenseError as error:
                self._refuse(error, body, person, respond)

        try:
            await self._room.decisions.check_may_decide(expense_id, person)
        except ExpenseError as error:
            self._refuse(error, body, person, respond)
        else:
            form = forms.reject_modal(expense_id)
            self._room.open_form(client, body["trigger_id"], form, reject_without_reason)
        await ack()

    async def handle_new_expense_action(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        """Open the form for a new expense from the App Home."""
        person = body["user"]["id"]

        async def say_so() -> None:
            await client.chat_postMessage(channel=person, text=sentences.FORM_DID_NOT_OPEN)

        form = self._room.new_expense_form(person)
        self._room.open_form(client, body["trigger_id"], form, say_so)
        await ack()

    def _refuse(
        self, error: ExpenseError, body: dict[str, Any], person: str, respond: AsyncRespond
    ) -> None:
        """Tell one person why their click changed nothing, and bring the message up to date."""
        self._room.whisper(respond, explain(error, person))
        if isinstance(error, AlreadyDecided):
            self._room.redraw(body, error.expense)
