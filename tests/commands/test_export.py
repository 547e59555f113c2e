"""`python -m bot export`: DATABASE_URL only, whole or an exit code."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys

import pytest

from tests.support.databases import make_sqlite
from tests.support.rooms import LUNCH, REQUESTER, rooms
from tests.test_inspection import run


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with two expenses."""
    file = tmp_path_factory.mktemp("export") / "expenses.db"

    async def prepare() -> None:
        await make_sqlite(str(file))
        async with rooms(f"sqlite:///{file}") as here:
            for key in ("one", "two"):
                await here.submissions.submit(REQUESTER, LUNCH, key)

    asyncio.run(prepare())
    return f"sqlite:///{file}"


def test_both_formats_have_all_of_a_period(url: str) -> None:
    ran = run("export", DATABASE_URL=url)
    assert (ran.code, ran.err) == (0, "")
    rows = [*csv.DictReader(io.StringIO(ran.out.removeprefix("\ufeff"), newline=""))]
    assert [(row["number"][5:], row["amount"]) for row in rows] == [
        ("0001", "42.50"),
        ("0002", "42.50"),
    ]
    ran = run("export", "--format", "jsonl", "--by", "spent", DATABASE_URL=url)
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == [row["id"] for row in rows]


def test_of_nothing_there_is_a_header(url: str) -> None:
    ran = run("export", "--to", "2020-01-01", DATABASE_URL=url)
    assert ran.out.startswith("\ufeffnumber,id,")
    assert len(ran.out.splitlines()) == 1
    assert run("export", "--by", "paid", "--format", "jsonl", DATABASE_URL=url).out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "1.11.2026"), "write a day as 2026-11-30"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "--from is after --to"),
        (("--by", "mood"), "'mood' is not one of 'submitted', 'decided', 'paid', 'spent'"),
        (("--format", "xlsx"), "'xlsx' is not one of 'csv', 'jsonl'"),
    ],
)
def test_what_is_wrong_is_one_sentence(url: str, arguments: tuple[str, ...], words: str) -> None:
    ran = run("export", *arguments, DATABASE_URL=url)
    assert (ran.code, ran.out) == (2, "")
    [line] = ran.err.splitlines()
    assert words in line


def test_it_writes_utf_8_whatever_the_terminal_has(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONIOENCODING": "latin-1"}
    program = [sys.executable, "-m", "bot", "export"]
    ran = subprocess.run(program, env=environment, capture_output=True, check=True, timeout=180)
    assert ran.stdout.startswith(b"\xef\xbb\xbfnumber,")
    assert ran.stdout.count(b"\r\n") == 3
