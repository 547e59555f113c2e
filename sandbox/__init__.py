"""Equipment for the demo and the tests, never part of the product.

`sandbox.slack` stands in for Slack, `sandbox.payments` for a company's payment system, and
`sandbox.demo` runs the whole system on one machine. Temporal's workflow sandbox is another thing.
"""

from sandbox.server import Sandbox
from sandbox.slack.config import Channel, User, UserGroup, WorkspaceConfig
from sandbox.slack.delivery import Ack
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.manifest import Manifest

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
