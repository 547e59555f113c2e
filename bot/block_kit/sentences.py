"""What people read of an expense: where it stands, with who did what and when."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce

from babel import Locale
from babel.dates import format_date

from bot.block_kit import attribution
from bot.block_kit.mrkdwn import alternatives, clip, escape, mention, moment, quote, units
from bot.block_kit.payment_words import completed
from bot.block_kit.stuck import why_stuck
from bot.catalogue import listed, say
from bot.domain.approval_plan import Stage
from bot.domain.coding import Detail
from bot.domain.expense import Category, Claim, Expense, State
from bot.domain.inbox import Tally
from bot.domain.money.formatting import format_money
from bot.domain.text import shorten

# Slack's limit for the text of chat.update.
MAX_TEXT = 4000
# A policy can name thousands; a sentence names as many as can be read.
_MOST_ASKED, _MOST_STAGES = 25, 12
# A sentence of the catalogue takes 2,500 characters, and the other facts stand in it, too.
_MOST_PARTICULARS, _MOST_IN_SUBJECT = 2300, 600
# Sums that could be endless, in one line.
_MOST_CURRENCIES = 10


def categories() -> dict[str, str]:
    """Name every category, by its value."""
    return {one: say("category", category=one) for one in Category}


def day(value: date, locale: Locale) -> str:
    """Write a date as readers of this locale are used to."""
    return str(format_date(value, "medium", locale=locale))


def category(claim: Claim) -> str:
    """Name the category, by the word of the policy that judged it if it had one."""
    return claim.coding.label or say("category", category=claim.category)


def particulars(claim: Claim, locale: Locale, most: int = _MOST_PARTICULARS) -> str:
    """Name the category, the date and the company's own fields, and count the receipts."""
    spent_on, receipts = day(claim.spent_on, locale), len(claim.receipts)
    said = say("particulars", category=category(claim), day=spent_on, receipts=receipts)
    details = (*claim.coding.dimensions, *claim.coding.answers)
    return shorten(" · ".join([said, *map(_detail, details)]), most)


def _detail(detail: Detail) -> str:
    value = f"{detail.value} {detail.name}" if detail.name else detail.value
    return say("detail", label=detail.label or detail.key, value=value)


def subject(expense: Expense, locale: Locale) -> str:
    """Name an expense with all its facts, for the text that screen readers and alerts read."""
    if expense.claim is None:
        return say("subject-without-claim", id=named(expense))
    return say(
        "subject",
        money=format_money(expense.claim.money, locale),
        what=quote(expense.claim.description),
        particulars=escape(particulars(expense.claim, locale, _MOST_IN_SUBJECT)),
        id=named(expense),
    )


def named(expense: Expense, write: Callable[[str], str] = escape) -> str:
    """Name an expense by its number and its id, which says more of what another service started.

    Args:
        write: writes an id as it is shown.
    """
    if expense.number is None:
        return write(expense.id)
    return say("number-and-id", number=expense.number, id=write(expense.id))


def headline(expense: Expense) -> str:
    """Say in one line where an expense stands, with who, when and why not."""
    how, who, at = attribution.decided(expense)
    before = attribution.approved_before(expense)
    match expense.state:
        case State.SUBMITTED:
            return say("status-submitted")
        case State.CREATED if expense.obstacle:
            return say("status-stuck", why=why_stuck(expense, expense.obstacle))
        case State.CREATED:
            return _waiting(expense, who)
        case State.APPROVED:
            return say("status-approved", how=how, who=who, at=at)
        case State.REJECTED:
            return _text(say("status-rejected", how=how, who=who, at=at), before)
        case State.COMPLETED:
            return completed(expense, how, who, at)
        case State.EXPIRED:
            what = attribution.in_vain(expense)
            what = what or say("not-decided" if before else "nobody-decided")
            return _text(say("status-expired", what=what), before)
        case State.WITHDRAWN:
            return _text(say("status-withdrawn", at=at), before)
        case State.CANCELLED if attribution.is_closed_by_operator(expense):
            known = "unknown" if expense.decision else at
            return _text(say("status-closed", at=known), attribution.in_vain(expense), before)
        case State.CANCELLED:
            return _text(say("status-stopped"), attribution.in_vain(expense), before)
        case State.PAYMENT_FAILED:
            why = refusal(expense.payment_refusal)
            return say("status-not-paid", how=how, who=who, at=at, why=why)


def _waiting(expense: Expense, who: str) -> str:
    waiting = say("status-waiting")
    if expense.decide_by:
        waiting = say("status-waiting-until", until=moment(expense.decide_by))
    given = say("approved-so-far", who=who) if expense.progress.approvals else ""
    return _text(waiting, given, attribution.handed_over(expense))


def why_asked(expense: Expense) -> str:
    """Say which rule asks whom; nothing if no rule does."""
    plan = expense.plan
    if plan is None:
        return ""
    rule = quote(plan.rule, 400)
    if plan.is_automatic:
        return say("rule-approves", rule=rule)
    return say("rule-asks", rule=rule, whom=_one_after_another(_stages(plan.stages)))


def _one_after_another(steps: Sequence[str]) -> str:
    return reduce(lambda before, after: say("then", before=before, after=after), steps)


def _stages(stages: Sequence[Stage]) -> list[str]:
    shown = stages[:_MOST_STAGES]
    most = max(1, _MOST_ASKED // max(1, len(shown)))
    left = len(stages) - len(shown)
    more = [say("more-steps", count=left)] if left else []
    return [*(_stage(stage, most) for stage in shown), *more]


def _stage(stage: Stage, most: int) -> str:
    whom = alternatives(stage.asked, most)
    if stage.needed == 1:
        return whom
    return say("step-needing-several", count=stage.needed, whom=whom)


def refusal(code: str | None) -> str:
    """Word the payment system's code for people."""
    return quote((code or "REFUSED").replace("_", " ").lower(), 200)


def tally(counted: Tally, locale: Locale) -> str:
    """Count expenses, with their sum in each currency."""
    sums = [format_money(money, locale) for money in counted.sums[:_MOST_CURRENCIES]]
    if more := len(counted.sums) - len(sums):
        sums.append(say("more-currencies", count=more))
    if not sums:
        return say("expenses", count=counted.count)
    return say("expenses-worth", count=counted.count, sums=listed(sums))


def request(expense: Expense, locale: Locale, *besides: str) -> str:
    """Ask the approvers for a decision, with what they should know besides."""
    who = mention(expense.requester) if expense.requester else say("another-system")
    please = say("please-decide")
    if expense.decide_by:
        please = say("please-decide-by", until=moment(expense.decide_by))
    asks = say("request", who=who, subject=subject(expense, locale))
    return _text(asks, please, *besides, why_asked(expense))


def has_it_now(successor: str) -> str:
    """Tell somebody who was asked that a colleague is asked in their place."""
    return say("has-it-now", who=mention(successor))


def record(expense: Expense, locale: Locale) -> str:
    """Say what became of an expense, with all facts."""
    about = say("it-is-about", subject=subject(expense, locale))
    if expense.requester:
        who = mention(expense.requester)
        about = say("it-is-about-of", subject=subject(expense, locale), who=who)
    reason = say("the-reason", reason=quote(expense.reason)) if expense.reason else ""
    return _text(headline(expense), about, reason, why_asked(expense))


def acknowledgement(expense: Expense, locale: Locale) -> str:
    """Tell the requester that their expense is recorded, and where it stands now."""
    what = say("your-expense-is", subject=subject(expense, locale))
    return _text(what, headline(expense), why_asked(expense))


def overview(expenses: Sequence[Expense], locale: Locale, title: str = "") -> str:
    """List expenses as text, for screen readers and alerts; as many as fit in a message."""
    if not expenses:
        return say("no-expenses")
    lines = [f"{headline(expense)} {subject(expense, locale)}" for expense in expenses]
    lines = [title, *lines] if title else lines
    while units("\n".join(lines)) > MAX_TEXT:
        lines.pop()
    return "\n".join(lines)


def _text(*sentences: str) -> str:
    return clip(" ".join(filter(None, sentences)), MAX_TEXT)


def too_late(expense: Expense, person: str) -> str:
    """Tell somebody whose click changed nothing what had happened before."""
    if expense.asks_nobody and expense.is_open:
        return say("late-automatic")
    if expense.state is State.CREATED:
        return say("late-over")
    if expense.state is State.SUBMITTED:
        return say("late-early")
    if not expense.decided_by:
        return say("late-closed", headline=headline(expense))
    who = attribution.in_place_to(person, expense.decided_by, expense.decided_for)
    how, _, at = attribution.decided(expense)
    return say("late-decided", decision=attribution.verdict(expense), how=how, who=who, at=at)


def already_agreed(expense: Expense, person: str) -> str:
    """Tell somebody who approves once more who has, and what is still missing."""
    said = say("you-have-approved")
    for approver, whose in attribution.approvers(expense).items():
        if whose == person != approver:
            said = say("approved-for-you", who=mention(approver))
    if expense.plan is None:
        return _text(said, say("others-have-to"))
    asked = expense.progress.may_decide(expense.plan)
    left = [id for id in asked if not expense.progress.has_approved(id)]
    whom = alternatives(left or asked, _MOST_ASKED)
    missing = say("missing-approvals", count=expense.progress.missing(expense.plan), whom=whom)
    later = expense.plan.stages[expense.progress.stage + 1 :]
    return _text(said, say("still-needs", steps=_one_after_another([missing, *_stages(later)])))
