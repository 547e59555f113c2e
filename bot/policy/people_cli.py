"""The command `python -m bot people check`, which needs neither Slack nor a database."""

import os
from pathlib import Path

import click

from bot.domain.words import ListedPerson
from bot.policy.file.csv_files import columns_of_people, people_of, read_csv
from bot.policy.file.loader import SETTING, read_policy
from bot.policy.file.source import PolicyError
from bot.policy.rules import Rulebook


@click.group(no_args_is_help=False)
def people() -> None:
    """Check the company's list of people."""


@people.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
def check(file: Path | None) -> int:
    """Name every mistake in a list of people, with its line and what to write instead.

    Without FILE, it is the list that the policy of EXPENSE_POLICY names. The dimensions are those
    of that policy. Whom Slack knows is not looked up.
    """
    written = os.environ.get(SETTING, "")
    if file is None and not written.strip():
        words = f"FILE is missing: name a list of people, or set {SETTING}"
        raise click.UsageError(words, click.get_current_context())
    try:
        book = read_policy(written) if written.strip() else Rulebook()
        listed = _read(file, book) if file else book.words.people
    except PolicyError as error:
        click.echo(str(error), err=True)
        return 1
    if file is None and not listed:
        click.echo(
            f"{SETTING}: it names no list of people; write [people] with file = ...", err=True
        )
        return 1
    alone = sum(not line.manager for line in listed.values())
    click.echo(
        f"{file or 'The list of people'} is fine: {len(listed)} people, "
        f"{alone or 'none'} of them without a manager."
    )
    return 0


def _read(file: Path, book: Rulebook) -> dict[str, ListedPerson]:
    dimensions = book.words.dimensions
    read = read_csv(file, "person", columns_of_people(dimensions))
    listed = dict(people_of(read, dimensions))
    if read.mistakes:
        raise PolicyError(read.mistakes)
    return listed
