"""What all listeners share."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import expense_modal, modals, sentences
from bot.block_kit.modals import InvalidForm
from bot.database.delegations import Delegations
from bot.database.home_queries import HomeQueries
from bot.domain.errors import AlreadyAgreed, AlreadyDecided, ExpenseError, InvalidInput, TryAgain
from bot.domain.expense import Expense
from bot.services.decisions import Decisions
from bot.services.inbox import Inbox
from bot.services.questions import Questions
from bot.services.submissions import Submissions
from bot.slack.background_tasks import Background
from bot.slack.directory import SlackDirectory
from bot.slack.errors import SlackRefusal
from bot.slack.managers import Managers
from bot.slack.message_sync import MessageSync
from bot.slack.web_client import ANSWER_SECONDS, asking_slack, keep_asking, whisper

logger = logging.getLogger(__name__)

# Fields that an expense written in one line has no place for.
_IN_THE_FORM_ONLY = ("manager", "receipts")

# Delivery draws whatever we remember; this is for messages that we do not, so it may give up.
_DRAWS = 4
_LONGEST_PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class ListenerContext:
    """The verbs listeners call, and the ways in which they answer."""

    submissions: Submissions
    decisions: Decisions
    delegations: Delegations
    message_sync: MessageSync
    people: SlackDirectory
    background: Background
    questions: Questions
    managers: Managers
    waiting: Inbox
    home_queries: HomeQueries

    def clicked(self, body: dict[str, Any], expense: Expense) -> None:
        """Have the message that was clicked drawn with the others."""
        if "message" in body:  # otherwise the click was in the App Home
            channel, ts = body["channel"]["id"], body["message"]["ts"]
            self.message_sync.clicked(channel, ts, body["user"]["id"], expense)

    def redraw(self, body: dict[str, Any], expense: Expense) -> None:
        """Make the message that was clicked show the expense as it is."""
        if "message" not in body:
            return  # the click was in the App Home
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        person = body["user"]["id"]

        async def try_to_draw() -> None:
            problem = await keep_asking(
                lambda: self.message_sync.redraw(channel, ts, person, expense),
                times=_DRAWS,
                longest_pause=_LONGEST_PAUSE,
            )
            if problem:
                logger.warning("message %s in %s could not be redrawn: %s", ts, channel, problem)

        self.background.start(try_to_draw())

    async def open_form(
        self, client: AsyncWebClient, trigger_id: str, view: View | Callable[[], Awaitable[View]]
    ) -> bool:
        """Open a form, before the acknowledgement: whoever is acknowledged has it before them.

        Args:
            client: Slack's Web API.
            trigger_id: lets us open one form, for 3 seconds.
            view: the form, or a function that makes it.

        Returns:
            Whether Slack says that it is open.
        """
        try:
            async with asking_slack(), asyncio.timeout(ANSWER_SECONDS):
                built = view if isinstance(view, View) else await view()
                await client.views_open(trigger_id=trigger_id, view=built)
        except (TryAgain, SlackRefusal) as error:
            logger.warning("a form did not open: %s", error)
            return False
        return True

    async def open_form_or_say(
        self,
        otherwise: str,
        view: View | Callable[[], Awaitable[View]],
        body: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Open a form for who clicked, or say that it did not open.

        Raises:
            TryAgain, SlackRefusal: as in `tell`.
        """
        if not await self.open_form(client, body["trigger_id"], view):
            await self.excuse(otherwise, body, respond, client)

    async def new_expense_form(self, person: str, previous: Expense | None = None) -> View:
        """Make the form for an expense as this person reads.

        Args:
            person: who fills it in.
            previous: an expense of theirs to submit once more.
        """
        reader, managers = await asyncio.gather(
            self.people.reader(person), self.managers.offered_to(person)
        )
        return expense_modal.expense_modal(reader, managers, previous)

    async def refuse(
        self,
        error: ExpenseError,
        body: dict[str, Any],
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Tell one person why their click changed nothing, and bring the message up to date."""
        await self.tell(explain(error, body["user"]["id"]), body, respond, client)
        if isinstance(error, AlreadyDecided):
            self.redraw(body, error.expense)

    async def tell(
        self, text: str, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        """Say something to who clicked: privately where they did, in the App Home as a notice.

        Raises:
            TryAgain, SlackRefusal: nobody could be told; without an acknowledgement, Slack itself
                shows an error.
        """
        notice = modals.notice_modal("Expenses", text)
        is_in_home = not body.get("response_url")
        if not (is_in_home and await self.open_form(client, body["trigger_id"], notice)):
            await self.excuse(text, body, respond, client)

    async def excuse(
        self, text: str, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        """Say something to who clicked and for whom no form opens: privately, or directly.

        Raises:
            TryAgain, SlackRefusal: as in `tell`.
        """
        if body.get("response_url"):
            await whisper(respond, text)
            return
        async with asking_slack(), asyncio.timeout(ANSWER_SECONDS):
            await client.chat_postMessage(channel=body["user"]["id"], text=text)


async def answer_form(
    ack: AsyncAck, person: str, field: str, title: str, record: Callable[[], Awaitable[object]]
) -> None:
    """Record what a form with one field says, and answer it.

    Args:
        ack: acknowledges the form.
        person: Slack user id of who filled it in.
        field: its only field.
        title: stands above what says that it cannot be, at most 24 characters.
        record: reads and records it.
    """
    try:
        await record()
    except InvalidForm as error:
        await ack(response_action="errors", errors=error.errors)
    except TryAgain as error:
        # The form stays open, with what was typed into it.
        await ack(response_action="errors", errors={field: explain(error, person)})
    except ExpenseError as error:
        notice = modals.notice_modal(title, explain(error, person))
        await ack(response_action="update", view=notice)
    else:
        await ack()


def explain(error: ExpenseError, person: str) -> str:
    """Word an error for the person whom it stopped."""
    if isinstance(error, AlreadyDecided):
        return sentences.too_late(error.expense, person)
    if isinstance(error, AlreadyAgreed):
        return sentences.already_agreed(error.expense)
    if isinstance(error, TryAgain):
        return sentences.TRY_AGAIN
    if isinstance(error, InvalidInput) and error.field in _IN_THE_FORM_ONLY:
        return f"{error} The form has a field for it: `/expense submit`"
    return str(error)
