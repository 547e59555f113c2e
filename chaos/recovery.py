"""How soon the bots are back after SIGKILL, with thousands of expenses pending."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from chaos.crowd import Crowd
from chaos.people import buttons_of
from chaos.schedule import WEBS
from chaos.system import System, running_system
from sandbox.slack.config import APPROVALS

SERVES_WITHIN, DELIVERS_WITHIN = 3.0, 5.0

_PENDING = """
    INSERT INTO expenses (id, state, version, created_at, requester, amount, currency, description,
        category, spent_on, window_seconds, started_at, workflow_id, decide_by, due_at, attempts)
    SELECT 'PENDING' || n, 'CREATED', 3, now(), 'U0EMP00001', '10.00', 'EUR', 'Pending ' || n,
        'other', current_date, 259200, now(), 'expense_PENDING' || n, now() + interval '72 h',
        now() + interval '72 h', 0
    FROM generate_series(1, $1) n
"""
_PENDING_MESSAGES = """
    INSERT INTO messages (expense_id, audience, channel, ts, shown_version, told)
    SELECT id, 'approvers', $1, '1.' || substr(id, 8), 3, 0 FROM expenses WHERE id LIKE 'PENDING%'
"""
_PENDING_AUDIT = """
    INSERT INTO audit (expense_id, at, event, actor, state)
    SELECT id, now(), event, 'worker', 'CREATED' FROM expenses, (VALUES ('submit'), ('create'),
        ('register_callback')) events (event) WHERE id LIKE 'PENDING%'
"""
_UNDELIVERED = """
    SELECT count(*) FROM expenses WHERE decision IS NOT NULL AND delivered_at IS NULL
"""


@dataclass(frozen=True)
class Recovery:
    """What was measured, in seconds since all bots were killed."""

    pending: int
    outstanding: int
    served_after: float
    delivered_after: float

    @property
    def is_quick(self) -> bool:
        """Whether the bots keep the promises."""
        return (
            self.served_after <= SERVES_WITHIN
            and self.delivered_after - self.served_after <= DELIVERS_WITHIN
        )

    def __str__(self) -> str:
        return (
            f"With {self.pending} pending expenses, a bot served {self.served_after:.1f} s after "
            f"all were killed; {self.outstanding} outstanding decisions were delivered "
            f"{self.delivered_after - self.served_after:.1f} s later."
        )


async def recover(
    folder: Path, tell: Callable[[str], None], pending: int = 10_000, outstanding: int = 50
) -> Recovery:
    """Kill all bots while decisions are outstanding, and see how soon they are delivered.

    Args:
        folder: where logs and databases are left.
        tell: is called with a line for each step.
        pending: how many expenses wait for nothing but a decision.
        outstanding: how many decisions are made and not delivered.
    """
    async with running_system(folder) as system, system.database() as database:
        crowd = Crowd(system, seed=1)
        await asyncio.gather(*(crowd.start_workflow(f"{n}", 7200.0) for n in range(outstanding)))
        await _until(lambda: len(system.slack.messages(APPROVALS)) >= outstanding)
        tell(f"{outstanding} workflows wait for a decision")
        for statement, value in ((_PENDING, pending), (_PENDING_MESSAGES, APPROVALS.id)):
            await database.execute(statement, value)
        await database.execute(_PENDING_AUDIT)
        tell(f"{pending} more expenses are pending")
        await _decide_undelivered(system, crowd)
        left = await database.fetchval(_UNDELIVERED)
        tell(f"{left} decisions are acknowledged and not delivered; killing all bots")
        return await _measure(system, database, pending, left)


async def _decide_undelivered(system: System, crowd: Crowd) -> None:
    """Have everything approved while no bot reaches Temporal."""
    for web in WEBS:
        system.links[f"{web}>temporal"].disturb("hold")
    boss = next(iter(system.slack.workspace.groups.values())).users[0]
    for message in system.slack.messages(APPROVALS):
        if buttons_of(message):
            await crowd.people.click(boss, message, "approve")


async def _measure(
    system: System, database: asyncpg.Connection, pending: int, left: int
) -> Recovery:
    began = time.monotonic()
    for web in WEBS:
        system.supervisor.kill(web)
        system.links[f"{web}>temporal"].reset()
        system.links[f"{web}>temporal"].mend()
    ready = [asyncio.create_task(system.programs[web].until_ready(60)) for web in WEBS]
    await asyncio.wait(ready, return_when=asyncio.FIRST_COMPLETED)
    served = time.monotonic() - began
    while await database.fetchval(_UNDELIVERED):
        await asyncio.sleep(0.05)
    delivered = time.monotonic() - began
    await asyncio.gather(*ready)
    return Recovery(pending, left, served, delivered)


async def _until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not look():
            await asyncio.sleep(0.05)
