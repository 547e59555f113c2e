"""Delegating to a colleague: the words behind /expense delegate, the form, and its button."""

import asyncio
import logging
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import delegation_modal, modals
from bot.block_kit.modals import InvalidForm
from bot.domain.errors import ExpenseError, InvalidInput
from bot.domain.locale import Reader
from bot.slack.command_parser import as_typed, end_of, read_person, read_until
from bot.slack.listeners.context import ListenerContext, explain
from bot.slack.listeners.home import draw
from bot.slack.web_client import asking_slack, keep_asking

logger = logging.getLogger(__name__)

# How often, and with which longest pause in seconds, a colleague is told of a delegation.
TELL_TIMES, TELL_PAUSE = 5, 30.0


class DelegationListeners:
    """Lets people name who decides in their place; the other side is told after the answer."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: AsyncApp) -> None:
        """Say which clicks and forms are listened to."""
        app.action(delegation_modal.DELEGATE_ACTION)(self.handle_delegate_action)
        app.view(delegation_modal.DELEGATE_MODAL)(self.handle_delegate_submission)

    async def answer(self, command: dict[str, Any], rest: str, client: AsyncWebClient) -> str:
        """Do what stands behind /expense delegate, and say what came of it.

        Args:
            command: as Slack sent it.
            rest: what stands behind the word, as Slack sent it.
            client: Slack's Web API.

        Raises:
            InvalidInput: it cannot be done; the message says why, or what to write.
            TryAgain: Slack does not say who somebody is, or the database does not answer.
        """
        person = command["user_id"]
        if as_typed(rest).lower() == "stop":
            return await self._end(person, client)
        delegate, when = read_person(rest) if rest else (None, "")
        if delegate and when:
            reader = await self._check(person, delegate)
            until = await asyncio.to_thread(read_until, when, reader)
            return await self._begin(person, delegate, until, client)
        form = partial(self._form, person, delegate)
        is_open = await self._context.open_form(client, command["trigger_id"], form)
        return "" if is_open else delegation_modal.FORM_DID_NOT_OPEN

    async def handle_delegate_action(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        """Open the form from the App Home."""
        form = partial(self._form, body["user"]["id"])
        await self._context.open_form_or_say(
            delegation_modal.FORM_DID_NOT_OPEN, form, body, respond, client
        )
        await ack()

    async def handle_delegate_submission(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient
    ) -> None:
        """Begin, change or end a delegation."""
        person = body["user"]["id"]
        try:
            choice = delegation_modal.parse_delegate_modal(view["state"]["values"])
            if choice is None:
                said = await self._end(person, client)
            else:
                delegate, day = choice
                reader = await self._check(person, delegate)
                until = end_of(day, reader.timezone)
                said = await self._begin(person, delegate, until, client)
        except InvalidForm as error:
            await ack(response_action="errors", errors=error.errors)
        except InvalidInput as error:
            await ack(response_action="errors", errors={error.field: str(error)})
        except ExpenseError as error:
            await ack(response_action="errors", errors={"delegate": explain(error, person)})
        else:
            await ack(response_action="update", view=modals.notice_modal("Delegate", said))

    async def _form(self, person: str, proposed: str | None = None) -> View:
        reader, present = await asyncio.gather(
            self._context.people.reader(person), self._context.delegations.of(person)
        )
        return delegation_modal.delegate_modal(reader, present, proposed)

    async def _check(self, person: str, delegate: str) -> Reader:
        """Look up both at the same time: Slack gives us three seconds for everything."""
        people = self._context.people
        reader, is_member, is_member_too = await asyncio.gather(
            people.reader(person), people.is_full_member(delegate), people.is_full_member(person)
        )
        if not is_member:
            raise InvalidInput("delegate", delegation_modal.NO_MEMBER)
        if not is_member_too:
            # Guests decide nothing here, so nobody decides in their place either.
            raise InvalidInput("delegate", delegation_modal.NO_MEMBER_YOURSELF)
        return reader

    async def _begin(
        self, person: str, delegate: str, until: datetime, client: AsyncWebClient
    ) -> str:
        former = await self._context.delegations.begin(person, delegate, until)
        if former and former != delegate:
            self._tell(client, former, delegation_modal.is_relieved(person))
        self._tell(client, delegate, delegation_modal.stands_in(person, until))
        self._draw_home(client, person)
        return delegation_modal.delegated(delegate, until)

    async def _end(self, person: str, client: AsyncWebClient) -> str:
        delegate = await self._context.delegations.end(person)
        if delegate is None:
            return delegation_modal.NOBODY_STANDS_IN
        self._tell(client, delegate, delegation_modal.is_relieved(person))
        self._draw_home(client, person)
        return delegation_modal.came_back(delegate)

    def _tell(self, client: AsyncWebClient, person: str, text: str) -> None:
        self._context.background.start(_post(client, person, text))
        self._draw_home(client, person)

    def _draw_home(self, client: AsyncWebClient, person: str) -> None:
        """Show it in a Home that may be open, also behind the form."""
        self._context.background.start(draw(self._context, client, person))


async def _post(client: AsyncWebClient, person: str, text: str) -> None:
    """Write to somebody, and not give up at once; whether they can be told undoes nothing."""

    async def post() -> None:
        async with asking_slack():
            await client.chat_postMessage(channel=person, text=text)

    if problem := await keep_asking(post, times=TELL_TIMES, longest_pause=TELL_PAUSE):
        logger.warning("%s was not told of a delegation: %s", person, problem)
