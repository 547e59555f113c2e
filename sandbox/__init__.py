"""A stand-in Slack workspace with a web page, for the demo, the tests and the benchmarks."""

from sandbox.config import Channel, User, UserGroup, WorkspaceConfig
from sandbox.delivery import Ack
from sandbox.errors import ClientRefusal
from sandbox.manifest import Manifest
from sandbox.server import Sandbox

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
