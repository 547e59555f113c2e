"""Has the audit trail sealed all the time, with the policy, and publishes a root each day."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.database.trail.policies import PolicyTexts
from bot.database.trail.sealing import BATCH, Sealer, Signed
from bot.domain.errors import TryAgain
from bot.policy.rules import Rulebook

logger = logging.getLogger(__name__)

# Between two batches of many, so that those who click get their turn.
BREATH_SECONDS = 0.02
# Before another try of what nobody foresaw.
WRONG_SECONDS = 60.0


class Sealing:
    """Seals what was written, until cancelled.

    Args:
        sealer: seals.
        texts: keeps the policies.
        rulebook: returns the policy that is in force.
        pause: between two looks.
        tell: tells the operators in Slack; never raises.
    """

    def __init__(
        self,
        sealer: Sealer,
        texts: PolicyTexts,
        rulebook: Callable[[], Rulebook],
        pause: timedelta,
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        self._sealer = sealer
        self._texts = texts
        self._rulebook = rulebook
        self._kept: str | None = None
        self._pause = pause.total_seconds()
        self._tell = tell
        self._is_first = True

    async def run(self) -> None:
        """Seal until cancelled."""
        while True:
            signed, pause = None, self._pause
            try:
                await self._keep_policy()
                signed = await self._sealer.sweep()
                if signed:
                    await self._publish(signed)
            except TryAgain:
                pass  # the database's own line in the log says why
            except Exception:
                # What nobody foresaw must not end this for good.
                logger.exception("the audit trail could not be sealed")
                pause = WRONG_SECONDS
            has_more = signed is not None and len(signed.root.entries) == BATCH
            await asyncio.sleep(BREATH_SECONDS if has_more else pause)

    async def _keep_policy(self) -> None:
        """Keep what the policy says, once, as expenses name it by its hash."""
        policy = self._rulebook()
        if policy.sha256 and policy.sha256 != self._kept:
            await self._texts.keep(policy.sha256, policy.text.decode())
            self._kept = policy.sha256

    async def _publish(self, signed: Signed) -> None:
        """Tell somebody else each day what the bot has signed, and the log whenever it starts."""
        if not (signed.ends_day or self._is_first):
            return
        self._is_first = False
        root = signed.root
        logger.info(
            "audit trail: root %s of %s is %s, signed with the key %s",
            *(root.number, f"{root.at:%Y-%m-%d %H:%M} UTC", signed.hash, root.key),
        )
        if signed.ends_day:
            await self._tell(
                f"The audit trail up to {root.at:%Y-%m-%d %H:%M} UTC is sealed: root {root.number} "
                f"is `{signed.hash}`. Keep this message: it shows an auditor what the record was."
            )
