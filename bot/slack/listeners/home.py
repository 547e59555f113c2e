"""The App Home: drawing it, and what people do in it."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import bulk_approval, home_tab
from bot.block_kit.bulk_approval import Choice, Outcome, Pages
from bot.block_kit.home_tab import Home
from bot.domain.errors import AlreadyAgreed, ExpenseError, TryAgain
from bot.domain.expense import Decision
from bot.domain.inbox import Asked, Page
from bot.slack.errors import SlackRefusal
from bot.slack.listeners.context import ListenerContext, explain
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)


class HomeListeners:
    """Answers what people do in their Home, and draws it anew.

    As with single clicks, what was decided is durable before Slack gets its acknowledgement, and
    the person has been told what came of it.
    """

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: AsyncApp) -> None:
        """Say which clicks are listened to."""
        app.action(bulk_approval.CHOOSE_ACTION)(self.handle_choose_action)
        app.action(home_tab.APPROVE_SELECTED_ACTION)(self.handle_approve_selected_action)
        app.action(home_tab.PAGE_ACTION)(self.handle_page_action)

    async def handle_choose_action(self, ack: AsyncAck) -> None:
        """Take note of a tick: Slack keeps it until Approve is clicked."""
        await ack()

    async def handle_approve_selected_action(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        """Approve every expense that is ticked, each by itself, and tell what came of it."""
        person, view = body["user"]["id"], body["view"]
        selected = bulk_approval.read_choices(view)
        if not selected:
            await self._context.tell(bulk_approval.NOTHING_SELECTED, body, respond, client)
            await ack()
            return
        began = datetime.now(UTC)
        # As many at the same time as a page has.
        outcomes = await asyncio.gather(
            *(self._approve(choice, person, began) for choice in selected)
        )
        redraw(self._context, body, client, bulk_approval.read_pages(view))
        results = bulk_approval.results_modal(outcomes)
        otherwise = bulk_approval.results_text(outcomes)
        await self._context.open_form_or_say(otherwise, results, body, respond, client)
        await ack()

    async def _approve(self, choice: Choice, person: str, began: datetime) -> Outcome:
        try:
            if not choice.is_offered:
                # Nobody approves what is not before them; who may not at all is refused as ever.
                await self._context.decisions.check_may_decide(choice.expense_id, person)
                return Outcome(choice, bulk_approval.GONE)
            expense = await self._context.decisions.decide(
                choice.expense_id, Decision.APPROVED, person
            )
        except AlreadyAgreed as repeated:
            is_theirs = any(line.person == person for line in repeated.expense.progress.approvals)
            problem = None if is_theirs else explain(repeated, person)
            return Outcome(choice, problem, is_repeated=is_theirs)
        except ExpenseError as error:
            return Outcome(choice, explain(error, person))
        is_repeated = expense.decided_at is not None and expense.decided_at < began
        return Outcome(choice, is_open=expense.is_open, is_repeated=is_repeated)

    async def handle_page_action(
        self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        """Show another page of one of the lists."""
        pages, number = (
            bulk_approval.read_pages(body["view"]),
            bulk_approval.read_number(action["value"]),
        )
        is_waiting = action["action_id"].startswith("home_waiting")
        pages = pages._replace(**{"waiting" if is_waiting else "mine": number})
        await ack()
        redraw(self._context, body, client, pages)


def redraw(
    context: ListenerContext, body: dict[str, Any], client: AsyncWebClient, pages: Pages
) -> None:
    """Have the Home that was clicked drawn anew."""
    seen = body["view"].get("hash")
    context.background.start(draw(context, client, body["user"]["id"], pages, seen))


async def draw(
    context: ListenerContext,
    client: AsyncWebClient,
    person: str,
    pages: Pages = Pages(),  # noqa: B008 - it is frozen
    seen: str | None = None,
) -> None:
    """Show somebody their Home as it is now.

    Args:
        context: knows what is on it.
        client: Slack's Web API.
        person: Slack user id.
        pages: which pages of its lists.
        seen: the hash of the Home that they see. If another one was drawn meanwhile, what we know
            may be older than that, so it is looked up and drawn once more.
    """
    try:
        try:
            await _publish(context, client, person, pages, seen)
        except SlackRefusal as refusal:
            if seen is None or refusal.code != "hash_conflict":
                raise
            await _publish(context, client, person, pages, None)
    except (TryAgain, SlackRefusal) as error:
        # Whoever opens it again asks again.
        logger.warning("a home could not be drawn: %s", error)


async def _publish(
    context: ListenerContext, client: AsyncWebClient, person: str, pages: Pages, seen: str | None
) -> None:
    view = await _view(context, person, pages)
    async with asking_slack():
        await client.views_publish(user_id=person, view=view, hash=seen)


async def _view(context: ListenerContext, person: str, pages: Pages) -> View:
    reader, (waiting, is_known), mine, asked = await asyncio.gather(
        context.people.reader(person),
        _waiting(context, person, pages.waiting),
        context.home_queries.of_requester(person, pages.mine),
        context.home_queries.asked_this_month(person),
    )
    shown = Home(person=person, mine=mine, asked=asked, waiting=waiting, is_known=is_known)
    if waiting is None:
        return home_tab.home_view(shown, reader)
    decided, delegate, delegators = await asyncio.gather(
        context.home_queries.decided_this_month(person),
        context.delegations.of(person),
        context.delegations.to(person),
    )
    present = tuple(sorted(delegators.items()))
    return home_tab.home_view(
        replace(shown, decided=decided, delegate=delegate, delegators=present), reader
    )


async def _waiting(
    context: ListenerContext, person: str, number: int
) -> tuple[Page[Asked] | None, bool]:
    """Look up what waits for somebody; what they asked for is shown also if that fails."""
    try:
        return await context.waiting.for_approver(person, number), True
    except TryAgain as error:
        logger.warning("a home has no list of what waits: %s", error)
        return None, False
