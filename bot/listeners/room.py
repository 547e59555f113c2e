"""What all listeners share."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot import forms, sentences
from bot.background import Background
from bot.decisions import Decisions
from bot.expense import AlreadyDecided, Expense, ExpenseError, TryAgain
from bot.lifecycle import Lifecycle
from bot.notifier import Notifier
from bot.people import People
from bot.slack_client import asking_slack, reason_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Room:
    """The verbs listeners call, and the ways in which they answer."""

    lifecycle: Lifecycle
    decisions: Decisions
    notifier: Notifier
    people: People
    background: Background

    def whisper(self, respond: AsyncRespond, text: str) -> None:
        """Say something to one person only, after their click was acknowledged."""

        async def say() -> None:
            await respond(text=text, response_type="ephemeral", replace_original=False)

        self.background.start(say())

    def redraw(self, body: dict[str, Any], expense: Expense) -> None:
        """Make the message that was clicked show the expense as it is."""
        self._draw(self.notifier.redraw, body, expense)

    def heal(self, body: dict[str, Any], expense: Expense) -> None:
        """Make the message that was clicked show the expense, if nothing else will."""
        self._draw(self.notifier.heal, body, expense)

    def _draw(
        self,
        draw: Callable[[str, str, Expense], Awaitable[None]],
        body: dict[str, Any],
        expense: Expense,
    ) -> None:
        channel, ts = body["channel"]["id"], body["message"]["ts"]

        async def try_to_draw() -> None:
            try:
                await draw(channel, ts, expense)
            except (TryAgain, SlackApiError) as error:
                logger.warning(
                    "message %s in %s could not be redrawn: %s", ts, channel, reason_of(error)
                )

        self.background.start(try_to_draw())

    def open_form(
        self,
        client: AsyncWebClient,
        trigger_id: str,
        view: View | Awaitable[View],
        otherwise: Callable[[], Awaitable[None]],
    ) -> None:
        """Open a form after the acknowledgement; a trigger_id lives for 3 seconds.

        Args:
            client: Slack's Web API.
            trigger_id: lets us open one form.
            view: the form, or what makes it.
            otherwise: what to do if it does not open.
        """

        async def open_it() -> None:
            try:
                async with asking_slack():
                    built = view if isinstance(view, View) else await view
                    await client.views_open(trigger_id=trigger_id, view=built)
            except (TryAgain, SlackApiError) as error:
                logger.warning("a form did not open: %s", reason_of(error))
                await otherwise()

        self.background.start(open_it())

    async def new_expense_form(self, person: str) -> View:
        """Make the form for a new expense as this person reads."""
        return forms.expense_modal(await self.people.reader(person))


def explain(error: ExpenseError, person: str) -> str:
    """Word an error for the person whom it stopped."""
    if isinstance(error, AlreadyDecided):
        return sentences.too_late(error.expense, person)
    if isinstance(error, TryAgain):
        return sentences.TRY_AGAIN
    return str(error)
