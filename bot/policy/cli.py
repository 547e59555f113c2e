"""The commands `python -m bot policy check` and `explain`; neither needs Slack or a database."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot.domain.durations import parse_duration
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim
from bot.domain.money.amounts import parse_money
from bot.domain.people.locale import ANYBODY
from bot.domain.people.slack_ids import is_group_id, is_user_id
from bot.domain.words import Words
from bot.policy.explanation import explain
from bot.policy.file.checks import check_usual_window
from bot.policy.file.loader import SETTING, load_policy, read_policy
from bot.policy.file.source import PolicyError
from bot.policy.rules import Rulebook

USUAL_WINDOW = "30d"  # what the setting EXPENSE_DECISION_WINDOW is without a value
# See docs/scaling.md; tests/system/test_actions.py counts them.
_COST = """\
An expense takes 4 actions in Temporal Cloud, and 3 if it is not approved. That is also the most, \
however many stages and reminders its rule has, but each attempt that fails takes one more."""
_EXAMPLE = """\
Example:

\b
  python -m bot policy explain --file policy.example.toml \\
    --amount 1200 --currency EUR --category travel --requester U0ADA
"""


class _Id(click.ParamType[str]):
    """The Slack id of a user or of a user group.

    Args:
        name: what it is the id of.
        is_id: whether a text is one.
        example: of an id.
    """

    def __init__(self, name: str, is_id: Callable[[str], bool], example: str) -> None:
        self.name = name
        self._is_id = is_id
        self._example = example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return an id, or refuse what is none."""
        text = str(value)
        if not self._is_id(text):
            self.fail(f"write the id of a {self.name}, such as {self._example}", param, ctx)
        return text


USER, GROUP = _Id("user", is_user_id, "U0123456789"), _Id("group", is_group_id, "S0123456789")


@click.group(no_args_is_help=False)
def policy() -> None:
    """Check a policy file, or explain what it asks of an expense."""


@policy.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
def check(file: Path | None) -> int:
    """Name every mistake in a policy, with its line and what to write instead.

    Without FILE, the policy is that of EXPENSE_POLICY.
    """
    book, name = _load(file, "FILE"), file or SETTING
    if book is None:
        return 1
    if late := _late(book):
        click.echo("\n".join(f"{name}: {line}" for line in late), err=True)
        return 1
    count = len(book.rules)
    words = _counted(book.words)
    click.echo(f"{name} is fine: {count} {'rule' if count == 1 else 'rules'}{words}.\n{_COST}")
    return 0


@policy.command(name="explain", epilog=_EXAMPLE)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policy; EXPENSE_POLICY otherwise.",
)
@click.option("--amount", required=True, help="With a point, such as 42.50.")
@click.option("--currency", required=True, help="Its three letters, such as EUR.")
@click.option("--category", required=True, help="As the form or the policy names it.")
@click.option("--requester", required=True, type=USER, metavar="U…", help="Whose expense it is.")
@click.option("--manager", type=USER, metavar="U…", help="Whom they choose in the form.")
@click.option(
    "--member-of",
    type=GROUP,
    metavar="S…",
    multiple=True,
    help="A user group that the requester and the manager are in; as often as needed.",
)
def explain_policy(
    *,
    file: Path | None,
    amount: str,
    currency: str,
    category: str,
    requester: str,
    manager: str | None,
    member_of: tuple[str, ...],
) -> int:
    """Say which rule an expense falls under, why, and who would be asked.

    Nothing is submitted, and no Slack is asked.
    """
    book = _load(file, "--file")
    if book is None:
        return 1
    known = tuple(book.words.categories) or tuple(Category)
    if category not in known:
        words = f"{category!r} is not one of {', '.join(known)}."
        raise click.BadParameter(words, click.get_current_context(), param_hint="'--category'")
    people = frozenset({requester, *([manager] if manager else [])})
    try:
        claim = Claim(
            money=parse_money(amount, currency, ANYBODY.locale),
            description="",
            category=category,
            spent_on=datetime.now(UTC).date(),
            manager=manager,
        )
        groups = _Groups(people, frozenset(member_of))
        lines = asyncio.run(explain(book, requester, claim, groups))
    except InvalidInput as error:
        words = f"--{error.field}: {error}"
        raise click.UsageError(words, click.get_current_context()) from error
    click.echo("\n".join(lines))
    return 0


def _counted(words: Words) -> str:
    """Count what a policy says beside its rules; nothing if that is nothing."""
    counts = (
        (len(words.categories), "category", "categories"),
        (len(words.dimensions), "dimension", "dimensions"),
        (len(words.people), "person", "people"),
    )
    return "".join(
        f", {count} {one if count == 1 else more}" for count, one, more in counts if count
    )


def _load(file: Path | None, argument: str) -> Rulebook | None:
    """Read a file, or the setting; None if there are mistakes, which are named then."""
    named = os.environ.get(SETTING, "")
    if file is None and not named.strip():
        words = f"{argument} is missing: name a policy file, or set {SETTING}"
        raise click.UsageError(words, click.get_current_context())
    try:
        return load_policy(file) if file else read_policy(named)
    except PolicyError as error:
        click.echo(str(error), err=True)
        return None


def _late(book: Rulebook) -> list[str]:
    """List what would come after the decision window that the bot gives where no rule does."""
    named = os.environ.get("EXPENSE_DECISION_WINDOW", "").strip() or USUAL_WINDOW
    try:
        window = parse_duration(named)
    except ValueError as error:
        return [f"EXPENSE_DECISION_WINDOW is wrong: {error}"]
    return [*check_usual_window(book, window)] if isinstance(window, timedelta) else []


class _Groups:
    """A directory of the people and user groups on the command line."""

    def __init__(self, people: frozenset[str], groups: frozenset[str]) -> None:
        self._people = people
        self._groups = groups

    async def group_members(self, group: str) -> frozenset[str]:
        return self._people if group in self._groups else frozenset()

    async def is_full_member(self, person: str) -> bool:
        return True
