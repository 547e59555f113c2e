"""How long the bot waits for Temporal, and what it makes of no answer, or of "not found"."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.service import RPCError, RPCStatusCode

from bot.domain.errors import TryAgain
from bot.domain.health.outages import Outage

# Counts per attempt of the client, which makes several: about three times as long in all.
RPC_TIMEOUT = timedelta(seconds=3)

_outage = Outage(
    "Temporal",
    logging.getLogger(__name__),
    do="See TEMPORAL_ADDRESS and the other settings TEMPORAL_*, and whether its server runs.",
)


@asynccontextmanager
async def asking_temporal() -> AsyncIterator[None]:
    """Turn what the client says when Temporal is away into "try again".

    A lazy client whose server is down raises a plain RuntimeError, not an RPCError (measured).
    """
    with _outage:
        try:
            yield
        except (RPCError, RuntimeError) as error:
            raise TryAgain("Temporal does not answer.") from error


def is_not_found(error: Exception, what: Any) -> bool:
    """Return whether Temporal itself, and not, say, a proxy, does not find something.

    Args:
        what: the class of Temporal's message, such as `NamespaceNotFoundFailure`.
    """
    if not isinstance(error, RPCError) or error.status is not RPCStatusCode.NOT_FOUND:
        return False
    return any(detail.Is(what.DESCRIPTOR) for detail in error.grpc_status.details)
