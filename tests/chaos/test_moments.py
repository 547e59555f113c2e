"""Named moments: what is caught waits, and goes on or is lost."""

import asyncio

from chaos.network.moments import Moments


async def test_without_a_trap_everything_goes_on() -> None:
    moments = Moments()
    assert await moments.reached("posted", "web1")
    assert moments.seen["posted"] == 1


async def test_what_is_caught_waits_and_the_next_goes_on() -> None:
    moments = Moments()
    async with moments.trap("posted") as trap:
        held = asyncio.create_task(moments.reached("posted", "web2"))
        assert await trap.wait(1) == "web2"
        assert await moments.reached("posted", "web1")
        assert not held.done()
        trap.drop()
        assert await held is False


async def test_whoever_waits_in_vain_gives_up() -> None:
    moments = Moments()
    async with moments.trap("posted") as trap:
        assert await trap.wait(0.01) is None


async def test_at_the_end_of_a_trap_what_it_holds_goes_on() -> None:
    moments = Moments()
    async with moments.trap("posted") as trap:
        held = asyncio.create_task(moments.reached("posted", "web1"))
        await trap.wait(1)
    assert await held is True
