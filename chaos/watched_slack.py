"""A stand-in Slack that notes how the app acknowledged what people did."""

from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from chaos.logbook import Act
from sandbox.slack.config import WorkspaceConfig
from sandbox.slack.delivery import TIMEOUT, Ack, Delivery, Kind, Retry
from sandbox.slack.server import FakeSlack
from sandbox.state_file import StateFile

# What a person is doing at the moment; its payload is sent in the same context.
doing: ContextVar[Act | None] = ContextVar("doing", default=None)


class Witness(Delivery):
    """Brings payloads to the app, and notes how it acknowledged them."""

    async def send(
        self, kind: Kind, payload: dict[str, Any], path: str | None, retry: Retry | None = None
    ) -> Ack:
        """Send one payload to the app; see `Delivery.send`."""
        act = doing.get()
        if act:
            act.trigger_id = payload.get("trigger_id", "")
            act.response_url = payload.get("response_url", "")
        ack = await super().send(kind, payload, path, retry)
        if act and act.is_answer_lost:
            ack = replace(ack, status=None, body=None, text="", error=TIMEOUT)
        if act:
            act.is_acknowledged, act.error = ack.ok, ack.error
            if ack.body and ack.body.get("view"):
                act.told += _texts(ack.body["view"])
            elif ack.body and ack.body.get("errors"):
                act.told += [str(text) for text in ack.body["errors"].values()]
            elif ack.body and ack.body.get("text"):
                act.told.append(ack.body["text"])
            elif ack.text:
                act.told.append(ack.text)
        return ack


def _texts(view: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if "text" in block]


class WatchedSlack(FakeSlack):
    """A workspace whose acknowledgements are noted.

    Args:
        config: who and what is in it.
        state_file: keeps what must survive a restart.
    """

    def __init__(self, config: WorkspaceConfig, state_file: StateFile) -> None:
        super().__init__(config, state_file, delivery=Witness)
