"""Starts to measure, if that is on; otherwise nothing of it is imported."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.telemetry.setup import is_pushed

if TYPE_CHECKING:
    from bot.telemetry.metrics import Metrics


async def start_metrics(host: str, port: int | None, opened: AsyncExitStack) -> "Metrics | None":
    """Measure until what is opened is closed; return None if nobody has asked for it.

    Args:
        host: the address on which /metrics listens.
        port: its port; 0 for a free one, None for none.
        opened: what ends with the bot.

    Raises:
        SettingsError: another program listens there, or a variable of OTEL_* is wrong.
    """
    if port is None and not is_pushed("metrics"):
        return None
    from bot.telemetry.metrics import measuring

    return await opened.enter_async_context(measuring(host, port))
