"""Carries the plan out: disturbs and kills, and counts what did happen."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from chaos.misfortunes import MISFORTUNES
from chaos.schedule import (
    ACKNOWLEDGED,
    TARGETS,
    WEBS,
    BankFault,
    Befall,
    Kill,
    LinkFault,
    RouterFault,
    SlackFault,
    Strike,
)
from chaos.system import System

_LANES = 2
# Some steps are rare: a kill that waits in vain is tried again after the others.
_CATCH_SECONDS = 15.0
_TRIES = 4


class Trouble:
    """Carries a plan out.

    Args:
        system: what is disturbed.
        strikes: the plan.
        progress: returns the share of the expenses that have begun.
        tell: is called with a line for each kill.
    """

    def __init__(
        self,
        system: System,
        strikes: Sequence[Strike],
        progress: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self._system = system
        self._progress = progress
        self._tell = tell
        self._faults = [s for s in strikes if not isinstance(s, Kill)]
        self._kills = [(s, 1) for s in strikes if isinstance(s, Kill)]
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.missed: list[str] = []

    @property
    def left(self) -> int:
        """How many kills are still to come."""
        return len(self._kills)

    async def run(self) -> None:
        """Carry the whole plan out."""
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(self._run_faults())
            for _ in range(_LANES):
                lanes.create_task(self._run_kills())

    async def _run_faults(self) -> None:
        async with asyncio.TaskGroup() as under_way:
            for strike in self._faults:
                await self._until(strike)
                match strike:
                    case SlackFault(method=method, kind=kind, times=times):
                        faults: Any = self._system.slack.faults
                        faults.add(method, kind, times=times, seconds=1.0)
                    case BankFault(kind=fault):
                        self._system.bank.disturb(fault)
                    case RouterFault(traffic=traffic, trouble=trouble):
                        self._system.router.disturb(traffic, trouble)
                    case LinkFault():
                        under_way.create_task(self._disturb_link(strike))
                    case Befall():
                        under_way.create_task(self._befall(strike))

    async def _disturb_link(self, strike: LinkFault) -> None:
        link = self._system.links[strike.link]
        pair = strike.link.replace("1", "").replace("2", "")
        self._system.logbook.faults[f"{pair} {strike.mode}"] += 1
        link.disturb(strike.mode)
        await asyncio.sleep(strike.seconds)
        link.mend()

    async def _befall(self, strike: Befall) -> None:
        name = strike.misfortune
        # The same again would be put right by the first one's end.
        async with self._turns[name]:
            self._tell(name)
            async with MISFORTUNES[name](self._system, random.Random(str(strike))):
                self._system.logbook.misfortunes[name] += 1
                await asyncio.sleep(strike.seconds)

    async def _run_kills(self) -> None:
        while self._kills:
            strike, tries = self._kills.pop(0)
            await self._until(strike)
            if strike.step is None:
                await self._kill(strike, ())
            elif not await self._strike_at_step(strike):
                if tries < _TRIES:
                    self._kills.append((strike, tries + 1))
                else:
                    self.missed.append(strike.step)

    async def _until(self, strike: Strike) -> None:
        while self._progress() < strike.at:
            await asyncio.sleep(0.05)

    async def _strike_at_step(self, strike: Kill) -> bool:
        if strike.step == ACKNOWLEDGED:
            return await self._strike_before_delivery(strike)
        async with self._system.moments.trap(strike.step or "") as trap:
            where = await trap.wait(_CATCH_SECONDS)
            if where is None:
                return False
            # A call to a response_url does not show which bot makes it.
            await self._kill(strike, (where,) if where in TARGETS else WEBS, trap.drop)
        return True

    async def _strike_before_delivery(self, strike: Kill) -> bool:
        """Hold all bots' calls to Temporal until a decision is acknowledged, then kill the bots."""
        links = [self._system.links[f"{web}>temporal"] for web in WEBS]
        before = self._acknowledged()

        def reset_all() -> None:
            for link in links:
                link.reset()

        for link in links:
            link.disturb("hold")
        try:
            async with asyncio.timeout(_CATCH_SECONDS):
                while self._acknowledged() == before or not any(k.held_bytes for k in links):
                    await asyncio.sleep(0.01)
            await self._kill(strike, WEBS, reset_all)
        except TimeoutError:
            return False
        finally:
            for link in links:
                link.mend()
        return True

    def _acknowledged(self) -> int:
        return sum(
            act.is_acknowledged and not act.told and act.what in ("approve", "give_reason")
            for act in self._system.logbook.acts
        )

    async def _kill(
        self, strike: Kill, in_it: tuple[str, ...], drop: Callable[[], object] = lambda: None
    ) -> None:
        victims = sorted({*in_it, *strike.victims})
        logbook, system = self._system.logbook, self._system
        killed = [name for name in victims if system.supervisor.kill(name, strike.dead)]
        drop()
        logbook.kills.update(killed)
        if strike.step:
            logbook.kills_at[strike.step] += bool(killed)
        when = f" at “{strike.step}”" if strike.step else ""
        self._tell(f"killed {' + '.join(killed) or 'nobody'}{when}")
        await asyncio.sleep(strike.dead)
        for name in killed:
            with suppress(TimeoutError):
                await system.programs[name].until_ready(60)
