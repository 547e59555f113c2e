"""What the stand-in Slack refuses, in Slack's own words."""

import json
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


def read_json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object or refuse in Slack's words."""
    try:
        document = json.loads(body)
        if b"\\u" in body:
            # JSON can spell half a surrogate pair, which is no text and cannot be sent on.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise SlackError("invalid_json") from error
    if not isinstance(document, dict):
        raise SlackError("json_not_object")
    return document
