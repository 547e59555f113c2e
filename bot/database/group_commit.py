"""Makes durable together what arrives together.

While one transaction is on its way to the disk, whatever else is asked for gathers, and becomes
the next. Alone, a request waits for nobody, and whoever asked commits it; in a crowd, one commit
serves all of it. Nobody is answered before their own request is durable.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from bot.domain.errors import TryAgain

Request = TypeVar("Request")
Answer = TypeVar("Answer")


_Group = dict[Hashable, tuple[Request, asyncio.Future[Answer]]]


class GroupCommit(Generic[Request, Answer]):
    """Gathers requests into transactions.

    Args:
        commit: makes several requests durable in one transaction, and answers them in order; if it
            raises, nothing has happened to any of them, or nobody knows.
        key: requests with the same key never share a transaction: the first of them wins.
        limit: how many requests one transaction takes.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Request]], Awaitable[Sequence[Answer]]],
        key: Callable[[Request], Hashable],
        limit: int = 100,
    ) -> None:
        self._commit = commit
        self._key = key
        self._limit = limit
        self._waiting: list[tuple[Request, asyncio.Future[Answer]]] = []
        self._is_busy = False
        self._committing: asyncio.Task[None] | None = None

    async def submit(self, request: Request) -> Answer:
        """Make a request durable, alone or in company.

        Raises:
            TypeError: its key cannot be a key; nobody else must meet that in the queue.
            Exception: whatever `commit` raised for the transaction that the request was in.
        """
        hash(self._key(request))
        if not self._is_busy:
            return await self._submit_alone(request)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        # Whoever asked may leave; the transaction goes on for the others.
        return await answer

    async def _submit_alone(self, request: Request) -> Answer:
        self._is_busy = True
        try:
            (answer,) = await self._commit([request])
            return answer
        finally:
            if self._waiting:
                # Those who came meanwhile depend on nobody who asked: a task commits them.
                self._committing = asyncio.create_task(self._commit_all())
            else:
                self._is_busy = False

    async def _commit_all(self) -> None:
        try:
            while group := self._take():
                await self._commit_group(group)
        finally:
            self._is_busy = False

    def _take(self) -> _Group[Request, Answer]:
        group: _Group[Request, Answer] = {}
        later = []
        for request, answer in self._waiting:
            key = self._key(request)
            if key in group or len(group) >= self._limit:
                later.append((request, answer))
            else:
                group[key] = (request, answer)
        self._waiting = later
        return group

    async def _commit_group(self, group: _Group[Request, Answer]) -> None:
        requests = [request for request, _ in group.values()]
        try:
            answers = await self._commit(requests)
        except TryAgain as away:
            _fail(group, away)
            return
        except Exception as error:
            if len(group) == 1:
                _fail(group, error)
                return
            # One that cannot be committed at all does not take the others down with it.
            for alone in group.items():
                await self._commit_group(dict([alone]))
            return
        for (_, waiting), answer in zip(group.values(), answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)


def _fail(group: _Group[Request, Answer], error: Exception) -> None:
    for _, waiting in group.values():
        if not waiting.done():
            waiting.set_exception(error)
