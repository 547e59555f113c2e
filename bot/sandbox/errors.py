"""What the stand-in Slack refuses, in Slack's own words."""

from typing import Any


class SlackError(Exception):
    """A refusal: Slack's error string, and what response_metadata says about it."""

    def __init__(self, error: str, *messages: str, **fields: Any) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = [f"[ERROR] {message}" for message in messages]
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """Word the refusal as the Web API answers it."""
        body: dict[str, Any] = {"ok": False, "error": self.error, **self.fields}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


class ClientRefusal(Exception):
    """What Slack's own client does not let a person do, as a sentence for that person."""
