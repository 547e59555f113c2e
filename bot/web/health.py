"""Says whether the bot is alive, and whether those it depends on answer."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

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
        self._lock = asyncio.Lock()
        self._known: dict[str, bool] = {}
        self._known_at = -REMEMBER_SECONDS

    def routes(self) -> list[web.RouteDef]:
        """List the calls."""
        return [web.get("/healthz", self.alive), web.get("/readyz", self.ready)]

    async def alive(self, request: web.Request) -> web.Response:
        """Say that the process runs."""
        return web.Response(text="alive")

    async def ready(self, request: web.Request) -> web.Response:
        """Say who answers: 200 if all do, 503 otherwise."""
        async with self._lock:
            if time.monotonic() - self._known_at >= REMEMBER_SECONDS:
                answers = await asyncio.gather(*map(self._answers, self._checks))
                self._known = dict(zip(self._checks, answers, strict=True))
                self._known_at = time.monotonic()
            known = self._known
        lines = [
            f"{name}: {'ready' if answers else 'does not answer'}"
            for name, answers in known.items()
        ]
        return web.Response(status=200 if all(known.values()) else 503, text="\n".join(lines))

    async def _answers(self, name: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._checks[name]()
        except Exception as error:
            # Whatever a check raises, foreseen or not, means no; a stranger is not told what.
            logger.warning("%s is not ready: %s", name, error)
            return False
        return True
