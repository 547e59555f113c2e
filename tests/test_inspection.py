"""`python -m bot expenses`: with DATABASE_URL only, and without what people wrote."""

import asyncio
import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot import __version__
from bot.__main__ import main
from bot.database.schema import expenses
from bot.domain.expense import Decision
from tests.support.databases import make_sqlite
from tests.support.house import environment
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, rooms

WRITTEN = (LUNCH.description, "Too much wine")


@dataclass
class Ran:
    code: int
    out: str
    err: str

    def json(self) -> object:
        return json.loads(self.out)


def run(*arguments: str, **variables: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    for name in ("SLACK_BOT_TOKEN", "EXPENSE_APPROVERS"):
        assert name not in os.environ
    with environment(variables), redirect_stdout(out), redirect_stderr(err):
        code = main([*arguments])
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with an expense that is stuck, and a rejected one."""
    file = tmp_path_factory.mktemp("expenses") / "expenses.db"

    async def prepare() -> None:
        await make_sqlite(str(file))
        async with rooms(f"sqlite:///{file}") as here:
            await here.submissions.submit(REQUESTER, LUNCH, submission_key="form")
            old = datetime.now(UTC) - timedelta(hours=50)
            await here.database.execute(update(expenses).values(created_at=old))
            expense = await here.waiting()
            await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, WRITTEN[1])

    asyncio.run(prepare())
    return f"sqlite:///{file}"


def test_they_are_listed_with_what_keeps_the_stuck_ones(url: str) -> None:
    listed = run("expenses", "list", DATABASE_URL=url)
    assert (listed.code, listed.err) == (0, "")
    stuck, rejected = listed.out.splitlines()
    assert "SUBMITTED         2d  U0REQ        its workflow has not been started. Run" in stuck
    assert "REJECTED" in rejected
    for filters in (["--stuck"], ["--state", "submitted"], ["--older", "2d"], ["--limit", "1"]):
        listed = run("expenses", "list", *filters, DATABASE_URL=url)
        assert listed.out.split() == stuck.split()
    assert run("stuck", DATABASE_URL=url).out.split() == stuck.split()
    none = run("expenses", "list", "--stuck", "--state", "CREATED", DATABASE_URL=url)
    assert (none.code, none.out) == (0, "no expense is stuck\n")


def test_programs_read_json(url: str) -> None:
    [stuck] = run("expenses", "list", "--stuck", "--json", DATABASE_URL=url).json()
    assert (stuck["state"], stuck["requester"]) == ("SUBMITTED", REQUESTER)
    assert stuck["stuck"]["reason"] == "not_started"
    [rejected] = run("expenses", "list", "--state=REJECTED", "--json", DATABASE_URL=url).json()
    shown = run("expenses", "show", rejected["id"], "--json", DATABASE_URL=url).json()
    assert shown.items() >= rejected.items()
    steps = [(entry["event"], entry["actor"]) for entry in shown["audit"]]
    assert steps[-1] == ("decide", MANAGER)
    text = run("expenses", "show", rejected["id"], DATABASE_URL=url)
    assert text.code == 0
    assert "decide  U0MAN  REJECTED" in text.out
    for written in WRITTEN:
        assert written not in text.out + json.dumps(shown)
    why = run("expenses", "show", stuck["id"], DATABASE_URL=url).out
    assert "its workflow has not been started" in why


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("expenses", "show", "NOBODY"), 3, "bot: there is no expense NOBODY"),
        (("expenses", "show"), 2, "python -m bot expenses show: Missing argument 'ID'"),
        (("expenses", "list", "--state", "LOST"), 2, "'LOST' is not one of 'submitted'"),
        (("expenses", "list", "--older", "soon"), 2, "write a whole number and s, m, h or d"),
        (("expenses", "list", "--limit", "-5"), 2, "-5 is not in the range"),
        (("expenses", "list", "--limit", "9" * 20), 2, "is not in the range"),
        (("expenses", "show", "\udcff"), 3, "there is no expense"),
        (("reconcile", "--days", "9" * 20), 2, "is not in the range"),
        (("expenses",), 2, "python -m bot expenses: Missing command"),
        (("frobnicate",), 2, "python -m bot: No such command 'frobnicate'"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    url: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = run(*arguments, DATABASE_URL=url)
    assert (ran.code, ran.out) == (code, "")
    [line] = ran.err.splitlines()
    assert words in line


def test_a_file_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    ran = run("expenses", "list", DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"bot: DATABASE_URL names {tmp_path}/none.db, and there is no such file\n"
    assert not list(tmp_path.iterdir())


def test_other_settings_may_be_wrong(url: str) -> None:
    wrong = {"EXPENSE_API_KEY": "", "EXPENSE_TASK_QUEUE": "", "EXPENSE_APPROVERS": "Mina"}
    assert run("expenses", "list", DATABASE_URL=url, **wrong).code == 0
    assert "DATABASE_URL is empty" in run("expenses", "list", DATABASE_URL="").err


def test_the_version_is_told() -> None:
    assert run("--version").out == f"{__version__}\n"
