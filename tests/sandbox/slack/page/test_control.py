"""Control calls, and who may make them."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.config import APPROVALS
from tests.sandbox.conftest import refusal


async def test_asking_for_trouble_and_ending_it(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    url = f"{slack.base_url}/control/faults"
    fault = {"method": "chat.postMessage", "fault": "ratelimited", "seconds": 2, "times": 5}
    async with http.post(url, json=fault) as response:
        assert await response.json() == {"ok": True}
    answer = await refusal(client.chat_postMessage(channel=APPROVALS.id, text="x"))
    assert answer["error"] == "ratelimited"
    async with http.delete(url) as response:
        assert response.status == 200
    await client.chat_postMessage(channel=APPROVALS.id, text="x")
    async with http.get(f"{slack.base_url}/control/calls") as response:
        calls = await response.json()
    assert [call["outcome"] for call in calls] == ["ratelimited", "ok"]
    assert calls[1]["method"] == "chat.postMessage"


async def test_rate_limits_are_switched_on_and_off(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    url = f"{slack.base_url}/control/rate-limits"

    async def switch(on: Any) -> int:
        async with http.post(url, json={"on": on}) as response:
            return response.status

    async def is_on() -> bool:
        async with http.get(url) as response:
            told = await response.json()
            assert told["calls_a_minute"]["chat.update"] == 50
            return bool(told["on"])

    assert not await is_on()
    for _ in range(2):
        assert await switch(True) == 200
        assert await is_on()
        # What was called before the switch does not count.
        await client.chat_postMessage(channel=APPROVALS.id, text="x")
        answer = await refusal(client.chat_postMessage(channel=APPROVALS.id, text="x"))
        assert answer["error"] == "ratelimited"
        assert await switch(False) == 200
        await client.chat_postMessage(channel=APPROVALS.id, text="x")
    assert await switch("yes") == 400
    assert not await is_on()


@pytest.mark.parametrize(
    ("wrong", "body"),
    [
        ("method", {}),
        ("fault", {"method": "chat.update", "fault": "explode"}),
        ("method", {"method": 5, "fault": "hang"}),
        ("seconds", {"method": "*", "fault": "slow", "seconds": "long"}),
        ("seconds", {"method": "*", "fault": "slow", "seconds": -1}),
        ("status", {"method": "*", "fault": "error", "status": 199}),
        ("times", {"method": "*", "fault": "hang", "times": 0}),
    ],
)
async def test_trouble_nobody_understands(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, wrong: str, body: Any
) -> None:
    async with http.post(f"{slack.base_url}/control/faults", json=body) as response:
        assert response.status == 400
        assert (await response.json())["error"].startswith(f"{wrong}: ")
    assert (await client.auth_test())["ok"]


@pytest.mark.parametrize("path", ["/", "/client/state", "/control/calls", "/static/x"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://localhost.evil.example"},
    ],
)
async def test_pages_of_elsewhere_are_refused(
    slack: Sandbox, http: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> None:
    async with http.get(slack.base_url + path, headers=headers) as response:
        assert response.status in (400, 403)
        if response.status == 403:
            assert "only works on this machine" in (await response.json())["error"]


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
async def test_this_machine_is_let_in(
    slack: Sandbox, http: aiohttp.ClientSession, host: str
) -> None:
    headers = {"Host": host, "Origin": f"http://{host}"}
    async with http.get(f"{slack.base_url}/control/calls", headers=headers) as response:
        assert response.status == 200


async def test_the_web_api_is_for_apps_anywhere(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    headers = {"Host": "sandbox:8080", "Authorization": f"Bearer {slack.config.bot_token}"}
    async with http.post(f"{slack.api_url}auth.test", headers=headers) as response:
        assert (await response.json())["ok"]
