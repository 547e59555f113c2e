"""The bot's port: reached over IPv4 and over IPv6, and said to be taken in one line."""

import socket

import aiohttp
import pytest
from aiohttp import web

from bot.domain.errors import SettingsError
from bot.web.server import serving


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


async def test_it_is_reached_over_both_versions_of_ip() -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.add_routes([web.get("/", hello)])
    hosts = ["127.0.0.1", *(["[::1]"] if has_ipv6() else [])]
    listening = serving(app, "::", 0, shutdown_timeout=0.1)
    async with listening as (_, port), aiohttp.ClientSession() as http:
        for host in hosts:
            async with http.get(f"http://{host}:{port}/") as response:
                assert await response.text() == "hello"
        with pytest.raises(SettingsError, match=rf"^PORT {port} cannot be listened on: Address"):
            async with serving(web.Application(), "::", port, shutdown_timeout=0.1):
                pass
