"""Answers a platform's questions: is the bot alive, and can it take traffic?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from async_lru import alru_cache

from bot.domain.errors import TryAgain
from bot.domain.health.outages import cause_of, with_cause

logger = logging.getLogger(__name__)

# Platforms ask every few seconds, and strangers may ask more often than the database likes.
REMEMBER_SECONDS = 5.0
PATIENCE_SECONDS = 3.0
# For as long, a bot that is leaving goes on to take requests, so that load balancers learn of it.
FAREWELL_SECONDS = 2.0


class Health:
    """Answers /healthz and /readyz; neither tells a stranger more than names.

    Args:
        check_database: raises when the database cannot be used. The services that all bots need
            alike are not asked: a platform would take all bots down at once.
    """

    def __init__(
        self, is_alive: Callable[[], bool], check_database: Callable[[], Awaitable[object]]
    ) -> None:
        self._is_alive = is_alive
        self._check_database = check_database
        self._is_stopping = self._is_watched = False
        self._failing = ""
        # Callers at the same time share one answer.
        self._is_ready = alru_cache(maxsize=1, ttl=REMEMBER_SECONDS)(self._ask)

    def routes(self) -> list[web.RouteDef]:
        """List the calls."""
        return [web.get("/healthz", self.alive), web.get("/readyz", self.ready)]

    async def leave(self) -> None:
        """Say from now on that the bot takes no more traffic; return when those who ask know it."""
        self._is_stopping = True
        if self._is_watched:
            await asyncio.sleep(FAREWELL_SECONDS)

    async def alive(self, request: web.Request) -> web.Response:
        """Answer 200 while the process does its work; 503 if only a restart helps."""
        if self._is_alive():
            return web.Response(text="alive")
        logger.error("the delivery loop has stopped; the platform should restart this process")
        return web.Response(status=503, text="delivery: has stopped")

    async def ready(self, request: web.Request) -> web.Response:
        """Answer 200 while requests may come, and 503 with what is missing otherwise."""
        self._is_watched = True
        if self._is_stopping:
            return web.Response(status=503, text="bot: stopping")
        if await self._is_ready():
            return web.Response(text="database: ready")
        return web.Response(status=503, text="database: not ready")

    async def _ask(self) -> bool:
        before, self._failing = self._failing, ""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._check_database()
        except Exception as error:
            # Any error, foreseen or not, means no; a stranger is not told which.
            why = with_cause(error) if isinstance(error, TryAgain) else cause_of(error)
            if why != before:
                logger.warning("the database is not ready: %s", why)
            self._failing = why
            return False
        if before:
            logger.info("the database is ready again")
        return True


HEALTH = web.AppKey("HEALTH", Health)
