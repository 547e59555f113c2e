"""Explains, in sentences, what a policy asks of an expense, and why."""

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.approval_plan import Stage
from bot.domain.durations import format_duration
from bot.domain.errors import InvalidInput
from bot.domain.expense import Claim, Receipt
from bot.domain.people.slack_ids import is_group
from bot.domain.working_hours import WorkingHours
from bot.policy.directory import Directory
from bot.policy.file.schema_types import DAYS
from bot.policy.rules import MANAGER, Rule, Rulebook

_OTHERS = "so the approvers of EXPENSE_APPROVERS are asked."
_USUAL = (
    "  They are reminded after one working day, then daily, 5 times at most, "
    "in their working hours."
)


async def explain(book: Rulebook, requester: str, claim: Claim, directory: Directory) -> list[str]:
    """Say line by line which rules match an expense, why others do not, and what they ask."""
    amount = book.in_base(claim.money) if book else claim.money.amount
    lines = [f"{claim.money.amount} {claim.money.currency} in {claim.category} by {requester}:"]
    if book and claim.money.currency != book.base_currency:
        lines.append(f"It counts as {amount.normalize():f} {book.base_currency}.")
    await _check(book, requester, claim, directory)
    end = f"No rule matches, {_OTHERS}"
    for number, rule in enumerate(book.rules, start=1):
        which = f"Rule {number}, {rule.name!r}"
        if reason := await book.why_not(rule, requester, claim, directory):
            lines.append(f"{which}, does not match: {reason}.")
            continue
        lines.append(f"{which}, matches.")
        if rule.needs_receipt(amount):
            lines.append(
                f"  A receipt is needed, as always over {rule.receipt_over:f} {book.base_currency}."
            )
        lines += _asks(rule, book, requester, claim.manager)
        if rule.stages or rule.monthly_ceiling is None:
            return lines
        end = f"No further rule matches, {_OTHERS}"
        is_above = amount > rule.monthly_ceiling
        why = "This expense alone is above that, so" if is_above else "Above that,"
        lines.append(f"  {why} the rules go on:")
    return [*lines, end, _USUAL]


async def _check(book: Rulebook, requester: str, claim: Claim, directory: Directory) -> None:
    receipt = Receipt(id="", name="", permalink="")
    try:
        await book.plans(requester, replace(claim, receipts=(receipt,)), directory)
    except InvalidInput as error:
        # A claim without a manager can be explained; a wrong manager is a mistake.
        if error.field != "manager" or claim.manager is not None:
            raise


def _asks(rule: Rule, book: Rulebook, requester: str, manager: str | None) -> Iterator[str]:
    if not rule.stages:
        limit = ""
        if rule.monthly_ceiling is not None:
            most = f"{rule.monthly_ceiling:f} {book.base_currency}"
            limit = f", while {requester} stays within {most} this month"
        yield f"  It is approved automatically{limit}."
        return
    someone = manager or f"the manager chosen in the form (of {', '.join(book.managers)})"
    for number, stage in enumerate(rule.stages, start=1):
        asked = [*dict.fromkeys(someone if id == MANAGER else id for id in stage.asked)]
        one = len(asked) == 1 and not is_group(asked[0])
        who = f"{asked[0]} has" if one else f"{stage.needed} of {', '.join(asked)} have"
        where = f"in {stage.channel}" if stage.channel else "in direct messages"
        yield f"  Stage {number} of {len(rule.stages)}: {who} to agree, asked {where}."
        if requester in asked:
            yield f"    {requester} does not count, as it is their own expense."
        yield from _follow_ups(stage)
    window = format_duration(rule.window) if rule.window else "EXPENSE_DECISION_WINDOW"
    yield f"  The decision window is {window}; whoever rejects ends it."


def _follow_ups(stage: Stage) -> Iterator[str]:
    if stage.remind_after:
        words = f"Reminded after {format_duration(stage.remind_after)}"
        if stage.remind_every:
            words += f", then every {format_duration(stage.remind_every)}"
            words += f", {stage.remind_at_most} times at most"
        yield f"    {words}{_hours(stage.working_hours)}."
    if stage.escalate_after:
        to = ", ".join(stage.escalate_to)
        yield f"    After {format_duration(stage.escalate_after)} {to} may decide, too."


def _hours(hours: WorkingHours | None) -> str:
    if hours is None:
        return ""
    days = ", ".join(DAYS[day] for day in hours.days)
    return f"; on {days} from {hours.start:%H:%M} to {hours.end:%H:%M}, in their time zone"
