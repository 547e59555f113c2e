"""The slash command /expense."""

import asyncio
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import message_blocks, modals, sentences
from bot.block_kit.history import history_blocks, history_text
from bot.domain.errors import ExpenseError
from bot.slack.command_parser import as_typed
from bot.slack.listeners.context import ListenerContext, explain
from bot.slack.listeners.delegation import DelegationListeners

LIST_LENGTH = 20


class CommandListeners:
    """Answers /expense, whose first word says what is wanted."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context
        self._delegation = DelegationListeners(context)

    def register(self, app: AsyncApp) -> None:
        """Say which commands are listened to."""
        app.command("/expense")(self.handle_expense_command)

    async def handle_expense_command(
        self,
        ack: AsyncAck,
        command: dict[str, Any],
        client: AsyncWebClient,
    ) -> None:
        """Do what the first word says; anything unknown gets the help."""
        words = (command.get("text") or "").split(maxsplit=1)
        word, as_sent = (*words, "", "")[:2]
        person, rest = command["user_id"], as_typed(as_sent).strip()
        try:
            match word.lower(), rest:
                case "submit", "":
                    await ack(await self._open_form(command, client))
                case "submit", _:
                    await ack(await self._submit(person, rest, command["trigger_id"]))
                case "list", "":
                    text, written = await self._list(person)
                    await ack(text=text, blocks=written)
                case "status", expense_id if expense_id:
                    text, body = await self._status(person, expense_id)
                    await ack(text=text, blocks=body)
                case "history", expense_id if expense_id:
                    text, body = await self._history(person, expense_id)
                    await ack(text=text, blocks=body)
                case "withdraw", expense_id if expense_id:
                    await ack(await self._withdraw(person, expense_id))
                case "delegate", _:
                    await ack(await self._delegation.answer(command, as_sent.strip(), client))
                case _:
                    await ack(sentences.HELP)
        except ExpenseError as error:
            await ack(explain(error, person))

    async def _open_form(self, command: dict[str, Any], client: AsyncWebClient) -> str:
        form = partial(self._context.new_expense_form, command["user_id"])
        is_open = await self._context.open_form(client, command["trigger_id"], form)
        return "" if is_open else sentences.FORM_DID_NOT_OPEN

    async def _submit(self, person: str, line: str, trigger_id: str) -> str:
        reader = await self._context.people.reader(person)
        claim = modals.parse_one_line(line, reader)
        # Slack makes a new trigger_id for every command; a repeated one is the same command.
        expense = await self._context.submissions.submit(person, claim, f"command {trigger_id}")
        return sentences.submitted(expense, reader.locale)

    async def _list(self, person: str) -> tuple[str, list[dict[str, Any]]]:
        expenses = await self._context.decisions.list_for(person, LIST_LENGTH + 1)
        newest, more = expenses[:LIST_LENGTH], expenses[LIST_LENGTH:]
        reader = await self._context.people.reader(person)
        text = sentences.overview(newest, reader.locale)
        body: list[dict[str, Any]] = []
        for expense in newest:
            body += _written(message_blocks.list_blocks([expense], reader))
            # A whole list takes 3 ms: whoever clicks meanwhile does not wait for all of it.
            await asyncio.sleep(0)
        if more:
            body += _written(
                message_blocks.step_blocks(sentences.only_the_newest(LIST_LENGTH), None)
            )
        return text, body or _written(message_blocks.step_blocks(text, None))

    async def _status(self, person: str, expense_id: str) -> tuple[str, list[Block]]:
        expense = await self._context.decisions.get_for(person, expense_id)
        locale = (await self._context.people.reader(person)).locale
        return sentences.record(expense, locale), message_blocks.record_blocks(expense, locale)

    async def _history(self, person: str, expense_id: str) -> tuple[str, list[Block]]:
        expense, history = await self._context.decisions.history_for(person, expense_id)
        locale = (await self._context.people.reader(person)).locale
        text = history_text(expense, history, locale)
        return text, history_blocks(expense, history, locale)

    async def _withdraw(self, person: str, expense_id: str) -> str:
        expense = await self._context.submissions.withdraw(expense_id, person)
        reader = await self._context.people.reader(person)
        return sentences.withdrawn(expense, reader.locale)


def _written(body: list[Block]) -> list[dict[str, Any]]:
    return [block.to_dict() for block in body]
