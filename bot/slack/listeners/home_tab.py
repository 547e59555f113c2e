"""The App Home: drawing it, and what people do in it."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import bulk_approval, home_tab
from bot.block_kit.bulk_approval import Choice, Outcome, Pages
from bot.block_kit.home_tab import Home
from bot.catalogue import say
from bot.domain.errors import AlreadyAgreed, ExpenseError, TryAgain
from bot.domain.expense import Decision
from bot.domain.inbox import Asked, Page
from bot.slack.errors import SlackRefusal
from bot.slack.listeners.interactions import Click, Interaction, ListenerContext, explain
from bot.slack.listeners.registry import Listeners
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)
Found = TypeVar("Found")


def register(listeners: Listeners) -> None:
    """Register what people do in their Home, and that they open it."""
    listeners.action(bulk_approval.CHOOSE_ACTION, choose)
    listeners.action(home_tab.APPROVE_SELECTED_ACTION, approve_selected)
    listeners.action(home_tab.PAGE_ACTION, show_page)
    listeners.event("app_home_opened", show_home)


async def choose(_: Click) -> str:
    """Take note of a tick: Slack keeps it until Approve is clicked."""
    return ""


async def approve_selected(click: Click) -> str:
    """Approve every expense that is ticked, each by itself, and tell what came of it.

    As with single clicks, what was decided is durable before the ack.
    """
    view = click.payload["view"]
    selected = bulk_approval.read_choices(view)
    if not selected:
        return say("nothing-selected")
    began = datetime.now(UTC)
    # As many at the same time as a page has.
    outcomes = await asyncio.gather(*(_approve(click, choice, began) for choice in selected))
    draw_soon(click, bulk_approval.read_pages(view), view.get("hash"))
    results, text = bulk_approval.results_modal(outcomes), bulk_approval.results_text(outcomes)
    return await click.open_form(results, otherwise=text, perhaps=text)


async def _approve(click: Click, choice: Choice, began: datetime) -> Outcome:
    decisions, person = click.bot.decisions, click.person
    try:
        if not choice.is_offered:
            # Nobody approves what is not before them; who may not at all is refused as ever.
            await decisions.check_may_decide(choice.expense_id, person)
            return Outcome(choice, say("no-longer-there"))
        expense = await decisions.decide(choice.expense_id, Decision.APPROVED, person)
    except AlreadyAgreed as repeated:
        is_theirs = any(line.person == person for line in repeated.expense.progress.approvals)
        problem = None if is_theirs else explain(repeated, person)
        return Outcome(choice, problem, is_repeated=is_theirs)
    except ExpenseError as error:
        return Outcome(choice, explain(error, person))
    is_repeated = expense.decided_at is not None and expense.decided_at < began
    return Outcome(choice, is_open=expense.is_open, is_repeated=is_repeated)


async def show_page(click: Click) -> str:
    """Show another page of one of the lists."""
    view, number = click.payload["view"], bulk_approval.read_number(click.value)
    which = "waiting" if click.action_id.startswith("home_waiting") else "mine"
    pages = bulk_approval.read_pages(view)._replace(**{which: number})
    draw_soon(click, pages, view.get("hash"))
    return ""


def show_home(opened: Interaction) -> None:
    """Show a person what waits for them, and their expenses."""
    if opened.payload["tab"] == "home":
        draw_soon(opened, seen=(opened.payload.get("view") or {}).get("hash"))


def draw_soon(
    who: Interaction,
    pages: Pages | None = None,
    seen: str | None = None,
    *,
    person: str | None = None,
) -> None:
    """Have a Home drawn as it is now, without waiting for it.

    Args:
        seen: the hash of the Home that they see. If another one was drawn meanwhile, what we know
            may be older than that, so it is looked up and drawn once more.
        person: Slack user id of whose Home it is, if not theirs.
    """
    draw = _draw(who.bot, who.client, person or who.person, pages or Pages(), seen)
    who.bot.background.start(draw)


async def _draw(
    bot: ListenerContext, client: AsyncWebClient, person: str, pages: Pages, seen: str | None
) -> None:
    async def publish(seen: str | None) -> None:
        view = await _view(bot, person, pages)
        async with asking_slack():
            await client.views_publish(user_id=person, view=view, hash=seen)

    try:
        try:
            await publish(seen)
        except SlackRefusal as refusal:
            if seen is None or refusal.code != "hash_conflict":
                raise
            await publish(None)
    except (TryAgain, SlackRefusal) as error:
        # When its person opens it again, the bot asks again.
        logger.warning("a home could not be drawn: %s", error)


async def _view(bot: ListenerContext, person: str, pages: Pages) -> View:
    reader, (waiting, is_known), stuck, desk, mine, asked = await asyncio.gather(
        bot.people.reader(person),
        _waiting(bot, person, pages.waiting),
        _of_role(bot.inbox.for_admin(person)),
        _of_role(bot.finance.desk_of(person)),
        bot.home_queries.of_requester(person, pages.mine),
        bot.home_queries.asked_this_month(person),
    )
    shown = Home(
        person=person,
        mine=mine,
        asked=asked,
        waiting=waiting,
        is_known=is_known,
        stuck=stuck,
        desk=desk,
    )
    if waiting is None:
        return home_tab.home_view(shown, reader)
    decided, delegate, coming, delegators = await asyncio.gather(
        bot.home_queries.decided_this_month(person),
        bot.delegations.of(person),
        bot.delegations.coming(person),
        bot.delegations.to(person),
    )
    present = tuple(sorted(delegators.items()))
    shown = replace(shown, decided=decided, delegate=delegate, coming=coming, delegators=present)
    return home_tab.home_view(shown, reader)


async def _of_role(found: Awaitable[Found | None]) -> Found | None:
    """Look up what somebody has by a role; the rest is shown also if that fails."""
    try:
        return await found
    except TryAgain as error:
        logger.warning("a home lacks what its person has by a role: %s", error)
        return None


async def _waiting(
    bot: ListenerContext, person: str, number: int
) -> tuple[Page[Asked] | None, bool]:
    """Look up what waits for somebody; what they asked for is shown also if that fails."""
    try:
        return await bot.inbox.for_approver(person, number), True
    except TryAgain as error:
        logger.warning("a home has no list of what waits: %s", error)
        return None, False
