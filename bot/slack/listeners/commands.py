"""The slash command /expense, whose first word says what is wanted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from slack_sdk.models.blocks import Block

from bot.block_kit import command_answers, message_blocks, sentences
from bot.block_kit.components import section
from bot.block_kit.flags import is_for
from bot.block_kit.forms.one_line import draft_of, parse_one_line
from bot.block_kit.history import history_blocks, history_text
from bot.catalogue import say
from bot.domain.coding import answer_field, dimension_field
from bot.domain.errors import AlreadySubmitted, InvalidId, InvalidInput, TryAgain
from bot.slack.command_parser import as_typed, ids_in
from bot.slack.listeners import delegation, finance, submissions
from bot.slack.listeners.interactions import Interaction, explain
from bot.slack.listeners.registry import Listeners, Shown

LIST_LENGTH = 20
# What the policy can miss in one line, and the form has a field for.
_IN_THE_FORM = ("currency", "manager", "receipts", dimension_field(""), answer_field(""))


def register(listeners: Listeners) -> None:
    """Register the command."""
    listeners.command("/expense", answer)


async def answer(command: Interaction) -> Shown:
    """Do what the first word says; of anything unknown, say what it is, and what there is."""
    words = (command.payload.get("text") or "").split(maxsplit=1)
    word, as_sent = (*words, "", "")[:2]
    rest = as_typed(as_sent).strip()
    match word.lower(), rest:
        case "submit" | "", "":
            return await submissions.open_form(command), ()
        case "submit", _:
            return await _submit(command, rest), ()
        case "list", "":
            return await _list(command)
        case ("status" | "history" | "withdraw") as verb, "":
            return say("which-expense", word=verb), ()
        case "status", _:
            return await _of_id(command, rest, _status)
        case "history", _:
            return await _of_id(command, rest, _history)
        case "withdraw", _:
            return await _of_id(command, rest, _withdraw)
        case "delegate", _:
            return await delegation.answer(command, as_sent.strip()), ()
        case "find", _ if await command.bot.finance.is_reader(command.person):
            return await finance.find(command, as_sent)
        case "help", _:
            return await _help(command), ()
        case "list", _:
            return command_answers.unknown_word(rest), ()
    return command_answers.unknown_word(as_typed(word)), ()


async def _help(command: Interaction) -> str:
    with suppress(TryAgain):
        if await command.bot.finance.is_reader(command.person):
            return f"{say('help')}\n{say('finance-help')}"
    return say("help")


async def _of_id(
    command: Interaction, typed: str, answer: Callable[[Interaction, str], Awaitable[Shown]]
) -> Shown:
    """Answer for the expense whose id or number a person typed."""
    exact, *others = [await command.bot.decisions.id_of(one) for one in ids_in(typed)]
    try:
        return await answer(command, exact)
    except InvalidId as unknown:
        for expense_id in others:
            with suppress(InvalidId):
                return await answer(command, expense_id)
        raise unknown


async def _submit(command: Interaction, line: str) -> str:
    reader, words = await command.reader(), command.bot.policy.rulebook.words
    try:
        claim = parse_one_line(line, reader, words)
    except InvalidInput as doubt:
        draft = draft_of(line, reader, doubt, words)
        return await submissions.open_form(
            command, draft=draft, otherwise=explain(doubt, command.person)
        )
    # Slack makes a new trigger_id for every command; a repeated one is the same command.
    key = f"command {command.payload['trigger_id']}"
    try:
        expense = await command.bot.submissions.submit(command.person, claim, key)
    except AlreadySubmitted as error:
        return command_answers.submitted_otherwise(error.expense, claim, reader.locale)
    except InvalidInput as missing:
        if not missing.field.startswith(_IN_THE_FORM):
            raise
        draft = draft_of(line, reader, missing, words)
        said = explain(missing, command.person)
        if missing.field != "currency":
            said = f"{said} {say('in-the-form')}"
        return await submissions.open_form(command, draft=draft, otherwise=said)
    return command_answers.submitted(expense, reader.locale)


async def _list(command: Interaction) -> Shown:
    expenses = await command.bot.decisions.list_for(command.person, LIST_LENGTH + 1)
    newest, more = expenses[:LIST_LENGTH], expenses[LIST_LENGTH:]
    reader = await command.reader()
    text = sentences.overview(newest, reader.locale)
    blocks: list[Block | dict[str, Any]] = []
    for expense in newest:
        blocks += [block.to_dict() for block in message_blocks.list_blocks(expense, reader.locale)]
        # A whole list takes 3 ms: a manager who clicks meanwhile does not wait for all of it.
        await asyncio.sleep(0)
    if more:
        blocks.append(section(say("only-the-newest", count=LIST_LENGTH)))
    return text, blocks or [section(text)]


async def _status(command: Interaction, expense_id: str) -> Shown:
    expense = await command.bot.decisions.get_for(command.person, expense_id)
    locale = (await command.reader()).locale
    return sentences.record(expense, locale), message_blocks.record_blocks(expense, locale)


async def _history(command: Interaction, expense_id: str) -> Shown:
    expense, history = await command.bot.decisions.history_for(command.person, expense_id)
    known = [entry for entry in history if is_for(entry, command.person, expense)]
    locale, channel = (await command.reader()).locale, command.payload["channel_id"]
    links = await command.bot.links.of(expense, channel, command.person)
    return history_text(expense, known, locale), history_blocks(expense, known, links)


async def _withdraw(command: Interaction, expense_id: str) -> Shown:
    expense = await command.bot.submissions.withdraw(expense_id, command.person)
    reader = await command.reader()
    return command_answers.withdrawn(expense, reader.locale), ()
