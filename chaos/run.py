"""One run: a crowd, trouble, quiet, and the reckoning."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from temporalio.service import RPCError

from chaos import report
from chaos.crowd import Crowd
from chaos.facts import IS_RUNNING, Facts, Heal, collect, with_workflows
from chaos.invariants import violations
from chaos.misfortunes import MISFORTUNES
from chaos.people import buttons_of
from chaos.schedule import SLOW_STEPS, STEPS, plan
from chaos.settings import SHORT_WINDOW
from chaos.system import DATABASE_AWAY, System, running_system
from chaos.trouble import Trouble
from sandbox.slack.config import APPROVALS

# More expenses at a time would only measure how long a queue gets.
_AT_ONCE = 80
_STILL_BUSY = """
    SELECT (SELECT count(*) FROM receipts WHERE due_at IS NOT NULL) + count(*) FROM expenses
    WHERE leased_until > now() OR state = 'SUBMITTED'
    OR (due_at IS NOT NULL
        AND NOT (state = 'CREATED' AND coalesce(decide_by, now()) > now() + interval '30 min'))
"""


@dataclass(frozen=True)
class Options:
    """What is asked for on the command line.

    Attributes:
        seconds_between: on average from one expense to the next.
        quiet_seconds: how long it may take until nothing is left to do.
    """

    seed: int
    expenses: int
    kills: int
    faults: int
    misfortunes: int
    short: bool
    folder: Path
    seconds_between: float = 0.45
    quiet_seconds: float = 300.0


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    facts: Facts
    found: dict[str, list[str]]
    table: str

    @property
    def is_clean(self) -> bool:
        """Whether no invariant was violated."""
        return not any(self.found.values())


async def run(options: Options, tell: Callable[[str], None]) -> Outcome:
    """Run everything once, and check it."""
    began = time.monotonic()
    steps = [step for step in STEPS if not (options.short and step in SLOW_STEPS)]
    strikes = plan(
        options.seed,
        options.kills,
        options.faults,
        options.misfortunes,
        steps=steps,
        kinds=[*MISFORTUNES],
    )
    (options.folder / "plan.txt").write_text(
        "".join(f"{strike.at:6.1%}  {strike}\n" for strike in strikes)
    )
    tell(f"{len(strikes)} strikes are planned; see {options.folder}/plan.txt")
    short_window = SHORT_WINDOW // 4 if options.short else SHORT_WINDOW
    async with running_system(options.folder, short_window=short_window) as system:
        tell("everything runs")
        crowd = Crowd(system, options.seed)

        def progress() -> float:
            return crowd.begun / options.expenses

        trouble = Trouble(system, strikes, progress, lambda line: tell(f"{progress():4.0%} {line}"))
        await _load(system, crowd, trouble, options)
        system.calm()
        tell("no more trouble; waiting for quiet")
        await system.until_ready()
        await _until_quiet(system, crowd, options, tell)
        heals = await _heal(system, crowd)
        await _until_quiet(system, crowd, options, tell)
        facts = await collect(system, heals)
    found = violations(facts)
    table = report.tables(facts, found, trouble.missed, time.monotonic() - began)
    (options.folder / "report.txt").write_text(table)
    return Outcome(facts, found, table)


async def _load(system: System, crowd: Crowd, trouble: Trouble, options: Options) -> None:
    """Keep people at work until everything planned has happened."""
    strikes = asyncio.create_task(trouble.run())
    dice = random.Random(options.seed)
    try:
        while crowd.begun < options.expenses or not strikes.done():
            if strikes.done():
                strikes.result()
            # Late strikes need expenses, too, but not at the full rate.
            is_over = crowd.begun >= options.expenses
            if crowd.busy + await _outstanding(system) < _AT_ONCE:
                crowd.begin()
            until = time.monotonic() + dice.uniform(0.3, 1.7) * options.seconds_between * (
                4 if is_over else 1
            )
            while time.monotonic() < until:
                crowd.look()
                await asyncio.sleep(0.05)
    finally:
        strikes.cancel()


async def _outstanding(system: System) -> int:
    """Count the expenses that bots have still to deliver; 0 while the database is away."""
    try:
        async with system.database() as database:
            count: int = await database.fetchval(_STILL_BUSY)
            return count
    except DATABASE_AWAY:
        return 0


async def _until_quiet(
    system: System, crowd: Crowd, options: Options, tell: Callable[[str], None]
) -> None:
    """Wait until the crowd is idle and the bots and workflows have nothing left to do."""
    until = time.monotonic() + options.quiet_seconds
    for turn in itertools.count():
        crowd.look()
        outstanding = await _outstanding(system)
        async with system.database() as database:
            rows = await database.fetch("SELECT id FROM expenses WHERE state='CREATED'")
        waiting = {row["id"] for row in rows}
        try:
            running = len(await with_workflows(system, IS_RUNNING) - waiting)
        except RPCError:
            running = -1
        if turn % 5 == 0:
            tell(
                f"{crowd.busy} people busy, {outstanding} expenses outstanding, "
                f"{running} workflows to end"
            )
        if (crowd.busy, outstanding, running) == (0, 0, 0) or time.monotonic() > until:
            return
        await asyncio.sleep(1)


async def _heal(system: System, crowd: Crowd) -> list[Heal]:
    """Click on every message that still has buttons after the decision."""
    heals, managers = [], next(iter(system.slack.workspace.groups.values())).users
    workspace = system.slack.workspace
    places = {APPROVALS.id: ""} | workspace.dm_users
    shown = [(place, message) for place in places for message in workspace.messages(place)]
    for place, message in shown:
        expense_id = buttons_of(message)
        before = await _state(system, expense_id) if expense_id else None
        if expense_id is None or before in (None, "CREATED"):
            continue  # lost with a database that was restored, or open
        # The requester would only be told that they may not decide.
        someone = next(boss for boss in managers if f"<@{boss}> asks" not in message["text"])
        act = await crowd.people.click(places[place] or someone, message, "approve")
        for _ in range(300):
            now = workspace.message(place, message["ts"])
            if not (now and buttons_of(now)):
                break
            await asyncio.sleep(0.1)
        heals.append(
            Heal(
                expense_id=expense_id,
                is_acknowledged=bool(act and act.is_acknowledged),
                has_buttons=bool(now and buttons_of(now)),
                state_before=before,
                state_after=await _state(system, expense_id),
            )
        )
    return heals


async def _state(system: System, expense_id: str) -> str | None:
    async with system.database() as database:
        state: str | None = await database.fetchval(
            "SELECT state FROM expenses WHERE id=$1", expense_id
        )
        return state
