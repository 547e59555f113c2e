"""Turns to write to Slack, by a clock that runs as fast as one likes."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from bot.slack.rate_limiter import ABSENT_SECONDS, NEAR_SECONDS, POSTING, InLine, SlackPace, subject
from bot.slack.web_client import make_session, make_slack_client
from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, WorkspaceConfig

UPDATING = "chat.update"


class Clock:
    """Time that passes when somebody sleeps, or stands still while many ask at once."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.stands_still = False

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if not self.stands_still:
            self.now += seconds


class Somebody:
    """Wants to write, and comes back when told to."""

    def __init__(self, name: str, method: str = POSTING, channel: str = "C1") -> None:
        self.name, self.method, self.arguments = name, method, {"channel": channel, "text": name}
        self.back = 0.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> SlackPace:
    """Turns that are given out because Slack has just asked for patience."""
    pace = SlackPace(clock, clock.sleep)
    for method, channel in ((POSTING, "C1"), (POSTING, "C2"), (POSTING, "U1"), (UPDATING, "C1")):
        with pytest.raises(InLine):
            pace.refused(method, {"channel": channel, "text": "too much"}, 0.0)
    clock.now += 2 * ABSENT_SECONDS
    return pace


async def test_nobody_waits_while_slack_takes_everything(clock: Clock) -> None:
    unhurried = SlackPace(clock, clock.sleep)
    now = clock.now
    for n in range(100):
        assert await ask(unhurried, clock, Somebody(f"{n}"))
        assert await ask(unhurried, clock, Somebody(f"{n}", UPDATING))
    assert (clock.now, len(unhurried)) == (now, 0)


async def ask(pace: SlackPace, clock: Clock, who: Somebody) -> bool:
    try:
        await pace.turn(who.method, who.arguments)
    except InLine as later:
        who.back = clock.now + later.after
        return False
    return True


async def serve(pace: SlackPace, clock: Clock, waiting: list[Somebody]) -> list[tuple[str, float]]:
    """Let everybody come back by a clock that ticks once a second, until all have written."""
    wrote = []
    calls = 0
    while waiting:
        calls += 1
        assert calls < 10_000, "they come back again and again"
        who = min(waiting, key=lambda somebody: somebody.back)
        while clock.now < who.back:
            clock.now += 1.0
        if await ask(pace, clock, who):
            waiting.remove(who)
            wrote.append((who.name, clock.now))
    return wrote


async def test_a_hundred_messages_are_a_second_apart_and_in_order(
    pace: SlackPace, clock: Clock
) -> None:
    names = [f"expense {n}" for n in range(100)]
    began = clock.now
    wrote = await serve(pace, clock, [Somebody(name) for name in names])
    assert all(later - sooner >= 1.0 for (_, sooner), (_, later) in pairwise(wrote))
    assert wrote[-1][1] - began < 130
    places = [names.index(name) for name, _ in wrote]
    assert sorted(places) == list(range(100))
    assert all(abs(place - number) <= 3 for number, place in enumerate(places))


async def test_those_who_wait_come_back_at_different_times(pace: SlackPace, clock: Clock) -> None:
    clock.stands_still = True
    crowd = [Somebody(f"{n}") for n in range(100)]
    far = [who for who in crowd if not await ask(pace, clock, who)]
    assert len(far) >= 97
    assert all(later.back - sooner.back >= 1.0 for sooner, later in pairwise(far))
    far[50].back = 0.0
    assert not await ask(pace, clock, far[50])
    assert far[49].back < far[50].back < far[51].back, "asking again costs nobody their place"


async def test_a_place_is_kept_for_whoever_has_something_else_to_say(
    pace: SlackPace, clock: Clock
) -> None:
    clock.stands_still = True
    for n in range(4):
        await ask(pace, clock, Somebody(f"{n}"))
    told, changed = Somebody("until noon"), Somebody("until midnight")
    about = subject.set("expense 1")
    assert not await ask(pace, clock, told)
    assert not await ask(pace, clock, changed)
    subject.reset(about)
    assert changed.back == told.back


async def test_what_goes_elsewhere_does_not_wait(pace: SlackPace, clock: Clock) -> None:
    clock.stands_still = True
    for n in range(10):
        await ask(pace, clock, Somebody(f"{n}"))
    clock.stands_still = False
    now = clock.now
    assert await ask(pace, clock, Somebody("another channel", channel="C2"))
    assert await ask(pace, clock, Somebody("an update", UPDATING))
    assert await ask(pace, clock, Somebody("a form", "views.open"))
    assert await ask(pace, clock, Somebody("taken back", "chat.delete"))
    assert clock.now == now


async def test_fifty_updates_go_at_once_and_no_more_in_a_minute(
    pace: SlackPace, clock: Clock
) -> None:
    began = clock.now
    crowd = [Somebody(f"{n}", UPDATING, f"C{n}") for n in range(120)]
    times = [at for _, at in await serve(pace, clock, crowd)]
    assert times[49] == began
    assert all(times[n + 50] - times[n] >= 60 for n in range(70))
    assert times[-1] - began < 130


async def test_nobody_else_runs_into_a_refusal(pace: SlackPace, clock: Clock) -> None:
    first, second, other = Somebody("1"), Somebody("2"), Somebody("3", channel="C2")
    assert await ask(pace, clock, first)
    with pytest.raises(InLine) as refused:
        pace.refused(first.method, first.arguments, 30.0)
    assert refused.value.after == 30
    assert not await ask(pace, clock, second)
    assert second.back >= clock.now + 29
    assert await ask(pace, clock, other), "it is another channel"
    clock.now += 30
    assert await ask(pace, clock, first), "it was its turn already"
    assert await ask(pace, clock, second)


async def test_a_refusal_reaches_those_who_are_waiting_already() -> None:
    clock = Clock()
    waiting: list[float] = []

    async def refused_meanwhile(seconds: float) -> None:
        clock.now += seconds
        waiting.append(seconds)
        with pytest.raises(InLine):
            pace.refused(POSTING, {"channel": "C1", "text": "1"}, 30.0)

    pace = SlackPace(clock, refused_meanwhile)
    with pytest.raises(InLine):
        pace.refused(POSTING, {"channel": "C1", "text": "1"}, 0.0)
    assert await ask(pace, clock, Somebody("1"))
    assert not await ask(pace, clock, Somebody("2"))
    assert len(waiting) == 1


async def test_whoever_never_comes_back_loses_their_place(pace: SlackPace, clock: Clock) -> None:
    clock.stands_still = True
    for n in range(50):
        await ask(pace, clock, Somebody(f"{n}"))
    last = Somebody("last")
    assert not await ask(pace, clock, last)
    clock.stands_still = False
    began = clock.now
    await serve(pace, clock, [last])
    assert clock.now - began < 55 + ABSENT_SECONDS + 2 * NEAR_SECONDS


async def test_a_person_s_messages_and_their_thread_are_one_channel(
    pace: SlackPace, clock: Clock
) -> None:
    assert await ask(pace, clock, Somebody("expense", channel="U1"))
    pace.learn("U1", "D1")
    now = clock.now
    assert await ask(pace, clock, Somebody("step", channel="D1"))
    assert clock.now - now >= 1.0
    assert await ask(pace, clock, Somebody("another expense", channel="U1"))
    assert clock.now - now >= 2.0


async def test_idle_channels_are_forgotten(pace: SlackPace, clock: Clock) -> None:
    for n in range(1000):
        clock.now += 1
        with pytest.raises(InLine):
            pace.refused(POSTING, {"channel": f"C{n}", "text": "too much"}, 0.0)
        assert await ask(pace, clock, Somebody("x", channel=f"C{n}"))
    assert len(pace) < 200


async def test_real_calls_are_paced_by_channel() -> None:
    config = WorkspaceConfig(rate_limits=True)
    async with Sandbox.start(config) as slack, make_session() as session:
        client = make_slack_client(config.bot_token, slack.api_url, session)

        async def post(channel: str, text: str) -> Any:
            return await client.chat_postMessage(channel=channel, text=text)

        async def refused(channel: str, text: str) -> None:
            with pytest.raises(InLine):
                await post(channel, text)

        direct = (await post(ADA.id, "a message"))["channel"]
        await post(APPROVALS.id, "1")
        await refused(APPROVALS.id, "2")
        await refused(direct, "a step")
        assert len([c for c in slack.calls if c.outcome == "ratelimited"]) == 2
        # From now on there are turns, and a person and their direct messages are one channel.
        await asyncio.gather(post(APPROVALS.id, "2"), post(direct, "a step"))
        await asyncio.gather(post(APPROVALS.id, "3"), post(ADA.id, "another message"))
        assert len([c for c in slack.calls if c.outcome == "ratelimited"]) == 2


async def test_a_refusal_of_slack_s_own_is_no_failure() -> None:
    config = WorkspaceConfig()
    async with Sandbox.start(config) as slack, make_session() as session:
        client = make_slack_client(config.bot_token, slack.api_url, session)
        slack.faults.add(POSTING, "ratelimited", seconds=7, times=1)
        with pytest.raises(InLine) as refused:
            await client.chat_postMessage(channel=APPROVALS.id, text="1")
        assert refused.value.after == 7
        with pytest.raises(InLine):
            await client.chat_postMessage(channel=APPROVALS.id, text="2")
        assert len(slack.calls_of(POSTING)) == 1
        assert (await client.chat_postMessage(channel=ADA.id, text="3"))["ok"]
