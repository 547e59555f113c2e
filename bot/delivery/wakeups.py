"""Which expenses have just changed."""

import asyncio


class Wakeups:
    """Carries the ids of changed expenses from whoever changed them to the delivery loop."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._some = asyncio.Event()

    def add(self, expense_id: str) -> None:
        """Have an expense looked at now."""
        self._ids[expense_id] = None
        self._some.set()

    def discard(self, expense_id: str) -> None:
        """Forget an expense that is being looked at already."""
        self._ids.pop(expense_id, None)

    async def next(self) -> str:
        """Wait for the next one."""
        while not self._ids:
            self._some.clear()
            await self._some.wait()
        expense_id = next(iter(self._ids))
        del self._ids[expense_id]
        return expense_id
