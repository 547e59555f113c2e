"""A database as the version before left it, and who is who in it; see its README."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from bot.database.engine.url import parse_database_url
from bot.database.migrate import migrate
from bot.policy.file.loader import load_policy
from tests.support.rooms import Rooms, rooms

FOLDER = Path(__file__).parents[1] / "data" / "schema_0002"
POLICY = FOLDER / "policy.toml"
# What the code of that version read in it, and the name of each expense.
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
ID = {expense["name"]: id for id, expense in EXPECTED["expenses"].items()}

REQ, MAN, MAX, STR = "U0REQ", "U0MAN", "U0MAX", "U0STR"  # as in `tests.support.rooms`
ADA, INT, LEA, LEO = "U0ADA", "U0INT", "U0LEA", "U0LEO"
FAY, FIN, FOX, GUS = "U0FAY", "U0FIN", "U0FOX", "U0GUS"
DEL, SUB, OLD, FOR = "U0DEL", "U0SUB", "U0OLD", "U0FOR"
PEOPLE = (REQ, MAN, MAX, STR, ADA, INT, LEA, LEO, FAY, FIN, FOX, GUS, DEL, SUB, OLD, FOR)
GROUPS = {
    "S0LEADS": frozenset({LEA, LEO, REQ}),
    "S0FINANCE": frozenset({FAY, FOX, REQ}),
    "S0INTERNS": frozenset({INT}),
    "S0FORMER": frozenset({FOR, LEO}),
}


async def restore(database_url: str) -> None:
    """Fill an empty database."""
    if database_url.startswith("sqlite"):
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        connection.executescript((FOLDER / "expenses.sqlite.sql").read_text(encoding="utf-8"))
        connection.close()
        return
    # The dump leaves settings behind in its session, so nothing else uses this connection.
    session = await asyncpg.connect(database_url.replace("postgres://", "postgresql://"))
    await session.execute((FOLDER / "expenses.postgresql.sql").read_text(encoding="utf-8"))
    await session.close()


@asynccontextmanager
async def upgraded(database_url: str) -> AsyncIterator[Rooms]:
    """Bring a restored database up to date, and open it under the policy that is in force."""
    await migrate(parse_database_url(database_url))  # type: ignore[arg-type]
    async with rooms(database_url, rulebook=load_policy(POLICY), groups=GROUPS) as here:
        yield here
