"""How functions of the features become listeners of Bolt's app.

Bolt passes arguments by their names and leaves every ending to the listener. Here one object is
made of the arguments, and each kind of interaction ends in the same way for all features.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import modals
from bot.block_kit.inputs import VALUE, InvalidForm, field_of
from bot.catalogue import say
from bot.domain.errors import ExpenseError, InvalidInput, TryAgain
from bot.slack.listeners.interactions import (
    Click,
    FormSubmission,
    Interaction,
    ListenerContext,
    explain,
    note_error,
)

# A text for screen readers, and the blocks that are shown instead of it, if any.
Shown = tuple[str, Sequence[Block | dict[str, Any]]]


class Listeners:
    """Registers what the features answer as listeners of Bolt's app."""

    def __init__(self, app: AsyncApp, bot: ListenerContext) -> None:
        self._app = app
        self._bot = bot

    def action(
        self, action_id: str | re.Pattern[str], answer: Callable[[Click], Awaitable[str]]
    ) -> None:
        """Listen to a button.

        Before Slack gets its ack the decision is durable, or the person has been told or shown
        why it is not: an acknowledged click never ends in silence, also if the bot dies after it.

        Args:
            answer: does what was clicked, and returns what the person has to be told, or "".
        """

        async def listener(
            ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
        ) -> None:
            click = Click(self._bot, client, body, respond)
            try:
                said = await answer(click)
            except ExpenseError as error:
                await click.refuse(error)
            else:
                if said:
                    await click.tell(said)
            await ack()

        self._app.action(action_id)(listener)

    def view(
        self,
        callback_id: str,
        record: Callable[[FormSubmission], Awaitable[View | dict[str, Any] | None]],
        *,
        at: str,
        refused: str,
    ) -> None:
        """Listen to a form.

        Args:
            record: reads and records it, and returns what is shown instead of it, if anything.
            at: the block_id at which an error is shown that has no field of its own.
            refused: names in the catalogue the title of the notice that nothing was recorded.
        """

        async def listener(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            form = FormSubmission(self._bot, client, body)
            try:
                notice = await record(form)
            except InvalidForm as error:
                note_error(
                    f"InvalidForm: {', '.join(error.errors)}", InvalidInput.code, form.person
                )
                await ack(response_action="errors", errors=error.errors)
                return
            except (InvalidInput, TryAgain) as error:
                # The form stays open, with what was typed into it.
                errors = {field_of(error, form.values, at): explain(error, form.person)}
                await ack(response_action="errors", errors=errors)
                return
            except ExpenseError as error:
                notice = modals.notice_modal(say(refused), explain(error, form.person))
            await (ack(response_action="update", view=notice) if notice else ack())

        self._app.view(callback_id)(listener)

    def choice(self, block_id: str, follow: Callable[[Interaction], Awaitable[None]]) -> None:
        """Listen to a choice in an open form, which changes nothing but the form."""

        async def listener(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await follow(Interaction(self._bot, client, body["user"]["id"], body))
            await ack()

        self._app.action({"block_id": block_id, "action_id": VALUE})(listener)

    def suggestions(self, suggest: Callable[[Interaction], Sequence[Option]]) -> None:
        """Listen to what somebody types into a menu that the bot fills."""

        async def listener(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack(options=suggest(Interaction(self._bot, client, body["user"]["id"], body)))

        self._app.options(VALUE)(listener)

    def command(self, name: str, answer: Callable[[Interaction], Awaitable[Shown]]) -> None:
        """Listen to a slash command.

        Args:
            answer: does what was typed, and returns what is shown to who typed it.
        """

        async def listener(ack: AsyncAck, command: dict[str, Any], client: AsyncWebClient) -> None:
            person = command["user_id"]
            try:
                text, blocks = await answer(Interaction(self._bot, client, person, command))
            except ExpenseError as error:
                text, blocks = explain(error, person), ()
            await ack(text, blocks)

        self._app.command(name)(listener)

    def notice(self, name: str, note: Callable[[ListenerContext, dict[str, Any]], None]) -> None:
        """Listen to an event that nobody caused in Slack's client; Bolt acknowledges it."""

        async def listener(event: dict[str, Any]) -> None:
            note(self._bot, event)

        self._app.event(name)(listener)

    def event(self, name: str, follow: Callable[[Interaction], None]) -> None:
        """Listen to an event; Bolt acknowledges it."""

        async def listener(event: dict[str, Any], client: AsyncWebClient) -> None:
            follow(Interaction(self._bot, client, event["user"], event))

        self._app.event(name)(listener)
