"""A stand-in Slack workspace with a web page, for the demo, the tests and the benchmarks."""

from sandbox.slack.config import Channel, User, UserGroup, WorkspaceConfig
from sandbox.slack.delivery import Ack
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.manifest import Manifest
from sandbox.slack.server import Sandbox

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
