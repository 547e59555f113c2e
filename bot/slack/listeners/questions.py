"""Questions of approvers and answers of requesters: their buttons, and their forms."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import message_blocks, modals, sentences
from bot.domain.errors import ExpenseError
from bot.slack.listeners.context import ListenerContext, answer_form, explain


class QuestionListeners:
    """Lets people ask and answer; who may is checked at the click, and again with the form."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: AsyncApp) -> None:
        """Say which clicks and forms are listened to."""
        app.action(message_blocks.ASK_ACTION)(self.handle_ask_action)
        app.action(message_blocks.ANSWER_ACTION)(self.handle_answer_action)
        app.view(modals.ASK_MODAL)(self.handle_ask_submission)
        app.view(modals.ANSWER_MODAL)(self.handle_answer_submission)

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
            await self._context.questions.check_may_ask(expense_id, body["user"]["id"])
            form = modals.ask_modal(expense_id)
            await self._context.open_form_or_say(
                sentences.QUESTION_DID_NOT_OPEN, form, body, respond, client
            )
        except ExpenseError as error:
            await self._context.refuse(error, body, respond, client)
        await ack()

    async def handle_answer_action(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Open the form for the answer to a question."""
        person = body["user"]["id"]
        try:
            number, expense_id = _read(action["value"])
            _, number, question = await self._context.questions.to_answer(
                expense_id, person, number
            )
            form = modals.answer_modal(f"{number} {expense_id}", question)
            await self._context.open_form_or_say(
                sentences.QUESTION_DID_NOT_OPEN, form, body, respond, client
            )
        except ExpenseError as error:
            # Not `refuse`: what was clicked is a line of a thread, which stays as it is.
            await self._context.tell(explain(error, person), body, respond, client)
        await ack()

    async def handle_ask_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        """Record a question."""
        person, expense_id = body["user"]["id"], view["private_metadata"]

        async def record() -> None:
            question = modals.parse_ask_modal(view["state"]["values"])
            await self._context.questions.ask(expense_id, person, question)

        await answer_form(ack, person, "question", "Not sent", record)

    async def handle_answer_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        """Record an answer."""
        person = body["user"]["id"]

        async def record() -> None:
            answer = modals.parse_answer_modal(view["state"]["values"])
            number, expense_id = _read(view["private_metadata"])
            await self._context.questions.answer(expense_id, person, answer, number)

        await answer_form(ack, person, "answer", "Not sent", record)


def _read(value: str) -> tuple[int | None, str]:
    """Read the number of a question, if there is one, and the expense's id."""
    number, _, expense_id = value.partition(" ")
    is_number = number.isascii() and number.isdecimal() and len(number) < 20
    return (int(number), expense_id) if is_number and expense_id else (None, value)
