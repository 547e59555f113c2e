"""The bot seals by itself, keeps the policy by its hash, and publishes what it has signed."""

import asyncio
import hashlib
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.database.trail.chain import Root
from bot.database.trail.policies import PolicyTexts
from bot.database.trail.sealing import Sealer
from bot.database.trail.signing import Signer
from bot.delivery.sealing import Sealing
from bot.policy.file.loader import read_policy
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, SECRET, Rooms, rooms

POLICY = f"""\
# The rules of the year.
base_currency = "EUR"

[[rules]]
[[rules.stages]]
ask = ["{MANAGER}"]
"""


async def sealed(here: Rooms) -> list[str]:
    """Let a bot seal until the newest root is of today, and return what it told operators."""
    told: list[str] = []
    today = (await here.database.now()).date()

    async def tell(words: str) -> None:
        told.append(words)

    signer, texts = Signer([SECRET]), PolicyTexts(here.database)
    sealing = Sealing(
        Sealer(here.database, signer),
        texts,
        lambda: here.policy.rulebook,
        timedelta(seconds=0.01),
        tell,
    )
    running = asyncio.create_task(sealing.run())
    try:
        while not (found := await roots(here)) or found[-1].at.date() < today:
            await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.wait([running])
    return told


async def roots(here: Rooms) -> list[Root]:
    rows = await here.database.execute(text("SELECT body, lines FROM audit_roots ORDER BY number"))
    return [Root.read(*row) for row in rows]


async def test_the_policy_that_judged_is_kept_as_it_read(database_url: str) -> None:
    async with rooms(database_url, rulebook=read_policy(POLICY)) as here:
        expense = await here.submissions.submit(REQUESTER, LUNCH, "1")
        sha256 = hashlib.sha256(POLICY.encode()).hexdigest()
        assert (await here.expenses.get(expense.id)).policy_sha256 == sha256
        for _ in range(2):  # after a restart, too
            await sealed(here)
        assert await PolicyTexts(here.database).read(sha256) == POLICY
        assert await PolicyTexts(here.database).read("0" * 64) is None


async def test_the_log_has_the_root_and_operators_have_that_of_each_day(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with rooms(sqlite_url) as here:
        await here.submissions.submit(REQUESTER, LUNCH, "1")
        assert await sealed(here) == []
        key = Signer([SECRET]).public_key
        [line] = [record.message for record in caplog.records if "audit trail" in record.message]
        assert line.startswith("audit trail: root 1 of ")
        assert line.endswith(f"signed with the key {key}")
        [root] = await roots(here)
        yesterday = replace(root, at=root.at - timedelta(days=1)).body
        async with here.database.writing() as connection:
            change = text("UPDATE audit_roots SET body = :body")
            await connection.execute(change, {"body": yesterday})
        [words] = await sealed(here)
        assert words.startswith("The audit trail up to ")
        assert "root 2 is `" in words
