"""The commands `python -m bot policy check` and `explain`; neither needs Slack or a database."""

import argparse
import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.amounts import parse_money
from bot.domain.durations import parse_duration
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim
from bot.domain.locale import ANYBODY
from bot.domain.slack_ids import is_group_id, is_user_id
from bot.policy.checks import check_usual_window
from bot.policy.explanation import explain
from bot.policy.loader import SETTING, load_policy, read_policy
from bot.policy.rules import Rulebook
from bot.policy.source import PolicyError

USUAL_WINDOW = "30d"  # what the setting EXPENSE_DECISION_WINDOW is without a value
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
    otherwise = "; EXPENSE_POLICY otherwise"
    check.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help=f"such as policy.toml{otherwise}"
    )
    about = "say which rule an expense falls under, why, and who would be asked"
    explain = tasks.add_parser(
        "explain",
        help=about,
        description=f"{about.capitalize()}. Nothing is submitted, and no Slack is asked.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.add_argument("--file", type=Path, metavar="FILE", help=f"the policy{otherwise}")
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
    named, file = os.environ.get(SETTING, ""), options.file or SETTING
    if options.file is None and not named.strip():
        missing = "FILE" if options.task == "check" else "--file"
        return _refuse(options, f"{missing} is missing: name a policy file, or set {SETTING}")
    try:
        book = load_policy(options.file) if options.file else read_policy(named)
    except PolicyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if options.task == "check":
        if late := _late(book):
            sys.stderr.write("".join(f"{file}: {line}\n" for line in late))
            return 1
        count = len(book.rules)
        sys.stdout.write(f"{file} is fine: {count} {'rule' if count == 1 else 'rules'}.\n")
        return 0
    try:
        claim = Claim(
            money=parse_money(options.amount, options.currency, ANYBODY.locale),
            description="",
            category=Category(options.category),
            spent_on=datetime.now(UTC).date(),
            manager=options.manager,
        )
        lines = asyncio.run(explain(book, options.requester, claim, _Groups(options)))
    except InvalidInput as error:
        return _refuse(options, f"--{error.field}: {error}")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _late(book: Rulebook) -> list[str]:
    """List what would come after the decision window that the bot gives where no rule does."""
    named = os.environ.get("EXPENSE_DECISION_WINDOW", "").strip() or USUAL_WINDOW
    try:
        window = parse_duration(named)
    except ValueError as error:
        return [f"EXPENSE_DECISION_WINDOW is wrong: {error}"]
    return [*check_usual_window(book, window)] if isinstance(window, timedelta) else []


def _refuse(options: argparse.Namespace, words: str) -> int:
    sys.stderr.write(f"python -m bot policy {options.task}: {words}\n")
    return 2


def _user(text: str) -> str:
    if not is_user_id(text):
        raise argparse.ArgumentTypeError("write the id of a user, such as U0123456789")
    return text


def _group(text: str) -> str:
    if not is_group_id(text):
        raise argparse.ArgumentTypeError("write the id of a group, such as S0123456789")
    return text


class _Groups:
    """A directory of the people and user groups on the command line."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._groups = frozenset(options.member_of)
        self._people = frozenset({options.requester, options.manager} - {None})

    async def group_members(self, group: str) -> frozenset[str]:
        return self._people if group in self._groups else frozenset()

    async def is_full_member(self, person: str) -> bool:
        return True
