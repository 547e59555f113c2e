"""The commands `python -m bot policy check` and `explain`; neither needs Slack or a database."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.approval_plan import Stage, WorkingHours
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim, Receipt
from bot.domain.money import parse_money
from bot.domain.slack_ids import is_group, is_group_id, is_user_id
from bot.policy.loader import PolicyError, load_policy
from bot.policy.rules import MANAGER, Rule, Rulebook
from bot.policy.schema import DAYS

NAME = "python -m bot policy"
_OTHERS = "so the approvers of EXPENSE_APPROVERS are asked."
_EXAMPLE = """\
example:
  python -m bot policy explain --file policy.example.toml \\
    --amount 1200 --currency EUR --category travel --requester U0ADA
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `policy` and its options to the bot's command line."""
    about = "check a policy file, or explain what it asks of an expense"
    policy = commands.add_parser("policy", help=about, description=f"{about.capitalize()}.")
    tasks = policy.add_subparsers(dest="task", metavar="check | explain", required=True)
    about = "name every mistake in a policy file, with its line and what to write instead"
    check = tasks.add_parser("check", help=about, description=f"{about.capitalize()}.")
    check.add_argument("file", type=Path, metavar="FILE", help="such as policy.toml")
    about = "say which rule an expense falls under, why, and who would be asked"
    explain = tasks.add_parser(
        "explain",
        help=about,
        description=f"{about.capitalize()}. Nothing is submitted, and no Slack is asked.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.add_argument(
        "--file", type=Path, metavar="FILE", help="the policy; EXPENSE_POLICY otherwise"
    )
    explain.add_argument("--amount", required=True, help="with a point, such as 42.50")
    explain.add_argument("--currency", required=True, help="its three letters, such as EUR")
    explain.add_argument("--category", required=True, choices=[*map(str, Category)])
    explain.add_argument(
        "--requester", required=True, type=_user, metavar="U…", help="whose expense it is"
    )
    explain.add_argument(
        "--manager", type=_user, metavar="U…", help="whom the requester chooses in the form"
    )
    explain.add_argument(
        "--member-of",
        type=_group,
        metavar="S…",
        action="append",
        default=[],
        help="a user group that the requester and the manager are in; as often as needed",
    )


def run(options: argparse.Namespace) -> int:
    """Run `policy check` or `policy explain`, and return the process's exit code."""
    file = options.file
    if file is None:
        if not (named := os.environ.get("EXPENSE_POLICY", "").strip()):
            return _refuse("--file is missing: name a policy file, or set EXPENSE_POLICY")
        file = Path(named)
    try:
        book = load_policy(file)
    except PolicyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if options.task == "check":
        count = len(book.rules)
        sys.stdout.write(f"{file} is fine: {count} {'rule' if count == 1 else 'rules'}.\n")
        return 0
    try:
        lines = asyncio.run(explain(book, options.requester, _claim(options), _Groups(options)))
    except InvalidInput as error:
        return _refuse(f"--{error.field}: {error}")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _refuse(words: str) -> int:
    sys.stderr.write(f"{NAME} explain: {words}\n")
    return 2


def _user(text: str) -> str:
    if not is_user_id(text):
        raise argparse.ArgumentTypeError("write the id of a user, such as U0123456789")
    return text


def _group(text: str) -> str:
    if not is_group_id(text):
        raise argparse.ArgumentTypeError("write the id of a group, such as S0123456789")
    return text


def _claim(options: argparse.Namespace) -> Claim:
    return Claim(
        money=parse_money(options.amount, options.currency),
        description="",
        category=Category(options.category),
        spent_on=datetime.now(UTC).date(),
        manager=options.manager,
    )


class _Groups:
    """A directory of the people and user groups on the command line."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._groups = frozenset(options.member_of)
        self._people = frozenset({options.requester, options.manager} - {None})

    async def group_members(self, group: str) -> frozenset[str]:
        return self._people if group in self._groups else frozenset()

    async def is_full_member(self, person: str) -> bool:
        return True


async def explain(book: Rulebook, requester: str, claim: Claim, groups: _Groups) -> list[str]:
    """Return the lines that say which rules match an expense, why others do not, and what they ask.

    Args:
        book: the policy.
        requester: Slack user id.
        claim: the expense; receipts do not count.
        groups: the user groups that the requester and the manager are in.

    Raises:
        InvalidInput: the form would refuse the currency or the manager.
    """
    amount = book.in_base(claim.money) if book else claim.money.amount
    lines = [f"{claim.money.amount} {claim.money.currency} in {claim.category} by {requester}:"]
    if book and claim.money.currency != book.base_currency:
        lines.append(f"It counts as {amount.normalize():f} {book.base_currency}.")
    await _check(book, requester, claim, groups)
    end = f"No rule matches, {_OTHERS}"
    for number, rule in enumerate(book.rules, start=1):
        which = f"Rule {number}, {rule.name!r}"
        if reason := await book.why_not(rule, requester, claim, groups):
            lines.append(f"{which}, does not match: {reason}.")
            continue
        lines.append(f"{which}, matches.")
        if rule.receipt_over is not None and amount > rule.receipt_over:
            lines.append(
                f"  A receipt is needed, as always over {rule.receipt_over:f} {book.base_currency}."
            )
        lines += _asks(rule, book, requester, claim.manager)
        if rule.stages or rule.monthly_ceiling is None:
            return lines
        end = f"No further rule matches, {_OTHERS}"
        if amount > rule.monthly_ceiling:
            lines.append("  This expense alone is above that, so the rules go on:")
        else:
            lines.append("  Above that, the rules go on:")
    return [*lines, end]


async def _check(book: Rulebook, requester: str, claim: Claim, groups: _Groups) -> None:
    receipt = Receipt(id="", name="", permalink="")
    try:
        await book.plans(requester, replace(claim, receipts=(receipt,)), groups)
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
        asked = [someone if id == MANAGER else id for id in stage.asked]
        asked = list(dict.fromkeys(asked))
        one = len(asked) == 1 and not is_group(asked[0])
        who = f"{asked[0]} has" if one else f"{stage.needed} of {', '.join(asked)} have"
        where = f"in {stage.channel}" if stage.channel else "in direct messages"
        yield f"  Stage {number} of {len(rule.stages)}: {who} to agree, asked {where}."
        if requester in asked:
            yield f"    {requester} does not count, as it is their own expense."
        yield from _follow_ups(stage)
    window = f"{_duration(rule.window)}" if rule.window else "EXPENSE_DECISION_WINDOW"
    yield f"  The decision window is {window}; whoever rejects ends it."


def _follow_ups(stage: Stage) -> Iterator[str]:
    if stage.remind_after:
        words = f"Reminded after {_duration(stage.remind_after)}"
        if stage.remind_every:
            words += f", then every {_duration(stage.remind_every)}"
            words += f", {stage.remind_at_most} times at most"
        yield f"    {words}{_hours(stage.working_hours)}."
    if stage.escalate_after:
        to = ", ".join(stage.escalate_to)
        yield f"    After {_duration(stage.escalate_after)} {to} may decide, too."


def _hours(hours: WorkingHours | None) -> str:
    if hours is None:
        return ""
    days = ", ".join(DAYS[day] for day in hours.days)
    return f"; on {days} from {hours.start:%H:%M} to {hours.end:%H:%M}, in their time zone"


def _duration(length: timedelta) -> str:
    """Return a duration as a policy file has it, such as 72h or 14d."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        # Less than a week reads better in hours.
        if seconds % size == 0 and seconds >= (7 * size if unit == "d" else size):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
