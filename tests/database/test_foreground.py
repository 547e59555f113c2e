"""People who wait for an acknowledgement go first, and nobody waits for ever."""

import asyncio

from bot.database.foreground import BREATH_SECONDS, LONGEST_SECONDS, STEP_SECONDS, Rush


async def seconds(rush: Rush, turns: int = 1) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(rush.turn() for _ in range(turns)))
    return loop.time() - began


async def test_when_nobody_waits_it_is_everybodys_turn() -> None:
    assert await seconds(Rush(), 1000) < 1


async def test_in_a_rush_one_goes_now_and_then() -> None:
    rush = Rush()
    with rush.waiting():
        await rush.turn()
        assert await seconds(rush, 5) >= 4 * STEP_SECONDS


async def test_after_a_breath_without_requests_all_go_on() -> None:
    rush = Rush()
    with rush.waiting():
        await rush.turn()
    later = asyncio.create_task(rush.turn())
    await asyncio.sleep(0)
    assert not later.done()
    await asyncio.sleep(2 * BREATH_SECONDS)
    async with asyncio.timeout(5):
        await later
    assert await seconds(rush, 1000) < 1


async def test_somebody_who_waits_for_slack_holds_nobody_up() -> None:
    rush = Rush()
    with rush.waiting():
        await asyncio.sleep(LONGEST_SECONDS + 0.1)
        assert await seconds(rush, 1000) < 1
