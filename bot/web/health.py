"""Answers a platform's questions: is the bot alive, and does what it depends on answer?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from async_lru import alru_cache

logger = logging.getLogger(__name__)

# Platforms ask every few seconds, and strangers may ask more often than Slack allows us to.
REMEMBER_SECONDS = 5.0
PATIENCE_SECONDS = 3.0


class Health:
    """Answers /healthz and /readyz; neither tells a stranger more than names.

    Args:
        checks: what to ask, by name; each raises when it does not answer.
    """

    def __init__(self, checks: Mapping[str, Callable[[], Awaitable[object]]]) -> None:
        self._checks = checks
        # Callers at the same time share one answer.
        self._ask = alru_cache(maxsize=1, ttl=REMEMBER_SECONDS)(self._ask_all)

    def routes(self) -> list[web.RouteDef]:
        """List the calls."""
        return [web.get("/healthz", self.alive), web.get("/readyz", self.ready)]

    async def alive(self, request: web.Request) -> web.Response:
        """Answer 200 as long as the process runs."""
        return web.Response(text="alive")

    async def ready(self, request: web.Request) -> web.Response:
        """Name what answers and what does not: with 200 if all do, with 503 otherwise."""
        known = await self._ask()
        lines = [
            f"{name}: {'ready' if answers else 'does not answer'}"
            for name, answers in known.items()
        ]
        return web.Response(status=200 if all(known.values()) else 503, text="\n".join(lines))

    async def _ask_all(self) -> dict[str, bool]:
        answers = await asyncio.gather(*map(self._answers, self._checks))
        return dict(zip(self._checks, answers, strict=True))

    async def _answers(self, name: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._checks[name]()
        except Exception as error:
            # Any error, foreseen or not, means no; a stranger is not told which.
            logger.warning("%s is not ready: %s", name, error)
            return False
        return True
