"""A stand-in Slack workspace with a web page, for the demo, the tests and the benchmarks."""

from bot.sandbox.config import Channel, User, UserGroup, WorkspaceConfig
from bot.sandbox.delivery import Ack
from bot.sandbox.errors import ClientRefusal
from bot.sandbox.manifest import Manifest
from bot.sandbox.server import Sandbox

__all__ = [
    "Ack",
    "Channel",
    "ClientRefusal",
    "Manifest",
    "Sandbox",
    "User",
    "UserGroup",
    "WorkspaceConfig",
]
