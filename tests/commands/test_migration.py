"""`python -m bot migrate`: forwards, back, and what it refuses."""

import json

import pytest
from sqlalchemy import text

from bot.commands.console import Exit
from bot.database.migrate import _revisions
from bot.database.migrations.engine import connected
from tests.support.commands import Run
from tests.support.databases import url_of

NEWEST = _revisions()[0]


async def test_an_operator_goes_back_and_forth_and_is_told_where_one_cannot_go(
    empty_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(capsys, "migrate", DATABASE_URL=empty_database_url)

    async def missing() -> list[str]:
        code, said = await run("status", "--json")
        found: list[str] = json.loads(said)["missing"]
        assert code == (Exit.FOUND if found else Exit.DONE)
        return found

    assert (await run())[0] == Exit.DONE
    assert await missing() == []
    code, said = await run("--to", "0006", "--dry-run")
    assert (code, f"would go from the schema {NEWEST} to 0006" in said) == (Exit.DONE, True)
    assert await missing() == []
    code, said = await run("--to", "0006")
    assert (code, "has the schema 0006" in said) == (Exit.DONE, True)
    assert (await missing())[0] == "0007"
    assert (await run("--to", "0007"))[0] == Exit.DONE
    assert (await missing())[0] == "0008"
    code, said = await run("--to", "9999")
    words = f"there is no schema 9999; this version knows up to {NEWEST}"
    assert (code, words in said) == (Exit.MISUSED, True)
    async with connected(url_of(empty_database_url)) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    code, said = await run("--to", "0007")
    assert (code, "which only a newer version can take back" in said) == (Exit.MISUSED, True)
    assert "with --to 0007" in said
