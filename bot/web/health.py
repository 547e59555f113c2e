"""Answers a platform's questions: is the bot alive, and can it take traffic?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from async_lru import alru_cache

from bot.domain.errors import TryAgain
from bot.domain.outages import cause_of, with_cause

logger = logging.getLogger(__name__)

# Platforms ask every few seconds, and strangers may ask more often than the database likes.
REMEMBER_SECONDS = 5.0
PATIENCE_SECONDS = 3.0


class Health:
    """Answers /healthz and /readyz; neither tells a stranger more than names.

    Args:
        is_alive: says whether the loops go round.
        checks: what the bot needs to take traffic, by name; each raises when it is not there. Not
            the services that all bots need alike: a platform would take all bots down at once.
    """

    def __init__(
        self, is_alive: Callable[[], bool], checks: Mapping[str, Callable[[], Awaitable[object]]]
    ) -> None:
        self._is_alive = is_alive
        self._checks = checks
        self._is_stopping = False
        self._failing: dict[str, str] = {}
        # Callers at the same time share one answer.
        self._ask = alru_cache(maxsize=1, ttl=REMEMBER_SECONDS)(self._ask_all)

    def routes(self) -> list[web.RouteDef]:
        """List the calls."""
        return [web.get("/healthz", self.alive), web.get("/readyz", self.ready)]

    def stop(self) -> None:
        """Say from now on that the bot takes no more traffic."""
        self._is_stopping = True

    async def alive(self, request: web.Request) -> web.Response:
        """Answer 200 while the process does its work; 503 if only a restart helps."""
        if self._is_alive():
            return web.Response(text="alive")
        logger.error("the delivery loop has stopped; the platform should restart this process")
        return web.Response(status=503, text="delivery: has stopped")

    async def ready(self, request: web.Request) -> web.Response:
        """Name what is ready and what is not: with 200 if all is, with 503 otherwise."""
        if self._is_stopping:
            return web.Response(status=503, text="bot: stopping")
        known = await self._ask()
        lines = [f"{name}: {'ready' if is_ready else 'not ready'}" for name, is_ready in known]
        is_ready = all(is_ready for _, is_ready in known)
        return web.Response(status=200 if is_ready else 503, text="\n".join(lines))

    async def _ask_all(self) -> list[tuple[str, bool]]:
        answers = await asyncio.gather(*map(self._is_ready, self._checks))
        return list(zip(self._checks, answers, strict=True))

    async def _is_ready(self, name: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._checks[name]()
        except Exception as error:
            # Any error, foreseen or not, means no; a stranger is not told which.
            why = with_cause(error) if isinstance(error, TryAgain) else cause_of(error)
            if self._failing.get(name) != why:
                logger.warning("%s is not ready: %s", name, why)
            self._failing[name] = why
            return False
        if self._failing.pop(name, None):
            logger.info("%s is ready again", name)
        return True


HEALTH = web.AppKey("HEALTH", Health)
