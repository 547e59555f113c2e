"""What people and Slack may rely on while there is more to write than Slack takes."""

from itertools import pairwise
from typing import Any

import pytest

from bot.slack.errors import RateLimited
from bot.slack.rate_limiter import ABSENT_SECONDS, CALM_SECONDS, POSTING, RateLimiter
from bot.slack.web_client import asking_slack, make_session, make_slack_client
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


class Call:
    """One call that is made again when its time has come, as delivery does."""

    def __init__(self, name: str, method: str = POSTING, channel: str = "C1") -> None:
        self.name, self.method = name, method
        self.arguments = {"channel": channel, "text": name}
        self.back = 0.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    """A limiter to whom Slack has just said that it was too much."""
    limiter = RateLimiter(clock, clock.sleep)
    for method in (POSTING, UPDATING):
        limiter.refused(method, {"channel": "C1", "text": "too much"}, 0.0)
    clock.now += 10
    return limiter


async def try_it(limiter: RateLimiter, clock: Clock, call: Call) -> bool:
    try:
        await limiter.turn(call.method, call.arguments)
    except RateLimited as later:
        call.back = clock.now + later.after
        return False
    return True


async def make_all(
    limiter: RateLimiter, clock: Clock, calls: list[Call]
) -> list[tuple[str, float]]:
    """Make calls again by a clock that ticks once a second, until all are made."""
    made, tries, waiting = [], 0, list(calls)
    while waiting:
        tries += 1
        assert tries <= 4 * len(calls), "they are tried again and again"
        call = min(waiting, key=lambda one: one.back)
        while clock.now < call.back:
            clock.now += 1.0
        if await try_it(limiter, clock, call):
            waiting.remove(call)
            made.append((call.name, clock.now))
    return made


async def test_nothing_waits_while_slack_takes_everything(clock: Clock) -> None:
    limiter, now = RateLimiter(clock, clock.sleep), clock.now
    for n in range(100):
        assert await try_it(limiter, clock, Call(f"{n}"))
        assert await try_it(limiter, clock, Call(f"{n}", UPDATING))
    assert clock.now == now


async def test_a_hundred_messages_are_a_second_apart_and_in_order(
    limiter: RateLimiter, clock: Clock
) -> None:
    began = clock.now
    made = await make_all(limiter, clock, [Call(f"{n}") for n in range(100)])
    assert all(later - sooner >= 1.0 for (_, sooner), (_, later) in pairwise(made))
    assert made[-1][1] - began < 115
    assert all(abs(int(name) - place) <= 3 for place, (name, _) in enumerate(made))


async def test_asking_again_costs_no_call_its_turn(limiter: RateLimiter, clock: Clock) -> None:
    clock.stands_still = True
    crowd = [Call(f"{n}") for n in range(100)]
    far = [call for call in crowd if not await try_it(limiter, clock, call)]
    assert len(far) >= 97
    assert all(later.back - sooner.back >= 1.0 for sooner, later in pairwise(far))
    before = far[50].back
    assert not await try_it(limiter, clock, far[50])
    assert far[50].back == pytest.approx(before)


async def test_what_goes_elsewhere_does_not_wait(limiter: RateLimiter, clock: Clock) -> None:
    clock.stands_still = True
    for n in range(10):
        await try_it(limiter, clock, Call(f"{n}"))
    clock.stands_still = False
    now = clock.now
    assert await try_it(limiter, clock, Call("another channel", channel="C2"))
    assert await try_it(limiter, clock, Call("an update", UPDATING))
    assert await try_it(limiter, clock, Call("a form", "views.open"))
    assert await try_it(limiter, clock, Call("taken back", "chat.delete"))
    assert clock.now == now


async def test_fifty_updates_go_at_once_and_no_more_in_a_minute(
    limiter: RateLimiter, clock: Clock
) -> None:
    began = clock.now
    calls = [Call(f"{n}", UPDATING, f"C{n}") for n in range(120)]
    times = [at for _, at in await make_all(limiter, clock, calls)]
    assert times[49] == began
    assert all(times[n + 50] - times[n] >= 60 for n in range(70))
    assert times[-1] - began < 150


async def test_after_a_refusal_no_call_is_made_before_slack_said(
    limiter: RateLimiter, clock: Clock
) -> None:
    first, second, other = Call("1"), Call("2"), Call("3", channel="C2")
    assert await try_it(limiter, clock, first)
    limiter.refused(first.method, first.arguments, 30.0)
    assert not await try_it(limiter, clock, second)
    assert second.back >= clock.now + 29
    assert await try_it(limiter, clock, other), "it is another channel"
    clock.now += 30
    assert await try_it(limiter, clock, first)
    assert await try_it(limiter, clock, second)


async def test_a_refusal_reaches_those_who_are_waiting_already(clock: Clock) -> None:
    limiter = RateLimiter(clock, clock.sleep)

    async def refused_meanwhile(seconds: float) -> None:
        clock.now += seconds
        limiter.refused(POSTING, {"channel": "C1", "text": "1"}, 30.0)

    limiter.refused(POSTING, {"channel": "C1", "text": "1"}, 0.0)
    limiter._sleep = refused_meanwhile
    assert await try_it(limiter, clock, Call("1"))
    assert not await try_it(limiter, clock, Call("2"))


async def test_whoever_never_comes_back_keeps_nobody_waiting(
    limiter: RateLimiter, clock: Clock
) -> None:
    clock.stands_still = True
    for n in range(50):
        await try_it(limiter, clock, Call(f"{n}"))
    clock.stands_still = False
    clock.now += 2 * CALM_SECONDS
    began = clock.now
    await make_all(limiter, clock, [Call("last")])
    assert clock.now == began


async def test_only_those_who_still_come_back_are_counted_as_waiting(clock: Clock) -> None:
    limiter = RateLimiter(clock, clock.sleep)
    limiter.refused(POSTING, {"channel": "C1", "text": "gone"}, 30.0)
    assert limiter.waiting()[POSTING] == 1
    clock.now += 30.0 + ABSENT_SECONDS
    assert limiter.waiting()[POSTING] == 0


async def test_calm_channels_are_forgotten(clock: Clock) -> None:
    limiter = RateLimiter(clock, clock.sleep)
    for n in range(1000):
        clock.now += 1
        limiter.refused(POSTING, {"channel": f"C{n}", "text": "too much"}, 0.0)
        assert await try_it(limiter, clock, Call("x", channel=f"C{n}"))
    assert len(limiter) < 200


async def test_real_calls_take_turns_by_channel() -> None:
    config = WorkspaceConfig(rate_limits=True)
    async with Sandbox.start(config) as slack, make_session() as session:
        client = make_slack_client(config.bot_token, slack.api_url, session)

        async def post(channel: str, text: str) -> Any:
            async with asking_slack():
                return await client.chat_postMessage(channel=channel, text=text)

        await post(APPROVALS.id, "1")
        with pytest.raises(RateLimited) as refused:
            await post(APPROVALS.id, "2")
        assert refused.value.after == 1
        await post(ADA.id, "meanwhile")
        for n in range(2, 5):
            await post(APPROVALS.id, f"{n}")
        assert len([call for call in slack.calls if call.outcome == "ratelimited"]) == 1


async def test_nobody_calls_while_slack_asks_for_patience() -> None:
    config = WorkspaceConfig()
    async with Sandbox.start(config) as slack, make_session() as session:
        client = make_slack_client(config.bot_token, slack.api_url, session)
        slack.faults.add(POSTING, "ratelimited", seconds=7, times=1)
        for text in ("1", "1", "2"):
            with pytest.raises(RateLimited) as refused:
                async with asking_slack():
                    await client.chat_postMessage(channel=APPROVALS.id, text=text)
            assert 6 <= refused.value.after + 1 <= 9
        assert len(slack.calls_of(POSTING)) == 1
        assert (await client.chat_postMessage(channel=ADA.id, text="3"))["ok"]
