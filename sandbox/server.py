"""The stand-in Slack and the payment endpoint as one server."""

from aiohttp import web

from sandbox.payments.endpoint import Payments
from sandbox.slack.config import WorkspaceConfig
from sandbox.slack.delivery import Delivery
from sandbox.slack.server import FakeSlack
from sandbox.state_file import StateFile


class Sandbox(FakeSlack):
    """A workspace with a payment endpoint beside it, whose budget the page shows.

    See `FakeSlack` for the arguments.

    Attributes:
        payments: the endpoint, at `/payments`.
    """

    def __init__(
        self,
        config: WorkspaceConfig,
        state_file: StateFile,
        delivery: type[Delivery] = Delivery,
    ) -> None:
        super().__init__(config, state_file, delivery)
        self.payments = Payments(state_file, self.faults, self.workspace.changed)
        self.page.state.panels["payments"] = self.payments.public

    def routes(self) -> list[web.AbstractRouteDef]:
        """List everything that is served."""
        return [*super().routes(), web.post("/payments", self.payments.handle)]

    @property
    def payment_url(self) -> str:
        """Return the address of the payment endpoint, for EXPENSE_PAYMENT_URL."""
        return f"{self.base_url}/payments"
