"""What all listeners share."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot import forms, sentences
from bot.background import Background
from bot.decisions import Decisions
from bot.delegations import Delegations
from bot.errors import AlreadyDecided, ExpenseError, TryAgain
from bot.expense import Expense
from bot.notifier import Notifier
from bot.people import People
from bot.slack_client import ANSWER_SECONDS, asking_slack, reason_of
from bot.submissions import Submissions

logger = logging.getLogger(__name__)

# Delivery draws whatever we remember; this is for messages that we do not, so it may give up.
_DRAWS = 4
_LONGEST_PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class Room:
    """The verbs listeners call, and the ways in which they answer."""

    submissions: Submissions
    decisions: Decisions
    delegations: Delegations
    notifier: Notifier
    people: People
    background: Background

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
            for _ in range(_DRAWS):
                try:
                    return await draw(channel, ts, expense)
                except TryAgain as later:
                    problem = reason_of(later)
                    await asyncio.sleep(min(later.after, _LONGEST_PAUSE))
                except SlackApiError as error:
                    problem = reason_of(error)
                    break
            logger.warning("message %s in %s could not be redrawn: %s", ts, channel, problem)

        self.background.start(try_to_draw())

    async def open_form(
        self, client: AsyncWebClient, trigger_id: str, view: View | Awaitable[View]
    ) -> bool:
        """Open a form, before the acknowledgement: whoever is acknowledged has it before them.

        Args:
            client: Slack's Web API.
            trigger_id: lets us open one form, for 3 seconds.
            view: the form, or what makes it.

        Returns:
            Whether Slack says that it is open.
        """
        try:
            async with asking_slack(), asyncio.timeout(ANSWER_SECONDS):
                built = view if isinstance(view, View) else await view
                await client.views_open(trigger_id=trigger_id, view=built)
        except (TryAgain, SlackApiError) as error:
            logger.warning("a form did not open: %s", reason_of(error))
            return False
        return True

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
