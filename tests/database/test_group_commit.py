"""Requests that arrive together, made durable together."""

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import pytest

from bot.database.group_commit import GroupCommit
from bot.domain.errors import TryAgain


class FakeDisk:
    """Commits groups, one at a time, and refuses what it is told to."""

    def __init__(self) -> None:
        self.groups: list[list[Any]] = []
        self.error: Exception | None = None
        self.refused: Any = None

    async def commit(self, requests: Sequence[Any]) -> Sequence[str]:
        self.groups.append(list(requests))
        await asyncio.sleep(0.01)
        if self.error:
            raise self.error
        if self.refused in requests:
            raise ValueError(f"{self.refused} cannot be committed")
        return [f"{request} is durable" for request in requests]


@pytest.fixture
def disk() -> FakeDisk:
    return FakeDisk()


def first_letter(request: Any) -> Hashable:
    key: Hashable = request[0]
    return key


async def test_alone_a_request_is_committed_at_once(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter)
    assert await group.submit("a") == "a is durable"
    assert await group.submit("a") == "a is durable"
    assert disk.groups == [["a"], ["a"]]


async def test_what_arrives_meanwhile_is_committed_together(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter, limit=3)
    answers = await asyncio.gather(*(group.submit(name) for name in "abcdefg"))
    assert answers == [f"{name} is durable" for name in "abcdefg"]
    assert max(len(requests) for requests in disk.groups) == 3


async def test_two_requests_with_one_key_never_share_a_transaction(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter)
    await asyncio.gather(*(group.submit(name) for name in ("a1", "a2", "a3", "b1")))
    assert disk.groups == [["a1"], ["a2", "b1"], ["a3"]]


async def test_one_that_cannot_be_committed_takes_nobody_down(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter)
    disk.refused = "b"
    answers = await asyncio.gather(*(group.submit(name) for name in "abc"), return_exceptions=True)
    assert [answers[0], answers[2]] == ["a is durable", "c is durable"]
    assert isinstance(answers[1], ValueError)


async def test_while_the_disk_is_away_all_are_told_to_try_again(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter)
    disk.error = TryAgain("The database does not answer.")
    answers = await asyncio.gather(*(group.submit(name) for name in "ab"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [TryAgain, TryAgain]
    disk.error = None
    assert await group.submit("a") == "a is durable"


async def test_a_key_that_is_none_fails_alone_and_not_everybody_after_it(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter)
    for odd in ([["a list"]], [], 5):
        with pytest.raises((TypeError, IndexError)):
            await group.submit(odd)
    async with asyncio.timeout(5):
        assert await group.submit("a") == "a is durable"


async def test_who_leaves_is_not_waited_for(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter)
    alone, leaving, staying = (asyncio.create_task(group.submit(name)) for name in "abc")
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "c is durable"
    assert await alone == "a is durable"
    assert leaving.cancelled() or leaving.cancelling()
    assert disk.groups == [["a"], ["b", "c"]]


async def test_who_leaves_alone_holds_nobody_up(disk: FakeDisk) -> None:
    group = GroupCommit(disk.commit, first_letter)
    leaving, staying = (asyncio.create_task(group.submit(name)) for name in "ab")
    await asyncio.sleep(0)
    leaving.cancel()
    async with asyncio.timeout(5):
        assert await staying == "b is durable"
        assert await group.submit("a") == "a is durable"
