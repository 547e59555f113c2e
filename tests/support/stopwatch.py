"""How long tests wait, and how they judge how long something took."""

import asyncio

# Seconds after which a test gives up what has to happen; it goes on as soon as it happens, so that
# this much is needed on a machine that is very busy with something else, and nowhere else.
PATIENCE = 180


class Stopwatch:
    """Measures by the event loop's clock, which stands still while the process gets no CPU."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()

    @property
    def seconds(self) -> float:
        """Return the seconds since it was started."""
        return asyncio.get_running_loop().time() - self._began
