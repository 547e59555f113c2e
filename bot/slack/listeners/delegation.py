"""Delegating to a colleague: the words behind /expense delegate, the form, and its button.

The other side is told after the answer.
"""

import asyncio
from datetime import UTC, datetime
from functools import partial

from slack_sdk.models.views import View

from bot.block_kit import modals
from bot.block_kit.forms import delegation_modal
from bot.catalogue import say
from bot.domain.errors import InvalidInput
from bot.domain.people.locale import Reader
from bot.slack.command_parser import as_typed, begin_of, end_of, get_ready, read_period, read_person
from bot.slack.listeners.home_tab import draw_soon
from bot.slack.listeners.interactions import FormSubmission, Interaction
from bot.slack.listeners.registry import Listeners
from bot.slack.web_client import keep_asking


def register(listeners: Listeners) -> None:
    """Register the button and the form of delegations."""
    listeners.action(delegation_modal.DELEGATE_ACTION, open_form)
    listeners.view(delegation_modal.DELEGATE_MODAL, save, at="delegate", refused="notice-not-saved")


async def answer(command: Interaction, rest: str) -> str:
    """Do what stands behind /expense delegate, and return what came of it.

    Args:
        rest: what stands behind the word, as Slack sent it.
    """
    if as_typed(rest).lower() == "stop":
        return await _end(command)
    delegate, when = read_person(rest) if rest else (None, "")
    if delegate and when:
        # Slack does not wait for one after the other.
        reader, _ = await asyncio.gather(_check(command, delegate), asyncio.to_thread(get_ready))
        since, until = await asyncio.to_thread(read_period, when, reader)
        return await _begin(command, delegate, until, since)
    return await open_form(command, delegate)


async def open_form(who: Interaction, proposed: str | None = None) -> str:
    """Open the form, and return what to say if that fails."""
    form = partial(_form, who, proposed)
    return await who.open_form(form, otherwise=say("delegate-form-did-not-open"))


async def _form(who: Interaction, proposed: str | None) -> View:
    reader, present = await asyncio.gather(who.reader(), who.bot.delegations.of(who.person))
    return delegation_modal.delegate_modal(reader, present, proposed)


async def save(form: FormSubmission) -> View:
    """Begin, change or end a delegation."""
    choice = delegation_modal.parse_delegate_modal(form.values)
    if choice is None:
        said = await _end(form)
    else:
        delegate, day = choice
        reader = await _check(form, delegate)
        first = delegation_modal.parse_begin(form.values)
        since = begin_of(first, reader.timezone) if first else None
        said = await _begin(form, delegate, end_of(day, reader.timezone), since)
    return modals.notice_modal(say("delegate-form"), said)


async def _check(who: Interaction, delegate: str) -> Reader:
    """Look up both at the same time: each question to Slack takes a while."""
    people = who.bot.people
    reader, is_member, is_member_too, may_stand_in = await asyncio.gather(
        who.reader(),
        people.is_full_member(delegate),
        people.is_full_member(who.person),
        who.bot.policy.may_stand_in(delegate),
    )
    if not is_member:
        raise InvalidInput("delegate", say("delegate-is-no-member"))
    if not is_member_too:
        # Guests decide nothing here, so nobody decides in their place either.
        raise InvalidInput("delegate", say("delegator-is-no-member"))
    if not may_stand_in:
        raise InvalidInput("delegate", say("delegate-is-no-approver"))
    return reader


async def _begin(
    who: Interaction, delegate: str, until: datetime, since: datetime | None = None
) -> str:
    if since and since <= datetime.now(UTC):
        since = None
    former = await who.bot.delegations.begin(who.person, delegate, until, since)
    if former and former != delegate:
        _tell(who, former, delegation_modal.is_relieved(who.person))
    _tell(who, delegate, delegation_modal.stands_in(who.person, until, since))
    draw_soon(who)
    return delegation_modal.delegated(delegate, until, since)


async def _end(who: Interaction) -> str:
    delegate = await who.bot.delegations.end(who.person)
    if delegate is None:
        return say("delegated-to-nobody")
    _tell(who, delegate, delegation_modal.is_relieved(who.person))
    draw_soon(who)
    return delegation_modal.came_back(delegate)


def _tell(who: Interaction, colleague: str, text: str) -> None:
    """Write to a colleague, and show it in their Home; whether that works undoes nothing."""
    tell = partial(who.client.chat_postMessage, channel=colleague, text=text)
    who.bot.background.start(keep_asking(tell, f"telling {colleague} of a delegation"))
    draw_soon(who, person=colleague)
