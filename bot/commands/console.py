"""What all commands of the operator have in common: options, exit codes, and how results read."""

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from dataclasses import asdict, dataclass
from enum import IntEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from bot import logs
from bot.database.engine.connection import Database
from bot.database.numbers import id_of
from bot.domain.errors import ExpenseError, SettingsError, TryAgain
from bot.domain.health.outages import with_cause
from bot.setting_types import DatabaseSettings
from bot.settings import load

PROGRAM = "python -m bot"
NO_SUCH_ID = "no expense has this id"
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
S = TypeVar("S", bound=DatabaseSettings)
P = ParamSpec("P")
T = TypeVar("T")


class Exit(IntEnum):
    """The exit codes of all commands; docs/operations.md has the same table."""

    DONE = 0
    FOUND = 1  # something is wrong with what was looked at
    MISUSED = 2  # the arguments or a setting, which includes the database that it names
    REFUSED = 3  # there is no such expense, or how it stands does not allow that
    TRY_AGAIN = 4  # a service does not answer, or the expense has just changed
    UNWRITTEN = 5  # nobody takes what is printed
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command did with one expense, or why it did not."""

    id: str
    code: Exit = Exit.DONE
    said: str


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")


def with_settings(
    kind: type[S], *, to_errors: bool = True
) -> Callable[[Callable[Concatenate[S, P], Coroutine[Any, Any, T]]], Callable[P, T]]:
    """Make a command of what needs some settings, and an event loop.

    Args:
        kind: of settings.
        to_errors: whether to log to the standard error output, so that nothing comes between the
            lines that a program reads.
    """

    def decorate(work: Callable[Concatenate[S, P], Coroutine[Any, Any, T]]) -> Callable[P, T]:
        @wraps(work)
        def run(*given: P.args, **named: P.kwargs) -> T:
            settings = load(kind)
            # What a command has to say is no matter of LOG_LEVEL, which `serve` heeds.
            logs.configure(settings.log_format, "INFO", to_errors=to_errors)
            return asyncio.run(work(settings, *given, **named))

        return run

    return decorate


def ended(error: BaseException) -> tuple[Exit, str] | None:
    """Return the exit code of an error and its sentence; None for a defect."""
    match error:
        case click.ClickException():
            context = getattr(error, "ctx", None)
            words = " ".join(error.format_message().split()).rstrip(".")
            place = context.command_path if context else PROGRAM
            return Exit.MISUSED, f"{place}: {words}; --help says more"
        case click.Abort() | KeyboardInterrupt():
            return Exit.INTERRUPTED, ""
        case SettingsError():
            return Exit.MISUSED, f"bot: {error}"
        case ExpenseError():
            code, words = _refused(error)
            return code, f"bot: {words}"
        # As with `| head`: the reader has read enough. Click makes an exit of it.
        case BrokenPipeError() | SystemExit():
            return Exit.UNWRITTEN, ""
        case OSError(errno=int() as number) if number in _CANNOT_WRITE:
            return Exit.UNWRITTEN, f"bot: what it has to say cannot be written: {error.strerror}"
    return None


def _refused(error: ExpenseError) -> tuple[Exit, str]:
    if isinstance(error, TryAgain):
        return Exit.TRY_AGAIN, with_cause(error)
    return Exit.REFUSED, str(error)


async def for_each(
    database: Database, named: Iterable[str], do: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Done]:
    """Do something with each of several expenses, also after one for which it failed.

    Args:
        database: knows their ids.
        named: ids or numbers.
        do: takes an id.
    """
    for id in dict.fromkeys(named):
        try:
            yield Done(id=id, said=await do(await id_of(database, id)))
        except ExpenseError as error:
            code, words = _refused(error)
            yield Done(id=id, code=code, said=words)


async def report(done: AsyncIterator[Done], *, as_json: bool) -> Exit:
    """Print what was done with each expense; return the exit code, of several the highest."""
    lines, code = [], Exit.DONE
    async for line in done:
        code = max(code, line.code)
        lines.append(line)
        if not as_json:
            click.echo(f"expense {line.id}: {line.said}", err=line.code is not Exit.DONE)
    if as_json:
        print_json([{**asdict(line), "code": line.code.name} for line in lines])
    return code


def print_json(what: Any) -> None:
    """Print for programs."""
    click.echo(json.dumps(what, indent=2))
