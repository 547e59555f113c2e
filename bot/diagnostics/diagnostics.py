"""Looks at every part as often as that is worth it, and tells the log when something changes."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.domain.errors import TryAgain
from bot.domain.health.findings import Finding, Level, worst
from bot.domain.health.outages import cause_of

logger = logging.getLogger(__name__)

# Nobody who asks waits longer; what takes longer is told to the next who asks.
PATIENCE_SECONDS = 6.0
WATCH_SECONDS = 60.0
# Many may ask at a time, and Slack limits how often we may.
QUICK_SECONDS, WRONG_SECONDS = 5.0, 60.0

Look = Callable[[], Awaitable[Sequence[Finding]]]
_LOG_LEVELS = {Level.WARNING: logging.WARNING, Level.ERROR: logging.ERROR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look at one part."""

    part: str
    look: Look
    good_for: float = QUICK_SECONDS  # seconds until it is worth another look


class _Known:
    """What is known by one check, and the look under way."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.findings: Sequence[Finding] = [self._unknown("it is being looked at")]
        self._at = -math.inf
        self._task: asyncio.Task[None] | None = None

    def look(self) -> asyncio.Task[None] | None:
        """Look, unless that was done just now; None if there is nothing to wait for."""
        if self._task is None:
            if time.monotonic() - self._at < self._good_for():
                return None
            self._task = asyncio.create_task(self._look())
        return self._task

    def _good_for(self) -> float:
        """Return for how long the last answer is good: not long if somebody is about to mend it."""
        is_well = worst(self.findings) is Level.OK
        return self.check.good_for if is_well else min(self.check.good_for, WRONG_SECONDS)

    async def _look(self) -> None:
        try:
            self.findings = await self.check.look()
        except TryAgain as away:
            self.findings = [self._unknown(f"it could not be looked at ({cause_of(away) or away})")]
        except Exception as error:
            # One part that cannot be looked at takes away nothing of the others.
            logger.exception("%s could not be looked at", self.check.part)
            self.findings = [self._unknown(f"it could not be looked at ({type(error).__name__})")]
        finally:
            self._at, self._task = time.monotonic(), None

    def _unknown(self, what: str) -> Finding:
        return Finding(part=self.check.part, level=Level.UNKNOWN, what=what, key="unknown")

    def end(self) -> None:
        """Give up the look under way."""
        if self._task:
            self._task.cancel()


class Diagnostics:
    """Keeps the list of findings."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._known = [_Known(check) for check in checks]
        self._told: dict[tuple[str, str], Finding] = {}
        self._is_well, self._is_first = False, True

    async def findings(self, patience: float | None = PATIENCE_SECONDS) -> list[Finding]:
        """Look at every part, and return what is known.

        Args:
            patience: seconds that it may take; what takes longer is shown as it was. None for as
                long as it takes.
        """
        if tasks := [task for known in self._known if (task := known.look())]:
            await asyncio.wait(tasks, timeout=patience)
        return [finding for known in self._known for finding in known.findings]

    async def watch(self) -> None:
        """Tell the log what is wrong, and what changes, until cancelled."""
        while True:
            await self.tell()
            await asyncio.sleep(WATCH_SECONDS)

    async def tell(self) -> None:
        """Look at every part, and tell the log what has changed since this was called last."""
        findings = await self.findings()
        wrong = {
            finding.identity: finding
            for finding in findings
            # A process that starts with this one has not done so yet.
            if finding.level in _LOG_LEVELS and not (finding.comes_later and self._is_first)
        }
        for identity, finding in wrong.items():
            if identity not in self._told:
                level = _LOG_LEVELS[finding.level]
                logger.log(level, "%s: %s. %s", finding.part, finding.what, finding.do)
        # What cannot be looked at just now has not been mended by that.
        unsure = {finding.part for finding in findings if finding.level is Level.UNKNOWN}
        kept = {id: told for id, told in self._told.items() if told.part in unsure}
        for identity, finding in self._told.items():
            if identity not in wrong and identity not in kept:
                logger.info("%s: no longer: %s", finding.part, finding.what)
        is_well = worst(findings) is Level.OK
        if is_well and not self._is_well:
            logger.info("everything that an expense needs works")
        self._told, self._is_well, self._is_first = kept | wrong, is_well, False

    def close(self) -> None:
        """Give up every look under way."""
        for known in self._known:
            known.end()
