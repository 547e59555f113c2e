"""Questions of approvers and answers of requesters: their buttons, and their forms."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import blocks, forms, sentences
from bot.errors import ExpenseError, TryAgain
from bot.forms import InvalidForm
from bot.listeners.room import Room, explain


class QuestionListeners:
    """Lets people ask and answer; who may is checked at the click, and again with the form."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def register(self, app: AsyncApp) -> None:
        """Say which clicks and forms are listened to."""
        app.action(blocks.ASK_ACTION)(self.handle_ask_action)
        app.action(blocks.ANSWER_ACTION)(self.handle_answer_action)
        app.view(forms.ASK_MODAL)(self.handle_ask_submission)
        app.view(forms.ANSWER_MODAL)(self.handle_answer_submission)

    async def handle_ask_action(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Open the form for a question to the requester."""
        expense_id = action["value"]
        try:
            await self._room.questions.check_may_ask(expense_id, body["user"]["id"])
            form = forms.ask_modal(expense_id)
            if not await self._room.open_form(client, body["trigger_id"], form):
                await self._room.excuse(sentences.QUESTION_DID_NOT_OPEN, body, respond, client)
        except ExpenseError as error:
            await self._room.refuse(error, body, respond, client)
        await ack()

    async def handle_answer_action(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Open the form for the answer to the newest question."""
        expense_id, person = action["value"], body["user"]["id"]
        try:
            _, question = await self._room.questions.to_answer(expense_id, person)
            form = forms.answer_modal(expense_id, question.detail or "")
            if not await self._room.open_form(client, body["trigger_id"], form):
                await self._room.excuse(sentences.QUESTION_DID_NOT_OPEN, body, respond, client)
        except ExpenseError as error:
            # Not `refuse`: what was clicked is a line of a thread, which stays as it is.
            await self._room.tell(explain(error, person), body, respond, client)
        await ack()

    async def handle_ask_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        """Record a question."""
        await self._record(
            ack, body, view, forms.parse_ask_modal, self._room.questions.ask, "question"
        )

    async def handle_answer_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        """Record an answer."""
        await self._record(
            ack, body, view, forms.parse_answer_modal, self._room.questions.answer, "answer"
        )

    async def _record(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        view: dict[str, Any],
        parse: Callable[[Any], str],
        record: Callable[[str, str, str], Awaitable[None]],
        field: str,
    ) -> None:
        person = body["user"]["id"]
        try:
            await record(view["private_metadata"], person, parse(view["state"]["values"]))
        except InvalidForm as error:
            await ack(response_action="errors", errors=error.errors)
        except TryAgain as error:
            # The form stays open, with what was typed into it.
            await ack(response_action="errors", errors={field: explain(error, person)})
        except ExpenseError as error:
            await ack(
                response_action="update",
                view=forms.notice_modal("Not sent", explain(error, person)),
            )
        else:
            await ack()
