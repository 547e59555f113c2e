"""The checkboxes of the App Home: what can be selected, what was, and what came of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from babel import Locale
from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

from bot.block_kit.components import id_within, mrkdwn, plain, section, small
from bot.block_kit.mrkdwn import clip, mention, quote, unescape, units
from bot.block_kit.sentences import MAX_TEXT, category, named
from bot.catalogue import say
from bot.domain.inbox import PAGE_LENGTH, Asked
from bot.domain.money.formatting import format_money
from bot.domain.text import length, shorten

CHOOSE_ACTION = "choose_waiting"

# Slack's limits for a checkbox: its text, what stands below it, and its value. Other services' ids
# may be longer.
_TEXT = _VALUE = 75
# Slack's limit for what a view keeps.
_MOST_KEPT = 3000


class Pages(NamedTuple):
    """Which pages of both lists are shown, from 0."""

    waiting: int = 0
    mine: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """A checkbox that somebody ticked."""

    expense_id: str
    title: str  # who asks how much, as it was shown, in mrkdwn
    about: str = ""  # what for and since when, as it was shown
    is_offered: bool = True  # whether it stood on the page


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of approving one expense."""

    choice: Choice
    problem: str | None = None  # why it was not approved, in mrkdwn; None if it was
    is_open: bool = False  # whether others have to agree, too
    is_repeated: bool = False  # whether the same person had approved it before


def value_of(expense_id: str) -> str:
    """Name an expense as the value of a checkbox, which Slack keeps short."""
    return id_within(_VALUE, expense_id)


def option(asked: Asked, person: str, locale: Locale, now: datetime) -> Option:
    """Show an expense as a checkbox: who asks how much, and below it what for and since when."""
    expense, claim = asked.expense, asked.expense.claim
    who = mention(expense.requester) if expense.requester else say("another-system")
    title = f"*{format_money(claim.money, locale)}* · {who}" if claim else who
    if claim and units(title) > _TEXT:
        title = f"*{format_money(claim.money, locale)}*"
    what = claim.description if claim else say("expense-id", id=named(expense, str))
    facts = [category(claim)] if claim else []
    if asked.on_behalf_of != person:
        in_place = say("in-place", person=title, whose=mention(asked.on_behalf_of))
        if units(in_place) <= _TEXT:  # ids may be longer one day than they are today
            title = in_place
    tail = " · ".join(["", *facts, waiting(now - expense.created_at)])
    about = shorten(what, _TEXT - len(tail)) + tail
    return Option(
        value=value_of(expense.id), text=mrkdwn(title, _TEXT), description=plain(about, _TEXT)
    )


def waiting(waited: timedelta) -> str:
    """Say how long something waits, in its largest unit."""
    minutes = max(0, int(waited.total_seconds() // 60))
    if days := minutes // (24 * 60):
        return say("waiting-days", count=days)
    if hours := minutes // 60:
        return say("waiting-hours", count=hours)
    return say("waiting-minutes", count=minutes)


def write_metadata(pages: Pages, expense_ids: Sequence[str]) -> str:
    """Write what the Home's clicks have to know: its pages, and ids that no checkbox can have."""
    long = [id for id in expense_ids if value_of(id) != id]
    return "\n".join([f"{pages.waiting} {pages.mine}", *long])


def can_be_chosen(expense_ids: Sequence[str]) -> frozenset[str]:
    """Return those of a page's expenses whose ids fit into what its view keeps."""
    fitting: list[str] = []
    for id in expense_ids:
        if length(write_metadata(Pages(10_000, 10_000), [*fitting, id])) <= _MOST_KEPT:
            fitting.append(id)
    return frozenset(fitting)


def read_pages(view: Mapping[str, Any]) -> Pages:
    """Read which pages a Home shows; the first ones if it does not say."""
    numbers = str(view.get("private_metadata") or "").split("\n")[0].split()
    return Pages(*map(read_number, numbers)) if len(numbers) == len(Pages._fields) else Pages()


def read_number(text: str) -> int:
    """Read the number of a page; 0 if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def read_choices(view: Mapping[str, Any]) -> list[Choice]:
    """Read what somebody ticked in a Home, as they saw it.

    Slack keeps ticks while a view is replaced, so what is not offered any more is told apart.
    """
    long = str(view.get("private_metadata") or "").split("\n")[1:]
    ids = {value_of(id): id for id in long}
    offered = {
        option["value"]: option
        for block in view.get("blocks", [])
        for element in block.get("elements", [])
        if element.get("action_id") == CHOOSE_ACTION
        for option in element["options"]
    }
    values: dict[str, None] = {}
    for block in view.get("state", {}).get("values", {}).values():
        ticked = block.get(CHOOSE_ACTION, {}).get("selected_options") or []
        values |= dict.fromkeys(option["value"] for option in ticked)
    # Slack's client sends no more than there are checkboxes.
    return [_choice(value, ids, offered.get(value)) for value in list(values)[:PAGE_LENGTH]]


def _choice(value: str, ids: Mapping[str, str], option: Mapping[str, Any] | None) -> Choice:
    if option is None:
        return Choice(value, say("expense-id", id=quote(value, _VALUE)), is_offered=False)
    # Slack sends plain text back with entities in it.
    about = unescape((option.get("description") or {}).get("text") or "")
    return Choice(ids.get(value, value), option["text"]["text"], about)


def results_modal(outcomes: Sequence[Outcome]) -> View:
    """Build what tells how many were approved, and of each other why it was not."""
    problems = [outcome for outcome in outcomes if outcome.problem]
    blocks: list[Block] = [section(line) for line in _counts(outcomes)]
    for outcome in problems:
        blocks.append(section(f"{outcome.choice.title}\n{outcome.problem}"))
        if outcome.choice.about:
            blocks.append(small(plain(outcome.choice.about)))
    title = say("bulk-not-all" if problems else "bulk-all")
    return View(type="modal", title=title, close=say("close"), blocks=blocks)


def results_text(outcomes: Sequence[Outcome]) -> str:
    """Word the same as a message."""
    problems = [
        say(
            "bulk-problem",
            title=outcome.choice.title,
            about=quote(outcome.choice.about, 100),
            problem=outcome.problem,
        )
        for outcome in outcomes
        if outcome.problem
    ]
    return clip("\n".join([*_counts(outcomes), *problems]), MAX_TEXT)


def _counts(outcomes: Sequence[Outcome]) -> list[str]:
    fine = [outcome for outcome in outcomes if not outcome.problem]
    again = sum(outcome.is_repeated for outcome in fine)
    partly = sum(outcome.is_open for outcome in fine)
    new = len(fine) - again - partly
    lines = [say("bulk-approved", count=new)] if new or not fine else []
    if partly:
        lines.append(say("bulk-approved-in-part", count=partly))
    if again:
        lines.append(say("bulk-approved-before", count=again))
    if problems := len(outcomes) - len(fine):
        lines.append(say("bulk-not-approved", count=problems))
    return lines
