"""The two kinds of refusals: Slack's to the app, and Slack's client's to a person."""

import json
from typing import Any


class SlackError(Exception):
    """Slack refuses a call of the app.

    Args:
        error: Slack's error string.
        *messages: for response_metadata.
        **fields: further fields of the answer.
    """

    def __init__(self, error: str, *messages: str, **fields: Any) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = [f"[ERROR] {message}" for message in messages]
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """Return the refusal as the Web API answers it."""
        body: dict[str, Any] = {"ok": False, "error": self.error, **self.fields}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


class ClientRefusal(Exception):
    """Slack's own client does not let a person do this; the message is a sentence for them."""


def read_json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        SlackError: invalid_json, or json_not_object.
    """
    try:
        document = json.loads(body)
        if b"\\u" in body:
            # JSON can contain half a surrogate pair, which cannot be encoded and sent on.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise SlackError("invalid_json") from error
    if not isinstance(document, dict):
        raise SlackError("json_not_object")
    return document
