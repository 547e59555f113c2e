"""HTTP(S)_PROXY and NO_PROXY: Slack's SDK knows the first two only."""

import pytest
from aiohttp import ClientProxyConnectionError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.web_client import make_session, make_slack_client
from sandbox import Sandbox


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
async def test_a_proxy_is_used_unless_no_proxy_names_slack(
    monkeypatch: pytest.MonkeyPatch, closed_port: int, name: str
) -> None:
    for other in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    async with Sandbox.start() as slack, make_session() as session:
        given = slack.config.bot_token, slack.api_url, session
        with pytest.raises(ClientProxyConnectionError):
            await make_slack_client(*given).auth_test()
        monkeypatch.setenv("NO_PROXY", "elsewhere.example,127.0.0.1,localhost")
        assert (await make_slack_client(*given).auth_test())["ok"]
        # Bolt makes these for each request, and for each response_url.
        for made in (AsyncWebClient(), AsyncWebhookClient("http://hooks.example")):
            assert made.proxy is None
