"""Slack's bad days, and its rate limits."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.clock import now
from sandbox.slack.config import ADA, APPROVALS, GENERAL, MANAGERS
from sandbox.slack.web_api.rate_limits import RATES
from tests.sandbox.conftest import client_of, with_scopes
from tests.support.stopwatch import Stopwatch


async def test_too_many_requests(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "ratelimited", seconds=7, times=1)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=APPROVALS.id, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"
    assert slack.messages(APPROVALS) == []
    # Of that method only, and only so many times.
    assert (await client.auth_test())["ok"]
    assert (await client.chat_postMessage(channel=APPROVALS.id, text="x"))["ok"]
    outcomes = [call.outcome for call in slack.calls_of("chat.postMessage")]
    assert outcomes == ["ratelimited", "ok"]


async def test_the_sdks_own_retry_gets_through(slack: Sandbox) -> None:
    client = client_of(slack)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.faults.add("chat.postMessage", "ratelimited", seconds=1, times=1)
    started = time.monotonic()
    await client.chat_postMessage(channel=APPROVALS.id, text="x")
    assert time.monotonic() - started >= 1
    assert len(slack.messages(APPROVALS)) == 1


async def test_a_broken_server(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.faults.add("*", "error", status=503)
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        assert caught.value.response.status_code == 503
    slack.faults.clear()
    assert (await client.auth_test())["ok"]


async def test_every_call_takes_its_time_and_is_carried_out_in_the_middle(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    slack.faults.latency = 0.3
    watch = Stopwatch()
    call = asyncio.create_task(client.chat_postMessage(channel=APPROVALS.id, text="x"))
    await slack.until(lambda: slack.messages(APPROVALS))
    assert not call.done()
    await call
    assert watch.seconds >= 0.3


async def test_an_error_of_choice_comes_with_http_200(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    slack.faults.add("chat.update", "error", error="internal_error", about="1.000002", times=1)
    for ts, error in [
        ("1.000001", "message_not_found"),
        ("1.000002", "internal_error"),
        ("1.000002", "message_not_found"),
    ]:
        with pytest.raises(SlackApiError) as caught:
            await client.chat_update(channel=APPROVALS.id, ts=ts, text="x")
        assert caught.value.response.status_code == 200
        assert caught.value.response["error"] == error


async def test_a_slow_server_acts_late(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "slow", seconds=0.1, times=1)
    call = asyncio.create_task(client.chat_postMessage(channel=APPROVALS.id, text="x"))
    await asyncio.sleep(0.03)
    assert slack.messages(APPROVALS) == []
    assert (await call)["ok"]
    assert len(slack.messages(APPROVALS)) == 1


async def test_a_hanging_server_never_answers_and_never_acts(slack: Sandbox) -> None:
    slack.faults.add("chat.postMessage", "hang")
    timeout = aiohttp.ClientTimeout(total=0.1)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = client_of(slack)
        client.session = session
        with pytest.raises(TimeoutError):
            await client.chat_postMessage(channel=APPROVALS.id, text="x")
    assert slack.messages(APPROVALS) == []


async def test_a_hanging_call_does_not_hold_up_the_end() -> None:
    async with Sandbox.start() as slack:
        slack.faults.add("auth.test", "hang")
        call = asyncio.create_task(client_of(slack).auth_test())
        await asyncio.sleep(0.05)
        watch = Stopwatch()
    assert watch.seconds < 1.5
    with pytest.raises((SlackApiError, aiohttp.ClientError)):
        await call


async def test_a_lost_answer_has_happened(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.faults.add("chat.postMessage", "lost", times=1)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=APPROVALS.id, text="x")
    assert len(slack.messages(APPROVALS)) == 1
    assert [call.outcome for call in slack.calls] == ["lost"]


async def test_faults_come_one_after_another(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.faults.add("auth.test", "error", times=2)
    slack.faults.add("auth.test", "ratelimited", times=1)
    statuses = []
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        statuses.append(caught.value.response.status_code)
    assert statuses == [500, 500, 429]
    assert (await client.auth_test())["ok"]


async def limited(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    assert caught.value.response.status_code == 429
    return str(caught.value.response.headers["Retry-After"])


async def test_one_message_a_second_and_channel() -> None:
    config = with_scopes("chat:write.public", rate_limits=True, rate_limits_clock=now)
    async with Sandbox.start(config) as slack:
        client = client_of(slack)
        await client.chat_postMessage(channel=APPROVALS.id, text="x")
        assert await limited(client.chat_postMessage(channel=APPROVALS.id, text="y")) == "1"
        await client.chat_postMessage(channel=GENERAL.id, text="x")
        await asyncio.sleep(1)
        await client.chat_postMessage(channel=APPROVALS.id, text="y")


async def test_twenty_user_groups_a_minute() -> None:
    async with Sandbox.start(WorkspaceConfig(rate_limits=True, rate_limits_clock=now)) as slack:
        client = client_of(slack)
        for _ in range(20):
            await client.usergroups_users_list(usergroup=MANAGERS.id)
        assert 55 < int(await limited(client.usergroups_users_list(usergroup=MANAGERS.id))) <= 60
        assert (await client.users_info(user=ADA.id))["ok"]


async def test_no_limits_unless_asked_for(slack: Sandbox, client: AsyncWebClient) -> None:
    for _ in range(21):
        await client.usergroups_users_list(usergroup=MANAGERS.id)


async def test_a_person_and_their_direct_messages_are_one_place() -> None:
    async with Sandbox.start(WorkspaceConfig(rate_limits=True, rate_limits_clock=now)) as slack:
        client = client_of(slack)
        posted = await client.chat_postMessage(channel=ADA.id, text="x")
        assert await limited(client.chat_postMessage(channel=posted["channel"], text="y")) == "1"
        assert await limited(client.chat_postMessage(channel=ADA.id, text="y")) == "1"
        await client.chat_postMessage(channel=f"#{APPROVALS.name}", text="x")
        assert await limited(client.chat_postMessage(channel=APPROVALS.id, text="y")) == "1"
        # Other methods have limits of their own, and the channel does not count there.
        for _ in range(50):
            await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="z")
        seconds = await limited(client.chat_update(channel=ADA.id, ts=posted["ts"], text="z"))
        assert 55 < int(seconds) <= 60


async def test_a_call_too_many_does_not_count() -> None:
    async with Sandbox.start(WorkspaceConfig(rate_limits=True, rate_limits_clock=now)) as slack:
        client = client_of(slack)
        await client.chat_postMessage(channel=ADA.id, text="x")
        for _ in range(3):
            await limited(client.chat_postMessage(channel=ADA.id, text="y"))
            await asyncio.sleep(0.4)
        await client.chat_postMessage(channel=ADA.id, text="y")


def test_slacks_tiers() -> None:
    assert RATES["chat.update"] == 50
    for method in ("views.open", "views.publish", "users.info", "files.info"):
        assert RATES[method] == 100
    assert RATES["usergroups.users.list"] == 20
