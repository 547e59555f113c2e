"""What people read, as sentences: short plain English, and all of it in one place."""

from collections.abc import Sequence
from datetime import date

from babel import Locale
from babel.dates import format_date

from bot.block_kit import attribution
from bot.block_kit.mrkdwn import alternatives, clip, escape, mention, moment, quote, units
from bot.block_kit.stuck import why_stuck
from bot.domain.approval_plan import Stage
from bot.domain.expense import Category, Claim, Expense, State
from bot.domain.money import format_money

# Slack's limit for the text of chat.update.
MAX_TEXT = 4000
# A policy can name thousands; a sentence names as many as can be read.
_MOST_ASKED, _MOST_STAGES = 25, 12

CATEGORIES: dict[str, str] = {
    Category.MEALS: "Meals",
    Category.TRAVEL: "Travel",
    Category.LODGING: "Lodging",
    Category.EQUIPMENT: "Equipment",
    Category.SOFTWARE: "Software",
    Category.OTHER: "Other",
}

# What has a button is not named: it works by its id all the same.
HELP = (
    "• `/expense` opens a form for a new expense.\n"
    "• `/expense submit 42.50 EUR Team lunch` does it in one line.\n"
    "• `/expense list` shows your expenses; `/expense history ID` tells all about one.\n"
    "• `/expense delegate @colleague until Friday` lets somebody decide in your place; "
    "`/expense delegate stop` ends it.\n"
    "• `/expense help` shows this. For everything else, my messages and my Home have buttons."
)

# It promises nothing: of a change whose answer was lost on the way from the database, nobody knows.
CONFLICT = (
    "Somebody else changed this at the same moment, so nothing was changed. Please try again."
)
TRY_AGAIN = (
    "I cannot say just now whether that worked. "
    "Please look again shortly, and try again if nothing has changed."
)

# Workflows that nobody in Slack has begun ask for decisions, too.
ANOTHER_SYSTEM = "Another system"

OTHER_WORKSPACE = "This app serves another workspace, so nothing was changed."

WRITTEN_BY_NEWER = (
    "This app is being updated, so nothing was changed. Please try again in a few minutes."
)


def counted(number: int, noun: str) -> str:
    """Write a number of things, such as "1 line" or "1,234 expenses"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def day(value: date, locale: Locale) -> str:
    """Write a date as readers of this locale are used to."""
    return str(format_date(value, "medium", locale=locale))


def particulars(claim: Claim, locale: Locale) -> str:
    """Name the category and the date, and count the receipts."""
    with_them = f", {counted(len(claim.receipts), 'receipt')}" if claim.receipts else ""
    return f"{CATEGORIES[claim.category]}, spent on {day(claim.spent_on, locale)}{with_them}"


def subject(expense: Expense, locale: Locale) -> str:
    """Name an expense with all its facts, for the text that screen readers and alerts read."""
    if expense.claim is None:
        return f"expense {escape(expense.id)}"
    money = format_money(expense.claim.money, locale)
    what = quote(expense.claim.description)
    return f"{money} for “{what}” ({particulars(expense.claim, locale)}; expense {expense.id})"


def headline(expense: Expense) -> str:
    """Say in one line where an expense stands, with who, when and why not."""
    by, at = attribution.by_whom(expense), attribution.decided_at(expense)
    before = attribution.approved_before(expense)
    match expense.state:
        case State.SUBMITTED:
            return ":inbox_tray: *Submitted*"
        case State.CREATED if expense.obstacle:
            return f":warning: *Stuck.* {why_stuck(expense, expense.obstacle)}"
        case State.CREATED:
            until = f" until {moment(expense.decide_by)}" if expense.decide_by else ""
            given = f"Approved {by} so far" if expense.progress.approvals else ""
            more = [one for one in (given, attribution.handed_over(expense)) if one]
            rest = f". {'. '.join(more)}." if more else ""
            return f":hourglass_flowing_sand: *Waiting for a decision*{until}{rest}"
        case State.APPROVED:
            return f":white_check_mark: *Approved* {by}{at}. Payment is on its way."
        case State.REJECTED:
            return f":x: *Rejected* {by}{at}.{before}"
        case State.COMPLETED:
            return f":moneybag: *Paid.* Approved {by}{at}."
        case State.EXPIRED:
            not_all = "It was not decided in time." if before else "Nobody decided in time."
            return f":alarm_clock: *Expired.* {attribution.in_vain(expense) or not_all}{before}"
        case State.WITHDRAWN:
            return f":leftwards_arrow_with_hook: *Withdrawn* by the requester{at}.{before}"
        case State.CANCELLED:
            what = f"It was stopped outside Slack. {attribution.in_vain(expense)}".rstrip()
            return f":no_entry: *Cancelled.* {what}{before}"
        case State.PAYMENT_FAILED:
            why = refusal(expense.payment_refusal)
            return f":warning: *Not paid.* Approved {by}{at}. The payment was refused: {why}."


def why_asked(expense: Expense) -> str:
    """Say which rule asks whom; nothing if no rule does."""
    plan = expense.plan
    if plan is None:
        return ""
    rule = quote(plan.rule, 400)
    if plan.is_automatic:
        return f"Rule “{rule}”: approves automatically."
    return f"Rule “{rule}”: {', then '.join(_stages(plan.stages))}."


def _stages(stages: Sequence[Stage]) -> list[str]:
    shown = stages[:_MOST_STAGES]
    most = max(1, _MOST_ASKED // max(1, len(shown)))
    left = len(stages) - len(shown)
    return [*(_stage(stage, most) for stage in shown), *([counted(left, "stage")] if left else [])]


def _stage(stage: Stage, most: int) -> str:
    whom = alternatives(stage.asked, most)
    return whom if stage.needed == 1 else f"{stage.needed} of {whom}"


def refusal(code: str | None) -> str:
    """Word the payment system's code for people."""
    return quote((code or "REFUSED").replace("_", " ").lower(), 200)


def request(expense: Expense, locale: Locale) -> str:
    """Ask the approvers for a decision."""
    who = mention(expense.requester) if expense.requester else ANOTHER_SYSTEM
    until = f" by {moment(expense.decide_by)}" if expense.decide_by else ""
    ask = f"{who} asks for {subject(expense, locale)}."
    return _text(f"{ask} Please approve or reject it{until}. {why_asked(expense)}")


def has_it_now(successor: str) -> str:
    """Tell somebody who was asked that a colleague is asked in their place."""
    return f"{mention(successor)} has this now, so you need not do anything."


def record(expense: Expense, locale: Locale) -> str:
    """Say what became of an expense, with all facts."""
    who = f" of {mention(expense.requester)}" if expense.requester else ""
    reason = f" Reason: {quote(expense.reason)}" if expense.reason else ""
    about = f"It was about {subject(expense, locale)}{who}.{reason}"
    return _text(f"{headline(expense)} {about} {why_asked(expense)}")


def acknowledgement(expense: Expense, locale: Locale) -> str:
    """Tell the requester that their expense is recorded, and where it stands now."""
    what = f"Your expense: {subject(expense, locale)}."
    return _text(f"{what} {headline(expense)} {why_asked(expense)}")


def overview(expenses: Sequence[Expense], locale: Locale) -> str:
    """List expenses as text, for screen readers and alerts; as many as fit in a message."""
    if not expenses:
        return "You have not submitted any expense yet. Try `/expense`."
    lines = [f"{headline(expense)} {subject(expense, locale)}" for expense in expenses]
    while units("\n".join(lines)) > MAX_TEXT:
        lines.pop()
    return "\n".join(lines)


def _text(text: str) -> str:
    return clip(text.rstrip(), MAX_TEXT)


def only_the_newest(count: int) -> str:
    """Say that a list is longer than what is shown."""
    return f"These are your newest {count}; `/expense status ID` shows any other."


def too_late(expense: Expense, person: str) -> str:
    """Tell somebody whose click changed nothing what had happened before."""
    if expense.asks_nobody and expense.is_open:
        return "This expense is approved automatically, so nothing was changed."
    if expense.state is State.CREATED:
        return "The time to decide this expense has run out, so nothing was changed."
    if expense.state is State.SUBMITTED:
        return "Nobody can decide this expense yet, so nothing was changed."
    if expense.decided_by:
        who = attribution.in_place_to(person, expense.decided_by, expense.decided_for)
        what = f"{attribution.verb(expense)} this expense already{attribution.decided_at(expense)}"
        return f"{who} {what}; nothing was changed."
    return f"This expense is not open any more, so nothing was changed. {headline(expense)}"


def already_agreed(expense: Expense, person: str) -> str:
    """Tell somebody who approves once more who has, and what is still missing."""
    said = "You have approved this already, thank you."
    for approver, whose in attribution.approvers(expense).items():
        if whose == person != approver:
            said = f"{mention(approver)} has approved this for you already."
    if expense.plan is None:
        return f"{said} Others have to agree, too."
    asked = expense.progress.may_decide(expense.plan)
    left = [id for id in asked if not expense.progress.has_approved(id)]
    whom = alternatives(left or asked, _MOST_ASKED)
    count = expense.progress.missing(expense.plan)
    missing = f"one more approval by {whom}" if count == 1 else f"{count} more approvals by {whom}"
    later = expense.plan.stages[expense.progress.stage + 1 :]
    return f"{said} It still needs {', then '.join([missing, *_stages(later)])}."
